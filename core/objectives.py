"""What is learned and how it is measured: cross-entropy and accuracy at the scored positions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.data.contract import IGNORE, Batch
from core.models.build import Model
from core.models.kernels import linear_cross_entropy

CHUNK = 16_384  # tokens that are evaluated at once


class Question(NamedTuple):
    """A batch as tensors on one device: N scored positions, whoever asks for them (a game, a hidden word)."""

    tokens: Tensor  # (B, T)
    scored: Tensor | None  # (N,) indices into the flattened B·T positions; None: all of them
    targets: Tensor  # (N,) class or word


def ask(batch: Batch, device: torch.device) -> Question:
    labels = batch.labels.reshape(-1)  # (B·T,)
    scored = np.flatnonzero(labels != IGNORE)  # (N,)
    everywhere = len(scored) == len(labels)
    place = lambda array: torch.from_numpy(np.ascontiguousarray(array)).to(device)  # noqa: E731
    return Question(place(batch.tokens), None if everywhere else place(scored), place(labels[scored]))


def answer(model: Model, question: Question, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """(mean cross-entropy in nats, how many of the N answers are right), both scalars.

    `smoothing` spreads that share of each target evenly over all classes (Szegedy et al. 2016, section 7).
    """
    states = model.encode(model.embed(question.tokens)).flatten(0, 1)  # (B·T, D')
    if question.scored is not None:
        states = states.index_select(0, question.scored)  # (N, D')
    return linear_cross_entropy(model.read_out.features(states), model.read_out.scores, question.targets, smoothing)


@torch.no_grad()
def evaluate(model: Model, batch: Batch, device: torch.device) -> dict[str, float]:
    """{"loss": nats, "accuracy": 0…1, "n": scored positions} over a whole batch, dropout off."""
    training, loss, right, n = model.training, 0.0, 0.0, 0
    model.eval()
    rows = max(1, CHUNK // batch.tokens.shape[1])
    for start in range(0, len(batch.tokens), rows):
        part = Batch(batch.tokens[start : start + rows], batch.labels[start : start + rows])
        question = ask(part, device)
        here, hits = answer(model, question)
        loss += float(here) * len(question.targets)
        right += float(hits)
        n += len(question.targets)
    model.train(training)
    return {"loss": loss / n, "accuracy": right / n, "n": n}
