"""Linear probes: what a straight line through hidden states can tell of a word, its neighbours, or the answer.

A probe shows what is available in a state, not what the model uses; an untrained model's states carry a lot already,
so its probe stands beside (Hewitt & Liang 2019; Alain & Bengio 2017). numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

RIDGE = 1.0  # penalty on the squared weights, beside a sum over words
TRAINED_ON = 0.7  # share of the sentences; the rest tests
OFFSETS = tuple(range(-4, 5))  # current word 0, previous −1, next +1
FEWEST = 20  # words to learn from, and a quarter of it to test on


class Ridge(NamedTuple):
    """Scores x (N, D) @ weights (D, K) + bias (K,); the highest wins. `classes` (K,) are the targets' values."""

    weights: np.ndarray
    bias: np.ndarray
    classes: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ self.weights + self.bias)

    def guess(self, x: np.ndarray) -> np.ndarray:  # (N, D) -> (N,)
        return np.asarray(self.classes[self.scores(x).argmax(-1)])


class Probed(NamedTuple):
    """What one probe found: its accuracy on sentences that it didn't learn from, and what the commonest answer gets."""

    accuracy: float
    chance: float
    n: int  # words tested


def fit(x: np.ndarray, y: np.ndarray, ridge: float = RIDGE) -> Ridge:
    """Ridge regression of +1 for the right class and −1 for the others on states x (N, D), y (N,), in closed form.

    W = (XᵀX + λI)⁻¹ XᵀY on centred columns (Hoerl & Kennard 1970); the same as scikit-learn's RidgeClassifier. XᵀY is
    twice the sum of each class's states, so no (N, K) table of targets is needed.
    """
    order = np.argsort(y, kind="stable")
    classes, starts, counts = np.unique(y[order], return_index=True, return_counts=True)
    mean = x.mean(0)
    centred = x - mean
    sums = np.add.reduceat(centred[order], starts)  # (K, D)
    gram = centred.T @ centred
    gram.flat[:: len(gram) + 1] += ridge
    weights = np.linalg.solve(gram, 2 * sums.T)  # (D, K)
    return Ridge(weights, 2 * counts / len(y) - 1 - mean @ weights, classes)


def probe(x: np.ndarray, y: np.ndarray, tests: np.ndarray, ridge: float = RIDGE) -> Probed | None:
    """Learn from the rows that `tests` (N,) bool leaves, judge on those; None where there is too little of either."""
    learn = ~tests
    if learn.sum() < FEWEST or tests.sum() < FEWEST // 4:
        return None
    right = fit(x[learn], y[learn], ridge).guess(x[tests]) == y[tests]
    values, counts = np.unique(y[learn], return_counts=True)
    return Probed(float(right.mean()), float((y[tests] == values[counts.argmax()]).mean()), int(tests.sum()))


def set_apart(rows: int, share: float = TRAINED_ON) -> np.ndarray:
    """(B,) bool: the last sentences are for the test, whole sentences, so that no neighbour gives an answer away."""
    return np.arange(rows) >= round(rows * share)


def probe_offsets(
    states: Sequence[np.ndarray], tokens: np.ndarray, real: np.ndarray, offsets: Sequence[int] = OFFSETS
) -> Iterator[tuple[int, int, Probed | None]]:
    """(layer, place in `offsets`, what was found) for every layer's states (B, T, D): which word stands at t + offset?

    tokens (B, T), real (B, T) bool (no padding). One at a time, so that whoever waits can be told how far it is.
    """
    B, T = tokens.shape
    tests = np.broadcast_to(set_apart(B)[:, None], (B, T))
    for layer, x in enumerate(states):
        for number, o in enumerate(offsets):
            here = slice(max(0, -o), min(T, T - o))  # places whose neighbour is inside
            there = slice(here.start + o, here.stop + o)
            both = real[:, here] & real[:, there]
            yield layer, number, probe(x[:, here][both], tokens[:, there][both], tests[:, here][both])


def probe_places(
    states: Sequence[np.ndarray], labels: np.ndarray, real: np.ndarray
) -> Iterator[tuple[int, int, Probed | None]]:
    """(layer, t, what was found): the sentence's label (B,) from the state of the word at place t alone."""
    B, T = real.shape
    tests = set_apart(B)
    for layer, x in enumerate(states):
        for t in range(T):
            rows = real[:, t]
            yield layer, t, probe(x[rows, t], labels[rows], tests[rows])


def probe_labels(
    states: Sequence[np.ndarray], labels: np.ndarray, asked: np.ndarray
) -> Iterator[tuple[int, int, Probed | None]]:
    """(layer, 0, what was found): the label (B, T) of each asked word (B, T) bool from its own state."""
    B, T = labels.shape
    tests = np.broadcast_to(set_apart(B)[:, None], (B, T))
    for layer, x in enumerate(states):
        yield layer, 0, probe(x[asked], labels[asked], tests[asked])
