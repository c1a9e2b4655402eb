"""Attention through all layers: rollout and flow, from the top word to the words that came in. numpy only.

Abnar & Zuidema 2020 ("Quantifying Attention Flow in Transformers", sections 3.1 and 3.2). Both see a layer as a graph:
half of what a word hands on is its own (the residual path), half comes by attention, heads averaged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OWN = 0.5  # share of the residual path
LEAST = 1e-9  # narrower paths carry nothing
AFFORDABLE = 2e6  # numbers (L·T⁴) up to which every word's flow is computed: some seconds


def mixed(attention: np.ndarray) -> np.ndarray:
    """(L, H, T, S) weights -> (L, T, S): ½ mean over heads + ½ I, each row summing to 1."""
    graph = (1 - OWN) * attention.mean(axis=1, dtype=np.float64) + OWN * np.eye(attention.shape[-1])
    return np.asarray(graph / graph.sum(-1, keepdims=True))


def rollout(attention: np.ndarray) -> np.ndarray:
    """(L, H, T, S) -> (L, T, S): of what word t is after layer l, the share that came in at word s.

    The product of the layers' graphs up to l; shares add up over all paths.
    """
    through = np.empty((len(attention), *attention.shape[2:]))
    below = np.eye(attention.shape[-1])
    for layer, graph in enumerate(mixed(attention)):
        below = graph @ below
        through[layer] = below
    return through


def flow(attention: np.ndarray, words: Sequence[int] | None = None) -> np.ndarray:
    """(L, H, T, S) -> (N, S): the largest flow from each of `words` (all) in the top layer down to each word s.

    Every edge carries at most its weight, so a narrow layer holds up what comes through it, where rollout multiplies.
    Maximum flow by the widest augmenting path (Edmonds & Karp 1972, section 1.3), for all s of a word at once.
    """
    graph = mixed(attention)
    asked = range(graph.shape[-1]) if words is None else words
    return np.stack([_flow_from(graph, t) for t in asked])


def affordable(attention: np.ndarray) -> bool:
    """Whether the flows of all words come within some seconds."""
    return bool(attention.shape[0] * attention.shape[-1] ** 4 <= AFFORDABLE)


def _flow_from(graph: np.ndarray, t: int) -> np.ndarray:
    """(S,) the largest flow from word t on top to each word s at the bottom; graph (L, T, S), the top layer last.

    Layer l's edges lead from a word above to one below. `down` (P, L, T, S) is what each edge may still carry, one copy
    for each of the P = S ends; `up` what may be taken back.
    """
    L, T = graph.shape[:2]
    down = np.repeat(graph[::-1][None], T, axis=0)  # from the top down
    up = np.zeros_like(down)
    total, open_ = np.zeros(T), np.arange(T)  # ends that may still get more
    while len(open_):
        width, above = _widest(down[open_], up[open_], t)
        gained = width[:, L][np.arange(len(open_)), open_]
        more = gained > LEAST
        open_ = open_[more]
        total[open_] += gained[more]
        for row, p in enumerate(open_):
            _push(down[p], up[p], above[more][row], L, int(p), gained[more][row])
    return total


def _widest(down: np.ndarray, up: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray]:
    """The widest path from t to every word of every level: widths (P, L+1, T), and from where each was reached.

    `came` (P, L+1, T) holds the word before on the path, minus 1 − s (negative) where it lies one level below.
    """
    P, L, T = down.shape[:3]
    width, came = np.zeros((P, L + 1, T)), np.zeros((P, L + 1, T), dtype=np.int64)
    width[:, 0, t] = np.inf
    while True:
        before = width.copy()
        for level in range(L):  # down one level
            through = np.minimum(width[:, level, :, None], down[:, level])  # (P, T, S)
            _better(width[:, level + 1], came[:, level + 1], through.max(1), through.argmax(1))
        for level in range(L - 1, 0, -1):  # and back up, where something may be taken back
            through = np.minimum(width[:, level + 1, None, :], up[:, level])
            _better(width[:, level], came[:, level], through.max(2), -1 - through.argmax(2))
        if (width[:, 1:] <= before[:, 1:]).all():
            return width, came


def _better(width: np.ndarray, came: np.ndarray, found: np.ndarray, by: np.ndarray) -> None:
    """Keep a wider path where one was found."""
    wider = found > width
    width[wider], came[wider] = found[wider], by[wider]


def _push(down: np.ndarray, up: np.ndarray, came: np.ndarray, level: int, word: int, amount: float) -> None:
    """Send an amount along the path that ends at a word of the lowest level, walking it backwards."""
    while level > 0:
        by = int(came[level, word])
        if by >= 0:
            down[level - 1, by, word] -= amount
            up[level - 1, by, word] += amount
            level, word = level - 1, by
        else:
            below = -1 - by
            up[level, word, below] -= amount
            down[level, word, below] += amount
            level, word = level + 1, below
