"""Adapters: a small network behind each part of a layer learns, the layer itself stays (Houlsby et al. 2019)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.kernels import Linear
from core.tuning.inserts import Inserted, blocks, insert


class Adapter(nn.Module):
    """h + W_up GELU(W_down h): through a bottleneck and back, beside a way straight on (section 2.1).

    W_up = 0 at first, so that it changes nothing before it has learned.
    """

    def __init__(self, width: int, bottleneck: int, draw: torch.Generator) -> None:
        super().__init__()
        self.down, self.up = Linear(width, bottleneck), Linear(bottleneck, width)
        with torch.no_grad():
            self.down.weight.normal_(0, 0.7 / math.sqrt(width), generator=draw)
            for zero in (self.down.bias, self.up.weight, self.up.bias):
                zero.zero_()

    def forward(self, h: Tensor) -> Tensor:  # (B, T, D) -> (B, T, D)
        changed: Tensor = h + self.up(F.gelu(self.down(h)))
        return changed


class Adapted(Inserted, Linear):
    """The last map of a layer's part, with an adapter behind it: it stands before the sum with the residual stream."""

    plain, extra = Linear, ("adapter",)
    adapter: Adapter

    def forward(self, x: Tensor) -> Tensor:  # (…, in) -> (…, out)
        result: Tensor = self.adapter(super().forward(x))
        return result


def add_adapters(model: nn.Module, bottleneck: int, draw: torch.Generator) -> None:
    """Two adapters in each layer: one after attention, one after the feed-forward maps."""
    for block in list(blocks(model)):
        for last in (block.attention.output, block.feed_forward.outer):
            insert(last, Adapted, adapter=Adapter(last.out_features, bottleneck, draw))
