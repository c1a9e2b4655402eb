"""Transformer: blocks of attention and feed-forward, stacked. Direction is an argument, not a class.

Left-to-right it is GPT's decoder (Radford et al. 2018), with direction "both" BERT's encoder (Devlin et al. 2019);
layer norm comes first in each part (pre-norm, Xiong et al. 2020).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.attention import Attention
from core.models.kernels import Linear
from core.models.tap import Tap


class FeedForward(nn.Module):
    """The same two linear maps at every word, GELU between them (Vaswani et al. 2017, section 3.3)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.inner = Linear(width, hidden)
        self.outer = Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, D) -> (B, T, D)
        result: Tensor = self.outer(F.gelu(self.inner(x)))
        return result


class Block(nn.Module):
    """One layer: words look at each other, then each thinks for itself. Both parts add to the residual stream."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, direction: str, tap: Tap) -> Tensor:  # (B, T, D) -> (B, T, D)
        x = x + self.dropout(self.attention(self.attention_norm(x), direction, tap))
        x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        tap.keep("state", x)
        return x


class Transformer(nn.Module):
    """A stack of blocks with a layer norm on top."""

    def __init__(self, width: int, layers: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads, hidden, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, direction: str, tap: Tap) -> Tensor:  # (B, T, D) -> (B, T, D)
        for number, block in enumerate(self.blocks):
            x = block(x, direction, tap.at(number))
        normed: Tensor = self.norm(x)
        return normed


def sinusoids(length: int, width: int) -> Tensor:
    """(T, D) fixed positions: sines and cosines of falling frequency (Vaswani et al. 2017, section 3.5)."""
    position = torch.arange(length)[:, None]  # (T, 1)
    frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))  # (D/2,)
    angle = position * frequency  # (T, D/2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :width]
