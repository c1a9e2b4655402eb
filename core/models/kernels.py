"""The same arithmetic, faster: matrix products in bfloat16, and a loss that never holds all of its logits.

A linear layer is three matrix products: the output, the gradient of its input, the gradient of its weight. On CPUs with
bfloat16 matrix instructions each of them runs 3 to 10 times as fast on rounded numbers. So inside a block numbers are
bfloat16; what is learned, what is summed over layers (the residual stream), norms and the loss stay float32 (mixed
precision, Micikevicius et al. 2018). A layer without a rounded copy of its weight computes in float32.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HALF = torch.bfloat16
CHUNK = 2**21  # logits that are held at once
ROWS = (
    64  # rounded rows come in multiples of this: each new size of a product is compiled anew, which takes a millisecond
)


class Linear(nn.Linear):
    """y = x Wᵀ + b. `rounded` is W in bfloat16, renewed by the optimiser after each step; None: plain float32."""

    rounded: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:  # (…, in) -> (…, out)
        if self.rounded is None:
            return F.linear(x, self.weight, self.bias)
        result: Tensor = _RoundedLinear.apply(x, self.weight, self.bias, self.rounded)
        return result


class LastMap(Protocol):
    """What the loss needs of a read-out's last linear map."""

    rounded: Tensor | None

    @property
    def weight(self) -> Tensor: ...

    @property
    def bias(self) -> Tensor: ...


