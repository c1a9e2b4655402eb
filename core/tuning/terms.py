"""What a strategy adds to the task's loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from core.objectives import Question, answer, encoded

if TYPE_CHECKING:
    from core.tuning.loop import Tuning


PRACTICE = 6  # the stream of random draws, beside those of core.training


class Term(Protocol):
    def __call__(self, tuning: Tuning, question: Question, states: Tensor) -> Tensor:
        """A loss in nats or of its own unit, a scalar; `states` (B, T, D') of the fine-tuned model."""


class Closeness:
    """How far the fine-tuned and the pretrained model's states of the same sentences are apart, times λ.

    "contrast", InfoNCE with the batch's other sentences as negatives (van den Oord et al. 2018, eq. 4; symmetric as in
    Radford et al. 2021): ½[CE(f pᵀ/τ, I) + CE(p fᵀ/τ, I)] of the unit vectors f and p. Without negatives ("squared",
    ‖f − p‖²/D, or "cosine", 1 − f·p) both may simply shrink to one point. `flow`: who moves; the other is held fast.
    """

    def __init__(self, weight: float, temperature: float, distance: str, flow: str) -> None:
        self.weight, self.temperature, self.distance, self.flow = weight, temperature, distance, flow

    def __call__(self, tuning: Tuning, question: Question, states: Tensor) -> Tensor:
        model = tuning.tuned
        assert model.partner is not None
        with torch.set_grad_enabled(self.flow != "to fine-tuned"):
            pretrained = mean_state(encoded(model.partner, question), question.lengths)  # (B, D')
        tuned = mean_state(states, question.lengths)
        if self.flow == "to pretrained":
            tuned = tuned.detach()
        return self.weight * self.apart(tuned, pretrained)

    def apart(self, f: Tensor, p: Tensor) -> Tensor:  # (B, D') each -> scalar
        if self.distance == "squared":
            return (f - p).square().mean()
        f, p = F.normalize(f, dim=-1), F.normalize(p, dim=-1)
        if self.distance == "cosine":
            return (1 - (f * p).sum(-1)).mean()
        near = f @ p.T / self.temperature  # (B, B) its own sentence stands on the diagonal
        own = torch.arange(len(f), device=f.device)
        return (F.cross_entropy(near, own) + F.cross_entropy(near.T, own)) / 2


class Practice:
    """The pretraining objective on fresh sentences of its own data, times μ; of the model beside with `of_partner`."""

    def __init__(self, weight: float, of_partner: bool = False) -> None:
        self.weight, self.of_partner = weight, of_partner

    def __call__(self, tuning: Tuning, question: Question, states: Tensor) -> Tensor:
        rehearsed = tuning.past.batch(len(question.tokens), tuning.draws(PRACTICE))
        if self.of_partner:
            assert tuning.tuned.partner is not None
            return self.weight * answer(tuning.tuned.partner, rehearsed)[0]
        with tuning.past.head(tuning.tuned):
            return self.weight * answer(tuning.tuned, rehearsed)[0]


def mean_state(states: Tensor, lengths: Tensor | None) -> Tensor:  # (B, T, D') -> (B, D')
    """The mean over a sentence's real words."""
    if lengths is None:
        return states.mean(1)
    real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # (B, T)
    return (states * real[..., None]).sum(1) / lengths[:, None]
