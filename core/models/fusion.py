"""Joining two directions: how the state that read leftward context and the one that read rightward context become one.

Schuster & Paliwal 1997 sum or concatenate; ELMo (Peters et al. 2018, section 3.2) mixes with learned scalars; gated
joining is the Gated Multimodal Unit (Arevalo et al. 2017) for two readings of one sentence.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.kernels import Linear


class Join(nn.Module):
    """forward (B, T, D), backward (B, T, D) -> (B, T, D), or (B, T, 2D) for concat. `kind` is in spec.LATE_JOINS."""

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self.kind = kind
        self.width = 2 * width if kind == "concat" else width  # of the result
        if kind == "scalar":
            self.share = nn.Parameter(torch.tensor(0.5))
        if kind in ("gated", "learned"):
            self.both = Linear(2 * width, width)

    def forward(self, f: Tensor, b: Tensor) -> Tensor:
        match self.kind:
            case "concat":
                return torch.cat([f, b], dim=-1)
            case "sum":
                return f + b
            case "mean":
                return (f + b) / 2
            case "product":
                return f * b
            case "max":
                return torch.maximum(f, b)
            case "scalar":
                return self.share * f + (1 - self.share) * b
            case "gated":
                gate = self.both(torch.cat([f, b], dim=-1)).sigmoid()  # g = σ(W[f; b]), (B, T, D)
                kept: Tensor = gate * f + (1 - gate) * b
                return kept
            case "learned":
                mixed: Tensor = self.both(torch.cat([f, b], dim=-1)).tanh()  # tanh(W[f; b]), (B, T, D)
                return mixed
        raise ValueError(f"unknown join {self.kind!r}")
