"""What a model that reads left to right keeps of the words it has read, so that it computes each word once.

A Transformer keeps every word's key and value in each layer (the KV cache); an LSTM keeps one state and one cell. A
two-way model can't keep anything: each new word changes what all words before it mean.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Memory:
    """`length` words have been read. Layers that read on put their keys and values, or their state, here by name.

    All of it has the rows of a batch first.
    """

    def __init__(self) -> None:
        self.length = 0
        self.kept: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (B, G, S, d) of all words so far, the new ones (B, G, T, d) included."""
        if layer in self.kept:
            before = self.kept[layer]
            key, value = torch.cat([before[0], key], dim=-2), torch.cat([before[1], value], dim=-2)
        self.kept[layer] = key, value
        return key, value

    def select(self, rows: Tensor) -> None:
        """Go on with these rows (N',) in this order; one may come more than once, as beams do."""
        self.kept = {layer: (a[rows], b[rows]) for layer, (a, b) in self.kept.items()}
