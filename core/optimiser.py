"""AdamW and the learning-rate schedule, with all weights in one buffer: one clip, one update, whatever the model.

`torch.optim` is left out on purpose: importing it costs more than a second, its fused kernel can be called directly.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

import torch
from torch import Tensor, nn

from core.models.heads import WordScores
from core.models.kernels import HALF, Linear
from core.spec import TrainSpec

ALIGN = 16  # each parameter starts at a multiple of this many numbers (64 bytes)


def learning_rate(train: TrainSpec, step: int) -> float:
    """The rate of step 0, 1, …: rises over the warm-up, then falls to 0 at the last step (or stays, if constant)."""
    peak, steps = train.learning_rate or 0.0, train.steps or 1
    if step < train.warm_up:
        return peak * (step + 1) / train.warm_up
    done = (step - train.warm_up) / max(1, steps - train.warm_up)  # 0…1
    if train.schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * done))  # Loshchilov & Hutter 2017
    return peak * (1 - done) if train.schedule == "linear" else peak


class Optimiser(Protocol):
    """What moves the weights."""

    def step(self, rate: float) -> Tensor:
        """Move the weights along the gradients that were collected, forget those, return their norm."""

    def state(self) -> dict[str, Tensor]: ...

    def restore(self, state: dict[str, Tensor]) -> None: ...

    def renew(self) -> None: ...


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019) on one flat buffer that all parameters are views of.

    `norm` is the gradient's length before clipping. Matrices decay, biases and norms don't. With `half` each linear
    layer gets a bfloat16 copy of its weight, renewed after each step. `only`: the names of the parameters that it
    moves; None: all. `pull`: λ of λ‖θ − θ₀‖² to where they are now (L2-SP, Li et al. 2018).
    """

    def __init__(
        self,
        model: nn.Module,
        train: TrainSpec,
        half: bool = False,
        only: Collection[str] | None = None,
        pull: float = 0.0,
    ) -> None:
        self.train, self.pull = train, pull
        wanted = {id(one) for name, one in model.named_parameters() if only is None or name in only}
        products: list[Tensor] = [
            one.weight for one in model.modules() if isinstance(one, Linear | WordScores) and id(one.weight) in wanted
        ]
        products = list({id(weight): weight for weight in products}.values())
        first = {id(weight) for weight in products}
        others = [one for one in model.parameters() if id(one) in wanted - first]
        parameters = products + [p for p in others if p.dim() > 1] + [p for p in others if p.dim() < 2]
        ends = _ends(parameters)
        self.decayed = max((end for p, end in zip(parameters, ends, strict=True) if p.dim() > 1), default=0)
        self.weights = parameters[0].new_zeros(ends[-1])
        self.gradient, self.mean, self.square = (torch.zeros_like(self.weights) for _ in range(3))
        self.count = self.weights.new_zeros(())
        for parameter, end in zip(parameters, ends, strict=True):
            _settle(parameter, self.weights, self.gradient, end)
        self.products = ends[len(products) - 1] if products else 0
        self.rounded = self.weights[: self.products].to(HALF) if half else None
        if self.rounded is not None:
            _share(model, self.weights, self.rounded, first)
        self.start = self.weights.clone() if pull else None

    def step(self, rate: float) -> Tensor:
        """Move the weights along the gradients that were collected, forget those, return their norm."""
        norm = self.collect()
        self.move(rate, norm)
        return norm

    @torch.no_grad()
    def collect(self) -> Tensor:
        """The norm of the gradients with all that pulls at the weights."""
        weights = self.weights[: self.decayed]
        if self.train.l1:
            self.gradient[: self.decayed].add_(weights.sign(), alpha=self.train.l1)
        if self.train.l2:
            self.gradient[: self.decayed].add_(weights, alpha=self.train.l2)
        if self.start is not None:
            self.gradient.add_(self.weights - self.start, alpha=2 * self.pull)
        norm: Tensor = self.gradient.norm()
        return norm

    @torch.no_grad()
    def move(self, rate: float, norm: Tensor) -> None:
        """One update; where gradients of this `norm` are too long they are shortened first."""
        if self.train.clip:
            self.gradient.mul_((self.train.clip / (norm + 1e-6)).clamp(max=1.0))
        self.count += 1
        for part, decay in ((slice(None, self.decayed), self.train.weight_decay), (slice(self.decayed, None), 0.0)):
            moved, along, mean, square = (x[part] for x in (self.weights, self.gradient, self.mean, self.square))
            torch._fused_adamw_(
                [moved], [along], [mean], [square], [], [self.count],
                lr=rate, beta1=0.9, beta2=self.train.beta2, weight_decay=decay, eps=1e-8, amsgrad=False, maximize=False,
            )  # fmt: skip
        self.gradient.zero_()
        self.renew()

    def state(self) -> dict[str, Tensor]:
        """A copy of what AdamW remembers, on the CPU."""
        return {name: getattr(self, name).to("cpu", copy=True) for name in ("mean", "square", "count")}

    @torch.no_grad()
    def restore(self, state: dict[str, Tensor]) -> None:
        for name, value in state.items():
            getattr(self, name).copy_(value)

    def renew(self) -> None:
        """Round the weights again after they changed."""
        if self.rounded is not None:
            self.rounded.copy_(self.weights[: self.products])


def _ends(parameters: list[Tensor]) -> list[int]:
    """Where each parameter's room ends in the buffer."""
    ends, end = [], 0
    for parameter in parameters:
        end += math.ceil(parameter.numel() / ALIGN) * ALIGN
        ends.append(end)
    return ends


def _settle(parameter: Tensor, weights: Tensor, gradient: Tensor, end: int) -> None:
    """Move a parameter and its gradient into their rooms of the two buffers."""
    start = end - math.ceil(parameter.numel() / ALIGN) * ALIGN
    room = slice(start, start + parameter.numel())
    weights[room] = parameter.detach().reshape(-1)
    parameter.data = weights[room].view_as(parameter)
    parameter.grad = gradient[room].view_as(parameter)


def _share(model: nn.Module, weights: Tensor, rounded: Tensor, products: set[int]) -> None:
    for one in model.modules():
        if isinstance(one, Linear | WordScores) and id(one.weight) in products:
            start = one.weight.storage_offset() - weights.storage_offset()
            one.rounded = rounded[start : start + one.weight.numel()].view_as(one.weight)
