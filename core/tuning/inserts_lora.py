"""LoRA: a linear map learns by a product of two thin matrices beside it (Hu et al. 2022, section 4.1)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.kernels import HALF, Linear
from core.tuning.inserts import Inserted, blocks, insert, linears, take_out, zeros


class LowRank(Inserted, Linear):
    """y = x Wᵀ + b + (α/r) x Aᵀ Bᵀ with A = `down` (r, in) and B = `up` (out, r); B = 0 at first, so y is as before.

    Computed as x (W + (α/r) BA)ᵀ + b: for more than a few words that is cheaper than going through both products, and
    W's own gradient, a third of a linear map's work, isn't needed. `share` is α/r.
    """

    plain, extra = Linear, ("down", "up", "share")
    down: Tensor
    up: Tensor
    share: float

    @property
    def merged(self) -> Tensor:
        """W + (α/r) BA, (out, in)."""
        return torch.addmm(self.weight, self.up, self.down, alpha=self.share)

    def forward(self, x: Tensor) -> Tensor:  # (…, in) -> (…, out)
        half = self.rounded is not None
        if not half and not self.training:
            return F.linear(x, self.merged, self.bias)
        result: Tensor = _LowRank.apply(x, self.weight, self.bias, self.down, self.up, self.share, half)
        return result


class _LowRank(torch.autograd.Function):
    """`half`: products in bfloat16, as in `core.models.kernels`."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, down: Tensor, up: Tensor, share: float, half: bool
    ) -> Tensor:
        merged = torch.addmm(weight, up, down, alpha=share)
        ctx.format, ctx.share = x.dtype, share
        if half:
            x, merged, bias, down, up = (one.to(HALF) for one in (x, merged, bias, down, up))
        ctx.save_for_backward(x, merged, down, up)
        return F.linear(x, merged, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        x, merged, down, up = ctx.saved_tensors
        of_x, of_weight, of_bias, of_down, of_up, *_ = ctx.needs_input_grad
        given, read = gradient.to(x.dtype).flatten(0, -2), x.flatten(0, -2)  # (N, out), (N, in)
        return (
            (given @ merged).view(x.shape).to(ctx.format) if of_x else None,
            (given.t() @ read).float() if of_weight else None,
            given.sum(0).float() if of_bias else None,
            ((given @ up).t() @ read).float() * ctx.share if of_down else None,  # (r, in)
            (given.t() @ (read @ down.t())).float() * ctx.share if of_up else None,  # (out, r)
            None,
            None,
        )


def add_lora(model: nn.Module, rank: int, alpha: float, where: str, draw: torch.Generator) -> None:
    """Put LoRA beside the linear maps of every layer: those of "attention", or "all". A is drawn as in Hu's code."""
    for one in (one for block in list(blocks(model)) for one in linears(block, where)):
        bound = 1 / math.sqrt(one.in_features)
        down = nn.Parameter(torch.empty(rank, one.in_features).uniform_(-bound, bound, generator=draw))
        insert(one, LowRank, down=down, up=zeros(one.out_features, rank), share=alpha / rank)


@torch.no_grad()
def merge(model: nn.Module) -> None:
    """W becomes W + (α/r) BA and LoRA is gone: a plain model that says the same and costs what it did before."""
    for one in list(model.modules()):
        if isinstance(one, LowRank):
            one.weight.copy_(one.merged)
            take_out(one)
