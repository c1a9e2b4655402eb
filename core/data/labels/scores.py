"""How well classes are told: who is taken for whom, and F1 over classes that count alike."""

from __future__ import annotations

import numpy as np


def confusion(truth: np.ndarray, said: np.ndarray, K: int) -> np.ndarray:
    """(K, K) how often class i was taken for class j."""
    table: np.ndarray = np.bincount(truth * K + said, minlength=K * K).reshape(K, K)
    return table


def macro_f1(table: np.ndarray) -> float:
    """The mean F1 of the classes that occur or are said, from a confusion table: rare ones count as much as common."""
    right, together = np.diag(table), table.sum(0) + table.sum(1)
    there = together > 0
    return float((2 * right[there] / together[there]).mean()) if there.any() else 0.0


def f1_of(table: np.ndarray, k: int) -> float:
    """The harmonic mean of precision and recall of class k (van Rijsbergen 1979), from a confusion table."""
    together = table[:, k].sum() + table[k].sum()
    return float(2 * table[k, k] / together) if together else 0.0
