"""Models that write: word by word in the direction that they read, or into the blanks of a sentence.

What a model was asked for decides: one that guesses the next word writes on, one that fills blanks can't. A model that
learned to copy its answer (core.cheating) writes too, but here the answer isn't there yet, and nonsense comes out.
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
from core.models.memory import Memory
from core.parts import OBJECTIVE_OF
from core.text import MASK, SPECIAL

GIVEN, WRITTEN = 8, 24  # tokens of a sample that are shown to the model, and that it writes


class Word(NamedTuple):
    """A token that a model chose, and the probability that it gave it."""

    token: int
    probability: float


@torch.no_grad()
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
    objective = objective or OBJECTIVE_OF[model.spec.direction]
    if objective == "masked-word":
        raise ValueError("This model can't write on: it needs the words that are not written yet.")
    backwards = objective == "previous-word"
    text, memory = [int(token) for token in ids], Memory()
    remembers = remembers and model.spec.direction == "left-to-right" and not backwards
    for _ in range(n):
        if remembers and len(text) <= model.length:
            logits = _read_on(model, text[memory.length :], memory)
        else:
            window = text[: model.length] if backwards else text[-model.length :]
            edge = 0 if backwards else len(window) - 1  # the word next to the one that is written
            logits = _scores(model, window, np.array([edge]))[0]
        chosen = _choose(logits, rng, temperature)
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


def _read_on(model: Model, new: list[int], memory: Memory) -> Tensor:
    """(V,) logits after the last of the new words, those before being in memory; special tokens ruled out."""
    tokens = torch.tensor([new], device=model.words.weight.device)
    logits: Tensor = model.read_on(tokens, memory)[0].float().cpu()
    logits[: len(SPECIAL)] = -torch.inf
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
