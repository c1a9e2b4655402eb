"""Which cells fire on a span of words, and where else the same ones do (LSTMVis, Strobelt et al. 2018). numpy only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SHARE = 0.75  # of the chosen cells that must fire together for a match


class Match(NamedTuple):
    """Words `first` … `last` of a sentence; `share` of the chosen cells fire throughout; higher is better."""

    row: int
    first: int
    last: int
    share: float


def firing(states: np.ndarray, first: int, last: int, threshold: float, alone: bool = False) -> np.ndarray:
    """The cells (N,) whose state is at least `threshold` on every word first … last; states (T, D).

    `alone`: and below it on the word before and on the word after, so that they fire for the span and nothing else.
    """
    on = states >= threshold  # (T, D)
    chosen = on[first : last + 1].all(0)
    if alone:
        for edge in (first - 1, last + 1):
            if 0 <= edge < len(states):
                chosen &= ~on[edge]
    return np.flatnonzero(chosen)


def matches(
    states: np.ndarray, real: np.ndarray, cells: np.ndarray, threshold: float, length: int, most: int = 20
) -> list[Match]:
    """Where in states (B, T, D) at least SHARE of the cells fire, longest runs of words; real (B, T) bool.

    Best first: most cells together throughout, then nearest in length to the span. One run is one match.
    """
    if not len(cells):
        return []
    share = (states[:, :, cells] >= threshold).mean(-1) * real  # (B, T)
    found = []
    for row, shares in enumerate(share):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], shares >= SHARE, [0]]).astype(int)))
        for first, end in edges.reshape(-1, 2):
            found.append(Match(row, int(first), int(end) - 1, float(shares[first:end].min())))
    found.sort(key=lambda one: (-one.share, abs(one.last - one.first + 1 - length), one.row, one.first))
    return found[:most]
