"""What reads in one direction or in both: a stack of layers, what tells it word order, and which words are real."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.positions import sinusoids
from core.models.recurrent import LSTM
from core.models.transformer import Transformer
from core.spec import ModelSpec


def seen(lengths: Tensor | None, sees: Tensor | None, T: int) -> Tensor | None:
    """(B, 1 or T, S) bool: real words only, and of these what `sees` allows; None where all of that is everything."""
    if lengths is None:
        return sees
    real = (torch.arange(T, device=lengths.device) < lengths[:, None])[:, None]  # (B, 1, S)
    return real if sees is None else sees & real


def positions_of(spec: ModelSpec, length: int) -> Tensor | None:
    if spec.family == "lstm" or spec.positions in ("rotary", "alibi", "none"):
        return None  # an LSTM knows order by reading in order; rotary positions and ALiBi live in attention
    if spec.positions == "sinusoidal":
        return nn.Buffer(sinusoids(length, spec.sizes.width), persistent=False)
    return nn.Parameter(torch.empty(length, spec.sizes.width))


def stack_of(spec: ModelSpec) -> Transformer | LSTM:
    s = spec.sizes
    if spec.family == "lstm":
        return LSTM(s.width, s.layers, spec.dropout, interleaved=spec.two_way and not spec.late)
    return Transformer(spec)
