"""Transformer: blocks of attention and feed-forward, stacked. Direction is an argument, not a class.

Left-to-right it is GPT's decoder (Radford et al. 2018), with direction "both" BERT's encoder (Devlin et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from core.models.attention import Attention, allow
from core.models.kernels import Linear
from core.models.memory import Memory
from core.models.tap import Tap
from core.spec import ModelSpec

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu-tanh": partial(F.gelu, approximate="tanh"),
    "relu": F.relu,
}


def norm(spec: ModelSpec) -> nn.Module:
    """Layer norm (Ba et al. 2016), or RMS norm, which leaves the mean alone (Zhang & Sennrich 2019)."""
    width = spec.sizes.width
    return (nn.RMSNorm if spec.norm == "rms" else nn.LayerNorm)(width, eps=spec.norm_epsilon)


class FeedForward(nn.Module):
    """The same linear maps at every word, an activation between them (Vaswani et al. 2017, section 3.3).

    SwiGLU (Shazeer 2020): half of the inner map's units gate the other half by SiLU.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        width, hidden = spec.sizes.width, spec.sizes.feed_forward
        self.activation = ACTIVATIONS.get(spec.activation)  # None: SwiGLU
        self.inner = Linear(width, hidden if self.activation else 2 * hidden)
        self.outer = Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, D) -> (B, T, D)
        inner = self.inner(x)
        if self.activation:
            inner = self.activation(inner)
        else:
            gate, value = inner.chunk(2, dim=-1)
            inner = F.silu(gate) * value
        result: Tensor = self.outer(inner)
        return result


class Block(nn.Module):
    """One layer: words look at each other, then each thinks for itself. Both parts add to the residual stream.

    The norm stands before each part (pre-norm, Xiong et al. 2020) or after its sum (post-norm, Vaswani et al. 2017).
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.first = spec.norm_place == "pre"
        self.attention_norm = norm(spec)
        self.attention = Attention(spec)
        self.feed_forward_norm = norm(spec)
        self.feed_forward = FeedForward(spec)
        self.dropout = nn.Dropout(spec.dropout)

    def forward(self, x: Tensor, direction: str, tap: Tap, allowed: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D). `allowed` (B, 1, T, S): who sees whom in each row, in place of the direction."""
        if self.first:
            x = x + self.dropout(self.attention(self.attention_norm(x), direction, tap, allowed))
            x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        else:
            x = self.attention_norm(x + self.dropout(self.attention(x, direction, tap, allowed)))
            x = self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))
        tap.keep("state", x)
        return x

    def read_on(self, x: Tensor, memory: Memory, layer: int) -> Tensor:  # (B, T, D) -> (B, T, D)
        """`forward` from left to right for new words alone; those before are in memory."""
        if self.first:
            x = x + self.attention.read_on(self.attention_norm(x), memory, layer)
            result: Tensor = x + self.feed_forward(self.feed_forward_norm(x))
        else:
            x = self.attention_norm(x + self.attention.read_on(x, memory, layer))
            result = self.feed_forward_norm(x + self.feed_forward(x))
        return result


class Transformer(nn.Module):
    """A stack of blocks; with pre-norm one more norm on top, which post-norm already has."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(spec) for _ in range(spec.sizes.layers))
        self.window = spec.window
        self.norm = norm(spec) if spec.norm_place == "pre" else nn.Identity()
        self.recomputes = False

    def forward(self, x: Tensor, direction: str, tap: Tap, sees: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D). `sees` (B, 1 or T, S) bool narrows what the direction allows, row by row."""
        allowed = None if sees is None else allow(direction, self.window, sees)
        for number, block in enumerate(self.blocks):
            if self.recomputes and self.training and not tap.alive:
                x = checkpoint(block, x, direction, tap, allowed, use_reentrant=False)
            else:
                x = block(x, direction, tap.at(number), allowed)
        normed: Tensor = self.norm(x)
        return normed

    def read_on(self, x: Tensor, memory: Memory) -> Tensor:  # (B, T, D) -> (B, T, D)
        for number, block in enumerate(self.blocks):
            x = block.read_on(x, memory, number)  # type: ignore[operator]
        normed: Tensor = self.norm(x)
        return normed
