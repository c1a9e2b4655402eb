"""The least loss that any model can have on the built-in corpus, by exact inference in the language that wrote it.

A window is a walk through sentences: its state is the place in a sentence and the sentence's hidden causes. Filtering
over all states (Rabiner 1989, §III A) gives the probability of a word from everything before it; filtering backwards,
from everything after it; both together, of a hidden word from both sides. A loss below this is a leak, not a success.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data import grammar
from core.data.contract import IGNORE, Batch
from core.parts.objective import ObjectiveSpec
from core.text import MASK, SPECIAL

CHUNK = 8  # windows at a time: their states stay in the processor's cache


def language(words: tuple[str, ...]) -> np.ndarray | None:
    """(causes, places, V) the built-in language over a tokenizer's words; None if the tokenizer lacks one of them."""
    if not set(grammar.vocabulary()) <= set(words):
        return None
    column = {word: index for index, word in enumerate(grammar.vocabulary())}
    table = grammar.emissions()
    known = [column.get(word, -1) for word in words]
    return np.where(np.array(known) >= 0, table[:, :, known], 0.0)


def least_loss(objective: ObjectiveSpec, batch: Batch, table: np.ndarray) -> float:
    """Mean loss in nats at the scored positions of a framed batch of windows, for the best possible reader.

    `table` (causes, places, V): probability of each word at each place of a sentence; causes are equally likely and
    windows start anywhere. Masked words: the reader allows for swapped words at the drawn rate (exact but for windows
    in which no word was drawn and one was chosen nevertheless).
    """
    words = np.ascontiguousarray(table.transpose(2, 1, 0), dtype=np.float32)  # (V, places, causes)
    parts = (batch.rows(slice(start, start + CHUNK)) for start in range(0, len(batch.tokens), CHUNK))
    losses = [-np.log(_likelihoods(objective, part, words)) for part in parts]
    return float(np.concatenate(losses).mean())


def _likelihoods(objective: ObjectiveSpec, batch: Batch, words: np.ndarray) -> np.ndarray:
    """(N,) probability of each true answer, given all that the best reader may see of the batch."""
    tokens, labels = batch.tokens, batch.labels
    scored = labels != IGNORE
    match objective.name:
        case "masked-word":
            return _filled(objective, tokens, labels, words)
        case "permutation-lm":
            return _in_order(batch, words)
        case "two-way-lm":  # either way without the word at its edge
            return np.concatenate([_next(tokens, words, _ahead), _next(tokens[:, ::-1], words, _back)], axis=None)
        case "previous-word":
            before = _next(np.hstack([labels[:, :1], tokens])[:, ::-1], words, _back)[:, ::-1]
            return np.asarray(before[scored])
    after = _next(np.hstack([tokens, labels[:, -1:]]), words, _ahead)
    return np.asarray(after[scored])  # what follows a prefix has all of it before itself


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
    """(B, T) probability of each token of (B, T+1) windows but the first, given those before it in reading order."""
    evidence = words[window]
    likelihoods: np.ndarray = (_beliefs(evidence, move) * evidence).sum((2, 3))
    return likelihoods[:, 1:]


def _states(evidence: np.ndarray) -> np.ndarray:
    """(B, T, places, causes) probability of each state at t from the evidence (same shape) on both sides of t."""
    state = _beliefs(evidence, _ahead) * _beliefs(evidence[:, ::-1], _back)[:, ::-1]
    return np.asarray(state / state.sum((2, 3), keepdims=True))


def _filled(objective: ObjectiveSpec, tokens: np.ndarray, labels: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Probability of each true word at the chosen positions, given all that is shown."""
    rate, kept = objective.mask_rate, 1 - objective.hidden - objective.swapped
    by_chance = np.float32(objective.swapped / (len(words) - len(SPECIAL)))  # any word, shown instead
    seen, blank = words[tokens], tokens == MASK
    evidence = np.where(blank[..., None, None], 1, (1 - rate + rate * kept) * seen + rate * by_chance)
    chosen = labels != IGNORE
    truth, shown, state = labels[chosen], tokens[chosen], _states(evidence)[chosen]  # (N,), (N,), (N, places, causes)
    fits = (state * words[truth]).sum((1, 2))
    as_shown = by_chance + kept * (state * seen[chosen]).sum((1, 2))
    either = fits * (by_chance + kept * (shown == truth)) / np.where(shown == MASK, 1, as_shown)
    likelihoods: np.ndarray = np.where(shown == MASK, fits, either)
    return likelihoods


def _in_order(batch: Batch, words: np.ndarray) -> np.ndarray:
    """Probability of each guessed word, given those that its blank sees: with that word as against without it."""
    assert batch.sees is not None
    T, likelihoods = batch.tokens.shape[1] // 2, []
    for tokens, labels, sees in zip(batch.tokens[:, :T], batch.labels[:, T:], batch.sees, strict=True):
        asked = np.flatnonzero(labels != IGNORE)
        known = sees[T + asked, :T].astype(np.float32)  # (N, T)
        with_it = known + np.eye(T, dtype=np.float32)[asked]
        likelihoods.append(_of_sets(tokens, np.stack([with_it, known]), words))
    chances = [np.logaddexp.reduce(part, axis=-1) for part in likelihoods]  # (2, N) each
    return np.asarray(np.exp(np.concatenate([with_it - without for with_it, without in chances])))


def _of_sets(tokens: np.ndarray, known: np.ndarray, words: np.ndarray) -> np.ndarray:
    """(..., places) log-probability of some of a window's tokens (T,), `known` (..., T) being 1 there and 0 elsewhere.

    For each place that the window may begin at: its sentences are then independent, each with causes of its own.
    """
    places, t = words.shape[1], np.arange(len(tokens))
    chances = np.zeros((*known.shape[:-1], places))
    with np.errstate(divide="ignore"):
        for first in range(places):
            spoken = np.maximum(np.log(words[tokens, (first + t) % places]), -1e4)  # (T, causes); 0 · −∞ would be lost
            for sentence in np.split(t, np.flatnonzero((first + t[1:]) % places == 0) + 1):
                chances[..., first] += np.log(np.exp(known[..., sentence] @ spoken[sentence]).mean(-1))
    return chances
