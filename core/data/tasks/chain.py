"""Markov chains with a known habit: the same seed gives the same chain on every machine and numpy version.

`RandomState` streams are frozen for good, `Generator.dirichlet` isn't, so the gamma draws are spelled out here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

NEVER_ZERO = 5e-5  # added to every transition: nothing is impossible, so every sentence has a probability


def _uniforms(seed: int) -> Iterator[float]:
    """Numbers in [0, 1) from 53 bits of the Mersenne Twister."""
    twister = np.random.RandomState(seed)
    while True:
        high, low = (int(part) for part in twister.randint(0, 2**32, 2, dtype=np.uint32))
        yield ((high << 32 | low) & (2**53 - 1)) / 2**53


def _normals(uniform: Iterator[float]) -> Iterator[float]:
    """Standard normal numbers, two from each pair of uniform ones (Box & Muller 1958)."""
    while True:
        angle, radius = 2 * math.pi * next(uniform), math.sqrt(-2 * math.log1p(-next(uniform)))
        yield radius * math.cos(angle)
        yield radius * math.sin(angle)


def _gamma(shape: float, uniform: Iterator[float], normal: Iterator[float]) -> float:
    """One gamma number by rejection (Marsaglia & Tsang 2000, §2 and its note for shapes below 1)."""
    scale = (1 - next(uniform)) ** (1 / shape) if shape < 1 else 1.0
    d = (shape + 1 if shape < 1 else shape) - 1 / 3
    c = 1 / math.sqrt(9 * d)
    while True:
        x = next(normal)
        v = (1 + c * x) ** 3
        if v > 0 and math.log(1 - next(uniform)) < 0.5 * x * x + d * (1 - v + math.log(v)):
            return scale * d * v


@lru_cache(maxsize=16)
def chain(S: int, alpha: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Transition rows (S, S), each drawn from Dirichlet(alpha), and the stationary distribution (S,)."""
    uniform = _uniforms(seed)
    normal = _normals(uniform)
    rows = np.array([[_gamma(alpha, uniform, normal) for _ in range(S)] for _ in range(S)])
    rows = rows / rows.sum(1, keepdims=True) + NEVER_ZERO
    rows /= rows.sum(1, keepdims=True)
    balance = np.vstack([rows.T - np.eye(S), np.ones(S)])
    start = np.linalg.lstsq(balance, np.append(np.zeros(S), 1.0), rcond=None)[0]
    return rows, start
