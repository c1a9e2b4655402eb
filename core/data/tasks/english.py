"""Words and draws that several games share."""

from __future__ import annotations

import numpy as np


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


FILLERS = words("the a then and so it was there here still oh with some very just also again once while now")


def inner(rng: np.random.Generator, n: int, length: int) -> np.ndarray:
    """(n,) positions with at least one neighbour on each side."""
    return rng.integers(1, length - 1, n)


def left_of(rng: np.random.Generator, at: np.ndarray) -> np.ndarray:
    """(n,) positions, uniform over those left of `at`."""
    where: np.ndarray = (rng.random(len(at)) * at).astype(np.int64)
    return where


def right_of(rng: np.random.Generator, at: np.ndarray, length: int) -> np.ndarray:
    """(n,) positions, uniform over those right of `at`."""
    where: np.ndarray = at + 1 + (rng.random(len(at)) * (length - 1 - at)).astype(np.int64)
    return where
