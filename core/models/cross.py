"""Cross-attention: a word that is being written looks at the words that were read.

Three ways to measure which word fits: by a small network (additive, Bahdanau et al. 2015, A.1.2), by a product through
a learned matrix (multiplicative, Luong et al. 2015, section 3.1 "general"), and by scaled dot products in many heads
(Vaswani et al. 2017, section 3.2.3). Over two encoders (two-way) each has queries of its own, and the two contexts
stand side by side: a decoder can't have read what isn't written, so both queries come from what it has written so far.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.kernels import Linear
from core.models.tap import Tap
from core.spec import ModelSpec


class Encoded(NamedTuple):
    """What was read. `states`: one encoder's (B, S, D'); for a two-way crossing a backward and a forward encoder's."""

    states: tuple[Tensor, ...]
    lengths: Tensor | None = None  # (B,) real words of each row; None: no padding

    @property
    def real(self) -> Tensor | None:
        """(B, S) bool: what isn't padding; None: everything is real."""
        if self.lengths is None:
            return None
        return torch.arange(self.states[0].shape[1], device=self.lengths.device) < self.lengths[:, None]

    @property
    def pooled(self) -> Tensor:
        """(B, D'), the mean over real words of all states side by side."""
        together = torch.cat(self.states, dim=-1)
        if self.lengths is None:
            return together.mean(1)
        weights = self.real[..., None].to(together)  # type: ignore[index]
        return (together * weights).sum(1) / weights.sum(1)

    def rows(self, some: Tensor) -> Encoded:
        """Some of the sentences, (N,) indices; one may come more than once."""
        lengths = None if self.lengths is None else self.lengths[some]
        return Encoded(tuple(one[some] for one in self.states), lengths)


class Read(NamedTuple):
    """What one decoder layer needs of the words that were read; computed once, however much is written."""

    key: Tensor  # (B, H, S, d), or (B, S, D) for an LSTM
    value: Tensor  # the same shape, or (B, S, D')

    def rows(self, some: Tensor) -> Read:
        return Read(self.key[some], self.value[some])


class CrossAttention(nn.Module):
    """Heads that look from the decoder at what was read; `widths` of the states of each encoder, H heads for each."""

    def __init__(self, spec: ModelSpec, widths: tuple[int, ...]) -> None:
        super().__init__()
        width, self.each = spec.sizes.width, spec.sizes.heads
        self.query = Linear(width, len(widths) * width)
        self.key_value = nn.ModuleList(Linear(given, 2 * width) for given in widths)
        self.output = Linear(len(widths) * width, width)

    def read(self, encoded: Encoded) -> Read:
        """Keys and values (B, H, S, d); two encoders give heads of their own, 2H in all."""
        pairs = [
            apart(layer(states), 2 * self.each) for layer, states in zip(self.key_value, encoded.states, strict=True)
        ]
        halves = [pair.chunk(2, dim=1) for pair in pairs]
        key, value = (torch.cat([half[i] for half in halves], dim=1) for i in range(2))
        return Read(key, value)

    def forward(self, x: Tensor, read: Read, real: Tensor | None, tap: Tap) -> Tensor:
        """(B, T, D) -> (B, T, D). `real` (B, S): which words aren't padding."""
        query = apart(self.query(x), read.key.shape[1])  # (B, H, T, d)
        shown = None if real is None else real[:, None, None]  # (B, 1, 1, S)
        if tap.alive:
            scores = query @ read.key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # (B, H, T, S)
            weights = (scores if shown is None else scores.masked_fill(~shown, -math.inf)).softmax(-1)
            tap.keep("cross", weights)
            gathered = weights @ read.value
        else:
            gathered = F.scaled_dot_product_attention(query, read.key, read.value, attn_mask=shown)
        result: Tensor = self.output(gathered.transpose(1, 2).flatten(2))
        return result


def apart(x: Tensor, heads: int) -> Tensor:
    """(B, T, H·d) -> (B, H, T, d)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


class Alignment(nn.Module):
    """How an LSTM decoder chooses where to look: scores of its state s against every state h that was read.

    "additive": vᵀ tanh(W s + U h), "multiplicative": sᵀ W h. No bias is added to a score: softmax wouldn't notice.
    """

    def __init__(self, scoring: str, width: int, given: int) -> None:
        super().__init__()
        self.key = Linear(given, width)
        self.query = Linear(width, width) if scoring == "additive" else None
        self.fit = nn.Parameter(torch.empty(1, width)) if scoring == "additive" else None

    def read(self, states: Tensor) -> Read:
        return Read(self.key(states), states)

    def forward(self, s: Tensor, read: Read, real: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, T, D) -> context (B, T, D'), what was read weighted by how well it fits, and the weights (B, T, S)."""
        if self.query is not None and self.fit is not None:
            summed = self.query(s)[:, :, None] + read.key[:, None]  # (B, T, S, D)
            scores = summed.tanh() @ self.fit[0]  # (B, T, S)
        else:
            scores = s @ read.key.transpose(-2, -1)
        weights = (scores if real is None else scores.masked_fill(~real[:, None], -math.inf)).softmax(-1)
        return weights @ read.value, weights
