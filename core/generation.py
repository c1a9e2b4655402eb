"""Models that write: word by word in the direction that they read, or into the blanks of a sentence.

Only a one-way model can write on and on: a two-way model was never asked to do without the other side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.data.contract import IGNORE, Batch, Source
from core.events import Sampled
from core.models.build import Model
from core.text import MASK, SPECIAL

GIVEN, WRITTEN = 8, 24  # tokens of a sample that are shown to the model, and that it writes


class Word(NamedTuple):
    """A token that a model chose, and the probability that it gave it."""

    token: int
    probability: float


@torch.no_grad()
def continue_text(
    model: Model, ids: np.ndarray, n: int, rng: np.random.Generator, temperature: float = 1.0
) -> Iterator[Word]:
    """Write `n` tokens after `ids` (T',), one at a time; a right-to-left model writes those before, nearest first.

    Each is drawn from softmax(logits / temperature); temperature 0 takes the likeliest. Raises ValueError for a
    two-way model.
    """
    if model.spec.two_way:
        raise ValueError("A two-way model can't write on: it needs the words that are not written yet.")
    backwards = model.spec.direction == "right-to-left"
    text = [int(token) for token in ids]
    for _ in range(n):
        window = text[: model.length] if backwards else text[-model.length :]
        edge = 0 if backwards else len(window) - 1  # the word next to the one that is written
        chosen = _choose(_scores(model, window, np.array([edge]))[0], rng, temperature)
        text = [chosen.token, *text] if backwards else [*text, chosen.token]
        yield chosen


@torch.no_grad()
def fill_blanks(model: Model, ids: np.ndarray) -> list[Word]:
    """The likeliest token for each [mask] in `ids` (T',), each on its own, from left to right."""
    blanks = np.flatnonzero(ids == MASK)
    if not len(blanks):
        return []
    none = np.random.default_rng(0)  # nothing is drawn at temperature 0
    return [_choose(row, none, 0.0) for row in _scores(model, ids, blanks)]


def _scores(model: Model, ids: np.ndarray | list[int], at: np.ndarray) -> Tensor:
    """(len(at), V) logits at some positions of one sentence, with the special tokens ruled out."""
    device = next(model.parameters()).device
    tokens = torch.as_tensor(np.asarray(ids), device=device)[None]  # (1, T')
    logits: Tensor = model(tokens, torch.from_numpy(at).to(device)).logits.float().cpu()
    logits[:, : len(SPECIAL)] = -torch.inf
    return logits


def _choose(logits: Tensor, rng: np.random.Generator, temperature: float) -> Word:
    """Draw from (V,) logits by the inverse of the cumulative distribution."""
    chances = logits.double().softmax(-1).numpy()
    if temperature == 0:
        token = int(chances.argmax())
    else:
        heated = (logits.double() / temperature).softmax(-1).numpy().cumsum()
        token = int(np.searchsorted(heated, rng.random() * heated[-1], side="right"))
    return Word(token, float(chances[token]))


def sample(step: int, model: Model, source: Source, held_out: Batch, rng: np.random.Generator) -> Sampled:
    """What the model writes now, beside the truth: the first held-out text continued, or its blanks filled.

    `held_out` is framed: (B, T) tokens, labels what the model is asked for. In `given` a filled text shows its blanks;
    `written`, `probabilities` and `truth` have one entry for each blank, or for each token that was written.
    """
    training, tokens, labels = model.training, held_out.tokens[0], held_out.labels[0]
    g = min(GIVEN, len(tokens) // 2)
    n = min(WRITTEN, len(tokens) + 1 - g)
    model.eval()
    if model.spec.two_way:
        asked = labels != IGNORE
        given, truth = np.where(asked, MASK, tokens), labels[asked]
        written = fill_blanks(model, given)
    elif model.spec.direction == "left-to-right":
        given, truth = tokens[:g], labels[g - 1 : g - 1 + n]
        written = list(continue_text(model, given, n, rng))
    else:
        given, truth = tokens[-g:], labels[len(labels) + 1 - g - n : len(labels) + 1 - g]
        written = list(continue_text(model, given, n, rng))[::-1]  # in reading order
    model.train(training)
    name = source.words.__getitem__
    chances = [one.probability for one in written]
    return Sampled(step, [*map(name, given)], [name(one.token) for one in written], chances, [*map(name, truth)])
