"""Attention: every word gathers from the words that it may see (Vaswani et al. 2017, section 3.2)."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.direction import visible
from core.models.kernels import HALF, Linear, attention
from core.models.tap import Tap


def attend(query: Tensor, key: Tensor, value: Tensor, direction: str) -> tuple[Tensor, Tensor]:
    """softmax(QKᵀ/√d) V over the visible words: (B, H, T, d) each -> (output (B, H, T, d), weights (B, H, T, S))."""
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # (B, H, T, S)
    may_see = torch.from_numpy(visible(direction, query.shape[-2])).to(query.device)  # (T, S)
    weights = scores.masked_fill(~may_see, -math.inf).softmax(dim=-1)  # (B, H, T, S), each row sums to 1
    return weights @ value, weights


def attend_fast(query: Tensor, key: Tensor, value: Tensor, direction: str) -> Tensor:
    """The same output by PyTorch's fused kernel, which never holds the weights."""
    if direction == "right-to-left":  # the causal kernel on the sentence read backwards
        query, key, value = query.flip(-2), key.flip(-2), value.flip(-2)
        return F.scaled_dot_product_attention(query, key, value, is_causal=True).flip(-2)
    return F.scaled_dot_product_attention(query, key, value, is_causal=direction == "left-to-right")


@cache
def added_mask(direction: str, length: int) -> Tensor | None:
    """(T, S) to add to scores: 0 where t may see s, −∞ where not; None where everything is visible."""
    if direction == "both":
        return None
    hidden = torch.from_numpy(~visible(direction, length))
    return torch.zeros(length, length, dtype=HALF).masked_fill(hidden, -math.inf)


class Attention(nn.Module):
    """Multi-head self-attention. `direction` says which words are visible; nothing else differs."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = Linear(width, 3 * width)  # three linear maps of the same input, side by side
        self.output = Linear(width, width)

    def forward(self, x: Tensor, direction: str, tap: Tap) -> Tensor:  # (B, T, D) -> (B, T, D)
        together = self.query_key_value(x)  # (B, T, 3D)
        result: Tensor = self.output(self.gather(together, direction, tap))
        return result

    def gather(self, together: Tensor, direction: str, tap: Tap) -> Tensor:  # (B, T, 3D) -> (B, T, D)
        if self.query_key_value.rounded is not None and not tap.alive:
            return attention(together, self.heads, added_mask(direction, together.shape[1]))
        B, T, D = together.shape
        split = together.view(B, T, 3, self.heads, D // (3 * self.heads))  # every head gets a share of the width
        query, key, value = split.permute(2, 0, 3, 1, 4)  # (B, H, T, d) each
        if tap.alive:
            gathered, weights = attend(query, key, value, direction)  # (B, H, T, d), (B, H, T, S)
            tap.keep("attention", weights)
        else:
            gathered = attend_fast(query, key, value, direction)
        return gathered.transpose(1, 2).flatten(2)  # the heads side by side again
