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
from core.decoding.beam import search
from core.decoding.choosing import Choice
from core.decoding.continuing import Continuation, spoken
from core.decoding.greedy import write
from core.decoding.trace import Decoded, Step
from core.events import Sampled
from core.models.build import Model
from core.models.direction import visible_of_blanks
from core.models.greedy import real, translations
from core.models.seq2seq import Seq2Seq
from core.parts import OBJECTIVE_OF
from core.parts.objective import OF_PAIRS
from core.text import MASK, SPECIAL

GIVEN, WRITTEN = 8, 24  # tokens of a sample that are shown to the model, and that it writes
BLANKS = 5  # of a sample that a model of random orders fills


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
    device, sees = model.words.weight.device, sees_of(model, ids)
    logits = model(torch.from_numpy(ids[None]).to(device), torch.from_numpy(blanks).to(device), sees=sees).logits
    found = spoken(logits, len(SPECIAL))  # (N, V)
    return [Word(int(row.argmax()), float(np.exp(row.max()))) for row in found]


def sees_of(model: Model, ids: np.ndarray) -> Tensor | None:
    """(1, T, T) who sees whom where a model of random orders fills blanks of `ids` (T,); None: as directed."""
    if model.objective != "permutation-lm":
        return None
    return torch.from_numpy(visible_of_blanks(ids == MASK))[None].to(model.words.weight.device)


def translated(step: int, model: Seq2Seq, source: Source, pairs: Batch) -> Sampled:
    """What an encoder–decoder makes of the first of held-out `pairs`, on its own, beside the truth."""
    words, chances = translations(model, pairs.rows(slice(1)))[0]
    assert pairs.source is not None
    given, truth = real(pairs.source[0], pairs.source_lengths), real(pairs.tokens[0], pairs.lengths)[:-1]
    names, read = source.words, getattr(source, "source_words", source.words)
    return Sampled(step, [read[i] for i in given], [names[i] for i in words], chances, [names[i] for i in truth])


def sample(
    step: int, model: Model, source: Source, held_out: Batch, rng: np.random.Generator, objective: str | None = None
) -> Sampled:
    """What the model writes now, beside the truth: the first held-out text continued, or its blanks filled.

    `held_out` is framed for the `objective`: tokens, labels what the model is asked for. In `given` a filled text shows
    its blanks; `written`, `probabilities` and `truth` have one entry for each blank, or each token written.
    """
    training, objective = model.training, objective or OBJECTIVE_OF[model.spec.direction]
    model.eval()
    if objective in OF_PAIRS:
        told = judge(step, model, source, held_out)
        model.train(training)
        return told
    if objective in ("masked-word", "permutation-lm"):
        given, truth = _blanked(held_out, objective)
        written, before = fill_blanks(model, given), 0
    else:
        text = whole(objective, held_out)
        g, n = min(GIVEN, len(text) // 2), WRITTEN
        first = {"previous-word": len(text) - g, "two-way-lm": (len(text) - g) // 2}.get(objective, 0)
        given, before = text[first : first + g], min(first, n if objective == "previous-word" else n // 2)
        after = min(len(text) - g - first, n - before)
        truth = np.concatenate([text[first - before : first], text[first + g : first + g + after]])
        written = list(continue_text(model, given, before, rng, objective="previous-word"))[::-1]  # in reading order
        written += continue_text(model, given, after, rng, objective="next-word")
    model.train(training)
    name = source.words.__getitem__
    chances = [one.probability for one in written]
    words, true = [name(one.token) for one in written], [*map(name, truth)]
    return Sampled(step, [*map(name, given)], words, chances, true, before)


@torch.no_grad()
def judge(step: int, model: Model, source: Source, framed: Batch) -> Sampled:
    """The first pair of a batch: its hidden words filled, if there are any, and last of all the verdict on it."""
    tokens, labels, answers = framed.tokens[0], framed.labels[0], framed.answers
    assert answers is not None
    asked = labels != IGNORE
    given = np.where(asked, MASK, tokens)
    filled = fill_blanks(model, given)
    states = model(torch.from_numpy(given[None]).to(model.words.weight.device)).states
    chances = model.read_out(model.pool(states))[0].float().softmax(-1).cpu()
    verdict = int(chances.argmax())
    words = [source.words[one.token] for one in filled] + [source.classes[verdict]]
    sure = [one.probability for one in filled] + [float(chances[verdict])]
    true = [source.words[one] for one in labels[asked]] + [source.classes[answers[0]]]
    return Sampled(step, [source.words[one] for one in given], words, sure, true)


def whole(objective: str, framed: Batch) -> np.ndarray:
    """(T,) the first text of a batch framed to be written on, with the word at its edge where that is asked."""
    tokens, labels = framed.tokens[0], framed.labels[0]
    if objective == "previous-word":
        return np.append(labels[:1], tokens)
    return tokens if objective == "two-way-lm" else np.append(tokens, labels[-1:])


def _blanked(framed: Batch, objective: str) -> tuple[np.ndarray, np.ndarray]:
    """The first text of a batch with blanks for (some of) what is asked, and the true words there."""
    tokens, labels = framed.tokens[0], framed.labels[0]
    if objective == "permutation-lm":
        tokens, labels = np.split(tokens, 2)[0], np.split(labels, 2)[1]
        rest = np.flatnonzero(labels != IGNORE)[BLANKS:]  # of half a sentence nobody could read the rest
        labels = np.where(np.isin(np.arange(len(labels)), rest), IGNORE, labels)
    asked = labels != IGNORE
    return np.where(asked, MASK, tokens), labels[asked]