class _RoundedLinear(torch.autograd.Function):
    """x (…, in) in either format -> (…, out) in bfloat16; the gradients of weight and bias are float32.

    Each gradient is computed only where something learns by it: frozen weights cost neither time nor memory.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, rounded: Tensor) -> Tensor:
        half = x.to(HALF)
        ctx.save_for_backward(half if ctx.needs_input_grad[1] else None, rounded)
        ctx.format = x.dtype
        return F.linear(half, rounded, bias.to(HALF))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        half, rounded = ctx.saved_tensors
        of_x, of_weight, of_bias, _ = ctx.needs_input_grad
        given = gradient.to(HALF).flatten(0, -2)  # (N, out)
        return (
            (given @ rounded).view(*gradient.shape[:-1], -1).to(ctx.format) if of_x else None,
            (given.t() @ half.flatten(0, -2)).float() if of_weight else None,  # (out, in)
            given.sum(0).float() if of_bias else None,
            None,
        )


def attention(query_key_value: Tensor, heads: int, mask: Tensor | None) -> Tensor:
    """Attention in bfloat16: (B, T, 3D) -> (B, T, D). `mask` (T, S) is added to the scores: 0 or −∞."""
    result: Tensor = _RoundedAttention.apply(query_key_value, heads, mask)
    return result


class _RoundedAttention(torch.autograd.Function):
    """PyTorch's fused CPU kernel is slow backwards; batches of small bfloat16 products are 2 to 3 times as fast."""

    @staticmethod
    def forward(ctx: Any, query_key_value: Tensor, heads: int, mask: Tensor | None) -> Tensor:
        B, T, d = *query_key_value.shape[:2], query_key_value.shape[2] // (3 * heads)
        apart = query_key_value.view(B, T, 3, heads, d).permute(2, 0, 3, 1, 4)  # (3, B, H, T, d)
        query, key, value = apart.reshape(3, B * heads, T, d)
        query *= d**-0.5
        scores = torch.bmm(query, key.mT) if mask is None else torch.baddbmm(mask, query, key.mT)  # (B·H, T, S)
        weights = scores.softmax(-1)
        ctx.save_for_backward(query, key, value, weights)
        return torch.bmm(weights, value).view(B, heads, T, d).transpose(1, 2).reshape(B, T, heads * d)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        query, key, value, weights = ctx.saved_tensors  # (B·H, T, d) three times, (B·H, T, S)
        (B, T, D), d = gradient.shape, query.shape[-1]
        given = gradient.view(B, T, D // d, d).transpose(1, 2).reshape(-1, T, d)
        of_weights = torch.bmm(given, value.mT)
        of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_query = torch.bmm(of_scores, key).mul_(d**-0.5)
        of_key, of_value = torch.bmm(of_scores.mT, query), torch.bmm(weights.mT, given)
        together = gradient.new_empty(B, T, 3, D // d, d)
        for place, part in enumerate((of_query, of_key, of_value)):
            together[:, :, place] = part.view(B, D // d, T, d).transpose(1, 2)
        return together.view(B, T, 3 * D), None, None


def linear_cross_entropy(x: Tensor, layer: LastMap, targets: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """The last linear map and the loss in one: x (N, D), targets (N,) -> (mean cross-entropy in nats, right answers).

    `smoothing` spreads that share of each target evenly over all classes (Szegedy et al. 2016, section 7).
    """
    result: tuple[Tensor, Tensor] = _LinearCrossEntropy.apply(
        x, layer.weight, layer.bias, layer.rounded, targets, smoothing, torch.is_grad_enabled()
    )
    return result


class _LinearCrossEntropy(torch.autograd.Function):
    """Some rows at a time, forward and backward at once: the gradient of the logits is softmax − target, so a chunk of
    logits is used up as soon as it is there, and all N × K of them never exist (Hsu et al. 2024, Liger Kernel)."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        rounded: Tensor | None,
        targets: Tensor,
        smoothing: float,
        learns: bool,
    ) -> tuple[Tensor, Tensor]:
        N, K = len(x), len(weight)
        half = x.float() if rounded is None else F.pad(x.to(HALF), (0, 0, 0, -N % ROWS))
        table = weight if rounded is None else rounded
        loss, right = x.new_zeros((), dtype=torch.float32), x.new_zeros((), dtype=torch.long)
        needs = [learns and need for need in ctx.needs_input_grad[:3]]  # x, weight, bias: what is frozen needs none
        of_x = torch.empty_like(half) if needs[0] else None
        of_weight = torch.zeros_like(weight) if needs[1] else None
        of_bias = torch.zeros_like(bias) if needs[2] else None
        for start in range(0, N, rows := max(ROWS, CHUNK // K)):
            some, target = half[start : start + rows], targets[start : start + rows, None]
            logits = F.linear(some, table)[: len(target)].float().add_(bias)  # (n, K)
            chances = logits.softmax(-1)
            top = logits.amax(-1, keepdim=True)
            size = top - chances.amax(-1, keepdim=True).log()  # log of the sum of exponentials, (n, 1)
            wanted = logits.gather(-1, target)
            # argmax is slow; while learning, the few ties that rounding makes may count as right
            right += (wanted >= top).sum() if learns else (logits.argmax(-1, True) == target).sum()
            loss += (size - (1 - smoothing) * wanted).sum()
            if smoothing:
                loss -= smoothing * logits.mean(-1).sum()
                chances -= smoothing / K
            if any(needs):
                chances.scatter_add_(-1, target, chances.new_full(target.shape, smoothing - 1))
                error = chances if rounded is None else F.pad(chances.to(HALF), (0, 0, 0, len(some) - len(target)))
                if of_x is not None:
                    torch.mm(error, table, out=of_x[start : start + rows])
                if of_weight is not None:
                    of_weight += error.t() @ some
                if of_bias is not None:
                    of_bias += chances.sum(0)
        ctx.save_for_backward(None if of_x is None else of_x[:N], of_weight, of_bias)
        ctx.format, ctx.count = x.dtype, N
        ctx.mark_non_differentiable(right)
        return loss / N, right

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        scale = gradient / ctx.count
        of_x, of_weight, of_bias = (None if one is None else one * scale for one in ctx.saved_tensors)
        return None if of_x is None else of_x.to(ctx.format), of_weight, of_bias, None, None, None, None
