"""Models that write: word by word in the direction that they read, or into the blanks of a sentence.

What a model was asked for decides: one that guesses the next word writes on, one that fills blanks can't. A model that
learned to copy its answer (core.cheating) writes too, but here the answer isn't there yet, and nonsense comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from core.data.contract import IGNORE, Batch, Source
from core.decoding.beam import search
from core.decoding.choosing import Choice
from core.decoding.continuing import Continuation, spoken
from core.decoding.greedy import write
from core.decoding.trace import Decoded, Step
from core.events import Sampled
from core.models.build import Model
from core.parts import OBJECTIVE_OF
from core.text import MASK, SPECIAL

GIVEN, WRITTEN = 8, 24  # tokens of a sample that are shown to the model, and that it writes


class Word(NamedTuple):
    """A token that a model chose, and the probability that it gave it."""

    token: int
    probability: float


def continue_text(
    model: Model,
    ids: np.ndarray,
    n: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
    objective: str | None = None,
    remembers: bool = True,
) -> Iterator[Word]:
    """Write `n` tokens after `ids` (T',), one at a time; who guesses the previous word writes before, nearest first.

    Each is drawn from softmax(logits / temperature); temperature 0 takes the likeliest. `objective` is the honest one
    of the model's direction unless given. With `remembers`, a left-to-right model reads each word once, as long as the
    text fits into its context; the words are the same. Raises ValueError for an objective that fills blanks.
    """
    chosen = Choice(temperature)
    for event in write(_continuation(model, ids, objective, remembers), n, chosen, rng):
        if isinstance(event, Step):
            yield Word(event.best.token, event.best.probability)


def search_text(
    model: Model, ids: np.ndarray, n: int, width: int, objective: str | None = None, remembers: bool = True
) -> Iterator[Step | Decoded]:
    """The likeliest `n` tokens after (or before) `ids` that a beam of `width` finds, told step by step.

    What is likeliest as a whole is seldom what people write (Holtzman et al. 2020, section 4.2): watch it repeat.
    """
    return search(_continuation(model, ids, objective, remembers), n, width)


def _continuation(model: Model, ids: np.ndarray, objective: str | None, remembers: bool) -> Continuation:
    objective = objective or OBJECTIVE_OF[model.spec.direction]
    if objective == "masked-word":
        raise ValueError("This model can't write on: it needs the words that are not written yet.")
    return Continuation(model, ids, objective == "previous-word", remembers)


@torch.no_grad()
def fill_blanks(model: Model, ids: np.ndarray) -> list[Word]:
    """The likeliest token for each [mask] in `ids` (T',), each on its own, from left to right."""
    blanks = np.flatnonzero(ids == MASK)
    if not len(blanks):
        return []
    device = model.words.weight.device
    logits = model(torch.from_numpy(ids[None]).to(device), torch.from_numpy(blanks).to(device)).logits
    found = spoken(logits, len(SPECIAL))  # (N, V)
    return [Word(int(row.argmax()), float(np.exp(row.max()))) for row in found]


def sample(
    step: int, model: Model, source: Source, held_out: Batch, rng: np.random.Generator, objective: str | None = None
) -> Sampled:
    """What the model writes now, beside the truth: the first held-out text continued, or its blanks filled.

    `held_out` is framed for the `objective`: (B, T) tokens, labels what the model is asked for. In `given` a filled
    text shows its blanks; `written`, `probabilities` and `truth` have one entry for each blank, or for each token that
    was written.
    """
    training, tokens, labels = model.training, held_out.tokens[0], held_out.labels[0]
    g = min(GIVEN, len(tokens) // 2)
    n = min(WRITTEN, len(tokens) + 1 - g)
    model.eval()
    objective = objective or OBJECTIVE_OF[model.spec.direction]
    if objective == "masked-word":
        asked = labels != IGNORE
        given, truth = np.where(asked, MASK, tokens), labels[asked]
        written = fill_blanks(model, given)
    elif objective == "next-word":
        given, truth = tokens[:g], labels[g - 1 : g - 1 + n]
        written = list(continue_text(model, given, n, rng, objective=objective))
    else:
        given, truth = tokens[-g:], labels[len(labels) + 1 - g - n : len(labels) + 1 - g]
        written = list(continue_text(model, given, n, rng, objective=objective))[::-1]  # in reading order
    model.train(training)
    name = source.words.__getitem__
    chances = [one.probability for one in written]
    return Sampled(step, [*map(name, given)], [name(one.token) for one in written], chances, [*map(name, truth)])
