"""What kind of head it is: scores that are means of attention weights, each with its formula. numpy only.

Clark et al. 2019 ("What Does BERT Look At?", section 3) find such heads in BERT: previous and next word, [SEP], itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

MARKS = ("[CLS]", "[SEP]", "<s>", "</s>", "<|endoftext|>")
PUNCTUATION = frozenset(".,;:!?—-…。，；：！？、")
CLEAR = 0.5  # share of its weight that makes a head one of a kind (Clark et al. 2019, section 3.2)
OVER_EVEN = 2.0  # and how often as much as a head that spreads its weight evenly


@dataclass(frozen=True)
class Kind:
    """`where`: (T, S) bool, the words s that make a head of this kind for word t; rows without one don't count."""

    label: str
    formula: str
    story: str
    where: Callable[[Sequence[str]], np.ndarray]


def _shifted(by: int) -> Callable[[Sequence[str]], np.ndarray]:
    return lambda words: np.eye(len(words), k=by, dtype=bool)


def _first(words: Sequence[str]) -> np.ndarray:
    where = np.zeros((len(words), len(words)), dtype=bool)
    where[1:, :1] = True
    return where


def _same(words: Sequence[str]) -> np.ndarray:
    names = np.asarray(words, dtype=object)
    return np.asarray((names[:, None] == names[None, :]) & ~np.eye(len(words), dtype=bool))


def _delimiter(words: Sequence[str]) -> np.ndarray:
    marks = np.array([word in MARKS or word.removeprefix("##") in PUNCTUATION for word in words], dtype=bool)
    return np.broadcast_to(marks, (len(words), len(words))) & ~np.eye(len(words), dtype=bool)


KINDS: dict[str, Kind] = {
    "previous": Kind(
        label="previous word",
        formula="mean over t of A[t, t−1]",
        story="Each word reads the one before it.",
        where=_shifted(-1),
    ),
    "next": Kind(
        label="next word",
        formula="mean over t of A[t, t+1]",
        story="Each word reads the one after it.",
        where=_shifted(1),
    ),
    "self": Kind(
        label="itself",
        formula="mean over t of A[t, t]",
        story="Each word reads itself.",
        where=_shifted(0),
    ),
    "first": Kind(
        label="first word",
        formula="mean over t > 0 of A[t, 0]",
        story="All look at the first word: often a place to rest where there is nothing to read.",
        where=_first,
    ),
    "same": Kind(
        label="same word",
        formula="mean over t of Σ A[t, s] over s ≠ t with the same word",
        story="Each word reads its other occurrences.",
        where=_same,
    ),
    "delimiter": Kind(
        label="delimiter",
        formula="mean over t of Σ A[t, s] over s ≠ t that are [CLS], [SEP] or punctuation",
        story="All look at what separates sentences and their parts.",
        where=_delimiter,
    ),
}


def kinds_of(
    weights: np.ndarray, allowed: np.ndarray, words: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (N, L, H) in the order of KINDS, an even spread's (N, L), and the kind of each head (L, H), −1: none.

    weights (L, H, T, S), allowed (L, T, S) bool. Words that may see one word only have no choice and don't count; a
    score is nan where the sentence has nothing to tell by, such as no word twice.
    """
    choice = allowed.sum(-1) > 1  # (L, T)
    scores = np.full((len(KINDS), *weights.shape[:2]), np.nan)
    spread = np.full((len(KINDS), len(weights)), np.nan)
    wheres = np.stack([kind.where(words) for kind in KINDS.values()])  # (N, T, S)
    for layer, (heads, may_see, chooses) in enumerate(zip(weights, allowed, choice, strict=True)):
        counts = chooses & wheres.any(-1)  # (N, T)
        rows = np.where(counts.any(-1), counts.sum(-1), np.nan)[:, None]  # (N, 1)
        asked = (wheres & counts[..., None]).astype(weights.dtype)
        scores[:, layer] = summed(heads, asked).T / rows
        spread[:, layer] = summed(even_of(may_see)[None].astype(weights.dtype), asked)[0] / rows[:, 0]
    return scores, spread, _clearest(scores, spread)


def summed(weights: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """(H, T, S) weights, (N, T, S) what each counts for -> (H, N) Σ weights · asked, as one matrix product."""
    return np.asarray(weights.reshape(len(weights), -1) @ asked.reshape(len(asked), -1).T)


def even_of(allowed: np.ndarray) -> np.ndarray:
    """(T, S) the weights of a head that spreads evenly over what it may see."""
    return np.asarray(allowed / np.maximum(allowed.sum(-1, keepdims=True), 1))


def _clearest(scores: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(L, H) the kind with the highest score, where that is clear; else −1."""
    clear = (scores >= CLEAR) & (scores >= OVER_EVEN * spread[..., None])  # (N, L, H)
    best = np.where(clear, scores, -1.0).argmax(0)
    return np.where(clear.any(0), best, -1)
