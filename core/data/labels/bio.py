"""Names as tags: B- begins one, I- goes on, O is outside (IOB2; Ramshaw & Marcus 1995, Tjong Kim Sang & Veenstra 1999).

Nothing here is learned: there is no CRF (Lafferty et al. 2001). A model's tags are its likeliest ones word by word,
made legal afterwards; or the likeliest legal row, by Viterbi under the scheme's hard rules alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

TAG = re.compile(r"O|[BI]-.+")
Span = tuple[str, int, int]  # type, first word, first word after it


def is_bio(tags: Sequence[str]) -> bool:
    """Do these tags name spans? At least one begins or goes on, and none is of another scheme."""
    return all(TAG.fullmatch(tag) for tag in tags) and any(tag != "O" for tag in tags)


def goes_on(before: str, tag: str) -> bool:
    """May this tag follow that one? Only I- asks for something: the same type before it."""
    return not tag.startswith("I-") or (before[:2] in ("B-", "I-") and before[2:] == tag[2:])


def repaired(tags: Sequence[str]) -> list[str]:
    """The same tags with every I- that continues nothing made to begin, as conlleval reads it."""
    legal: list[str] = []
    for tag in tags:
        legal.append(tag if goes_on(legal[-1] if legal else "O", tag) else f"B-{tag[2:]}")
    return legal


def spans(tags: Sequence[str]) -> list[Span]:
    """The names in a row of tags, legal or not."""
    found: list[Span] = []
    for t, tag in enumerate(repaired(tags)):
        if tag.startswith("B-"):
            found.append((tag[2:], t, t + 1))
        elif tag.startswith("I-"):
            found[-1] = (*found[-1][:2], t + 1)
    return found


def span_scores(truth: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> dict[str, float]:
    """Precision, recall and F1 of whole names over all sentences: type and both ends must be right (conlleval)."""
    right = wanted = found = 0
    for true, given in zip(truth, said, strict=True):
        theirs, ours = set(spans(true)), set(spans(given))
        right, wanted, found = right + len(theirs & ours), wanted + len(theirs), found + len(ours)
    precision, recall = right / found if found else 0.0, right / wanted if wanted else 0.0
    f1 = 2 * right / (wanted + found) if wanted + found else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def steps(tags: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(K, K) may tag j follow tag i, and (K,) may tag j come first."""
    follows = np.array([[goes_on(before, tag) for tag in tags] for before in tags])
    return follows, np.array([goes_on("O", tag) for tag in tags])


def likeliest(scores: np.ndarray, lengths: np.ndarray, tags: Sequence[str]) -> np.ndarray:
    """(B, T) the legal rows of tags with the largest sums of scores (B, T, K): Viterbi (1967), with nothing learned.

    Of each row, what stands after its length (B,) means nothing.
    """
    follows, first = steps(tags)
    hard, (B, T, K) = np.where(follows, 0.0, -np.inf), scores.shape
    best, came = scores[:, 0] + np.where(first, 0.0, -np.inf), np.zeros((B, T, K), dtype=np.int64)
    for t in range(1, T):
        ways = best[:, :, None] + hard  # (B, K, K)
        over = (t >= lengths)[:, None]  # nothing changes any more
        came[:, t] = np.where(over, np.arange(K), ways.argmax(1))
        best = np.where(over, best, ways.max(1) + scores[:, t])
    rows = np.empty((B, T), dtype=np.int64)
    rows[:, -1] = best.argmax(1)
    for t in range(T - 1, 0, -1):
        rows[:, t - 1] = came[np.arange(B), t, rows[:, t]]
    return rows


def decoded(scores: np.ndarray, lengths: np.ndarray, tags: Sequence[str], way: str) -> list[list[str]]:
    """Sentences' tags from their scores (B, T, K). `way`: the likeliest "repaired", or the "likeliest legal" row."""
    rows = likeliest(scores, lengths, tags) if way == "likeliest legal" and is_bio(tags) else scores.argmax(2)
    said = [[tags[k] for k in row[:length]] for row, length in zip(rows, lengths, strict=True)]
    return [repaired(row) for row in said] if is_bio(tags) else said
