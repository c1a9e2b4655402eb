"""The least loss that any model can have on the built-in corpus, by exact inference in the language that wrote it.

A window is a walk through sentences: its state is the place in a sentence and the sentence's hidden causes. Filtering
over all states (Rabiner 1989, §III A) gives the probability of a word from everything before it; filtering backwards,
from everything after it; both together, of a hidden word from both sides. A loss below this is a leak, not a success.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data import grammar
from core.data.batches import HIDDEN, SWAPPED, Objective
from core.data.contract import IGNORE, Batch
from core.text import MASK, SPECIAL

KEPT = 1 - HIDDEN - SWAPPED
CHUNK = 8  # windows at a time: their states stay in the processor's cache


def language(words: tuple[str, ...]) -> np.ndarray | None:
    """(causes, places, V) the built-in language over a tokenizer's words; None if the tokenizer lacks one of them."""
    if not set(grammar.vocabulary()) <= set(words):
        return None
    column = {word: index for index, word in enumerate(grammar.vocabulary())}
    table = grammar.emissions()
    known = [column.get(word, -1) for word in words]
    return np.where(np.array(known) >= 0, table[:, :, known], 0.0)


def least_loss(objective: Objective, batch: Batch, table: np.ndarray) -> float:
    """Mean loss in nats at the scored positions of a framed batch of windows, for the best possible reader.

    `table` (causes, places, V): probability of each word at each place of a sentence; causes are equally likely and
    windows start anywhere. Masked words: the reader allows for swapped words at the drawn rate (exact but for windows
    in which no word was drawn and one was chosen nevertheless).
    """
    words = np.ascontiguousarray(table.transpose(2, 1, 0), dtype=np.float32)  # (V, places, causes)
    losses = []
    for start in range(0, len(batch.tokens), CHUNK):
        tokens, labels = batch.tokens[start : start + CHUNK], batch.labels[start : start + CHUNK]
        if objective.name == "masked-word":
            likelihoods = _filled(tokens, labels, words, objective.mask_rate)
        elif objective.name == "next-word":
            likelihoods = _next(np.hstack([tokens, labels[:, -1:]]), words, _ahead)
        else:
            likelihoods = _next(np.hstack([labels[:, :1], tokens])[:, ::-1], words, _back)
        losses.append(-np.log(likelihoods))
    return float(np.concatenate(losses).mean())


def _ahead(belief: np.ndarray) -> np.ndarray:
    """(B, places, causes) one place on; after the last place a new sentence with causes of its own begins."""
    fresh = np.broadcast_to(belief[:, -1:].mean(2, keepdims=True), (*belief.shape[:1], 1, belief.shape[2]))
    return np.concatenate([fresh, belief[:, :-1]], axis=1)


def _back(belief: np.ndarray) -> np.ndarray:
    """(B, places, causes) one place back; before the first place another sentence ended."""
    return _ahead(belief[:, ::-1])[:, ::-1]


def _beliefs(evidence: np.ndarray, move: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """(B, T, places, causes) probability of each state at t from the evidence (same shape) before t."""
    belief = np.full_like(evidence[:, 0], 1 / evidence[0, 0].size)
    beliefs = np.empty_like(evidence)
    for t in range(evidence.shape[1]):
        beliefs[:, t] = belief
        belief = belief * evidence[:, t]
        belief = move(belief / belief.sum((1, 2), keepdims=True))
    return beliefs


def _next(window: np.ndarray, words: np.ndarray, move: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Probability of each token of (B, T+1) windows but the first, given those before it in reading order."""
    evidence = words[window]
    likelihoods: np.ndarray = (_beliefs(evidence, move) * evidence).sum((2, 3))
    return likelihoods[:, 1:].ravel()


def _filled(tokens: np.ndarray, labels: np.ndarray, words: np.ndarray, rate: float) -> np.ndarray:
    """Probability of each true word at the chosen positions, given all that is shown."""
    hidden = (tokens == MASK)[..., None, None]
    by_chance = np.float32(SWAPPED / (len(words) - len(SPECIAL)))  # any word, shown instead
    seen = words[tokens]
    evidence = np.where(hidden, 1, (1 - rate + rate * KEPT) * seen + rate * by_chance)
    state = _beliefs(evidence, _ahead) * _beliefs(evidence[:, ::-1], _back)[:, ::-1]
    state /= state.sum((2, 3), keepdims=True)
    chosen = labels != IGNORE
    truth, shown, state = labels[chosen], tokens[chosen], state[chosen]  # (N,), (N,), (N, places, causes)
    fits = (state * words[truth]).sum((1, 2))
    as_shown = by_chance + KEPT * (state * seen[chosen]).sum((1, 2))
    likelihoods: np.ndarray = np.where(shown == MASK, fits, fits * (by_chance + KEPT * (shown == truth)) / as_shown)
    return likelihoods
