"""What is learned and how it is measured: cross-entropy and accuracy at the scored positions."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.contract import IGNORE, Batch
from core.models.build import Model, Network
from core.models.kernels import linear_cross_entropy
from core.models.seq2seq import Seq2Seq

CHUNK = 16_384  # tokens that are evaluated at once


class Question(NamedTuple):
    """A batch as tensors on one device: N scored positions, whoever asks for them (a game, a hidden word).

    With `answers` and no scored position, each whole row is asked for its class instead.
    """

    tokens: Tensor  # (B, T)
    scored: Tensor | None  # (N,) indices into the flattened B·T positions; None: all of them
    targets: Tensor  # (N,) class or word
    lengths: Tensor | None = None  # (B,)
    kinds: Tensor | None = None  # (B, T)
    sees: Tensor | None = None  # (B, T, T)
    answers: Tensor | None = None  # (B,)
    places: Tensor | None = None  # (B, T)
    source: Tensor | None = None  # (B, S)
    source_lengths: Tensor | None = None  # (B,)

    @property
    def asked(self) -> int:
        """How many answers are wanted."""
        return len(self.targets) if len(self.targets) or self.answers is None else len(self.answers)


def ask(batch: Batch, device: torch.device) -> Question:
    def place(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    labels = batch.labels.reshape(-1)  # (B·T,)
    scored = np.flatnonzero(labels != IGNORE)  # (N,)
    everywhere = len(scored) == len(labels)
    names = ("lengths", "kinds", "sees", "answers", "places", "source", "source_lengths")
    more = {name: getattr(batch, name) for name in names}
    given = {name: place(array) for name, array in more.items() if array is not None}
    return Question(place(batch.tokens), None if everywhere else place(scored), place(labels[scored]), **given)


def answer(model: Network, question: Question, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """(mean cross-entropy in nats, how many of the N answers are right), both scalars.

    Where words and whole rows are asked for, both losses are added (Devlin et al. 2019, appendix A.2), and the words'
    answers are counted. `smoothing` spreads that share of each target evenly over all classes (Szegedy et al. 2016,
    section 7).
    """
    if isinstance(model, Seq2Seq):
        return translate(model, question, smoothing)
    return judged(model, question, encoded(model, question), smoothing)


def encoded(model: Model, question: Question) -> Tensor:
    """(B, T, D') the states of a question's words."""
    embedded = model.embed(question.tokens, kinds=question.kinds, places=question.places)
    return model.encode(embedded, question.lengths, question.sees)


def judged(model: Model, question: Question, states: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """`answer` from the states (B, T, D') that a model has of a question's words."""
    whole = None
    if question.answers is not None:
        pooled = model.read_out.features(model.pool(states, question.lengths))  # (B, D')
        whole = linear_cross_entropy(pooled, model.read_out.scores, question.answers, smoothing)
        if not len(question.targets):
            return whole
    states, head = model.read(states).flatten(0, 1), model.filler or model.read_out  # (B·T, D')
    if question.scored is not None:
        states = states.index_select(0, question.scored)  # (N, D')
    loss, right = linear_cross_entropy(head.features(states), head.scores, question.targets, smoothing)
    return loss if whole is None else loss + whole[0], right


def translate(model: Seq2Seq, question: Question, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """The same for a decoder that is given the true words. Of two directions the mean: half the sum of both losses.

    Who fills blanks also learns how many words there will be, and that loss is added (Ghazvininejad et al. 2019, §3.3).
    """
    assert question.source is not None
    encoded = model.read(question.source, question.source_lengths)
    states = model.teach(encoded, question.tokens, question.lengths).flatten(0, 1)  # (B·T, D)
    if question.scored is not None:
        states = states.index_select(0, question.scored)
    features = model.read_out.features(states)
    loss, right = linear_cross_entropy(features, model.read_out.scores, question.targets, smoothing)
    if model.words_ahead is not None and question.lengths is not None:
        loss = loss + F.nll_loss(model.guess_length(encoded), question.lengths - 1)
    return loss, right


def evaluate(model: Network, batch: Batch, device: torch.device) -> dict[str, float]:
    """{"loss": nats, "accuracy": 0…1, "n": answers asked for} over a whole batch, dropout off.

    Of two directions apart: the means of both, and "loss_next" and "loss_previous" of each. Of hidden words and pairs:
    the sum of their losses, the words' accuracy, and "pair_loss" and "pair_accuracy".
    """
    if isinstance(model, Seq2Seq):
        return measure(model, batch, device)
    if model.filler is not None:
        words = measure(model, replace(batch, answers=None), device)
        pair = measure(model, replace(batch, labels=np.full_like(batch.labels, IGNORE)), device)
        more = {"pair_loss": pair["loss"], "pair_accuracy": pair["accuracy"]}
        return {**words, "loss": words["loss"] + pair["loss"], **more}
    if not model.apart:
        return measure(model, batch, device)
    T = batch.tokens.shape[1]
    forward = np.arange(2 * T) < T
    halves = [replace(batch, labels=np.where(half, batch.labels, IGNORE)) for half in (forward, ~forward)]
    next_, previous = (measure(model, half, device) for half in halves)
    n = next_["n"] + previous["n"]
    both = {name: (next_[name] * next_["n"] + previous[name] * previous["n"]) / n for name in ("loss", "accuracy")}
    return {**both, "n": n, "loss_next": next_["loss"], "loss_previous": previous["loss"]}


@torch.no_grad()
def log_chances(model: Network, batch: Batch, device: torch.device) -> np.ndarray:
    """(N, K) log-probabilities of the classes wherever a batch asks, or for each of its rows; dropout off."""
    assert not isinstance(model, Seq2Seq)
    training, found = model.training, []
    model.eval()
    rows = max(1, CHUNK // batch.tokens.shape[1])
    for start in range(0, len(batch.tokens), rows):
        question = ask(batch.rows(slice(start, start + rows)), device)
        states = model.encode(model.embed(question.tokens, kinds=question.kinds), question.lengths, question.sees)
        if question.answers is not None:
            states = model.pool(states, question.lengths)  # (B, D')
        elif question.scored is not None:
            states = states.flatten(0, 1)[question.scored]  # (N, D')
        found.append(model.read_out(states).flatten(0, -2).float().log_softmax(-1).cpu().numpy())
    model.train(training)
    return np.concatenate(found)


@torch.no_grad()
def measure(model: Network, batch: Batch, device: torch.device) -> dict[str, float]:
    """Mean loss and accuracy over all that a batch asks for, and how much that is."""
    training, loss, right, n = model.training, 0.0, 0.0, 0
    model.eval()
    rows = max(1, CHUNK // batch.tokens.shape[1])
    for start in range(0, len(batch.tokens), rows):
        question = ask(batch.rows(slice(start, start + rows)), device)
        if not question.asked:
            continue
        here, hits = answer(model, question)
        loss += float(here) * question.asked
        right += float(hits)
        n += question.asked
    model.train(training)
    return {"loss": loss / n, "accuracy": right / n, "n": n}
