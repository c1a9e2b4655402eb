"""How a Transformer knows word order: added to the words, turned into queries and keys, or taken off the scores."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor


def sinusoids(length: int, width: int) -> Tensor:
    """(T, D) fixed positions: sines and cosines of falling frequency (Vaswani et al. 2017, section 3.5)."""
    position = torch.arange(length)[:, None]  # (T, 1)
    frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))  # (D/2,)
    angle = position * frequency  # (T, D/2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :width]


@cache
def _turns(length: int, width: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine (T, d/2) of the angle by which each pair of numbers is turned at each position."""
    frequency = 10_000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)  # (d/2,)
    angle = torch.arange(length)[:, None] * frequency
    return angle.cos(), angle.sin()


def turned(x: Tensor, first: int = 0) -> Tensor:
    """Rotary positions (Su et al. 2021, section 3.2): x (…, T, d), the words from position `first` on.

    Each pair (x_i, x_{i+d/2}) is turned by its position times its frequency. A query's product with a key then depends
    on how far apart they are, not on where they stand.
    """
    T, d = x.shape[-2:]
    cosine, sine = (table[first:].to(x) for table in _turns(first + T, d))
    a, b = x.chunk(2, dim=-1)  # (…, T, d/2) each
    return torch.cat([a * cosine - b * sine, b * cosine + a * sine], dim=-1)


def slopes(heads: int) -> Tensor:
    """(H,) how fast each head's interest falls with distance (ALiBi, Press et al. 2022, section 3): 2^(−8h/H)."""
    return 2.0 ** (-8.0 * torch.arange(1, heads + 1) / heads)


def distances(length: int) -> Tensor:
    """(T, S) words between t and s, whichever comes first."""
    t = torch.arange(length)
    return (t[:, None] - t[None, :]).abs()
