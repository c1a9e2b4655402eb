"""From windows of text to something to predict: the next word, the previous one, or hidden ones."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from core.data.contract import IGNORE, Batch
from core.text import MASK, SPECIAL

HIDDEN, SWAPPED = (
    0.8,
    0.1,
)  # of the chosen words: shown as [mask], as a random word; the rest stay (Devlin et al. 2019, §3.1)


class Objective(Protocol):
    """What framing needs of a resolved ObjectiveSpec."""

    @property
    def name(self) -> str | None: ...

    @property
    def mask_rate(self) -> float: ...


def frame(objective: Objective, batch: Batch, rng: np.random.Generator, words: int, marks: int = 0) -> Batch:
    """The batch that a model trains on, from `sample` or `held_out` of a source with a vocabulary of `words` tokens.

    answer: unchanged. Text windows (B, T+1) become (B, T): next-word reads all but the last token and answers each
    position with the one after it; previous-word mirrors that; masked-word hides some tokens and asks for those.
    The first `marks` tokens after the special ones (a checkpoint's [CLS] and [SEP]) are never hidden.
    """
    if objective.name == "next-word":
        return Batch(batch.tokens[:, :-1], batch.tokens[:, 1:])
    if objective.name == "previous-word":
        return Batch(batch.tokens[:, 1:], batch.tokens[:, :-1])
    if objective.name == "masked-word":
        return _masked(batch.tokens[:, :-1], objective.mask_rate, rng, words, marks)
    return batch


def _masked(tokens: np.ndarray, rate: float, rng: np.random.Generator, words: int, marks: int) -> Batch:
    """Each token is chosen with probability `rate`, one at random where none was; labels stand at the chosen ones."""
    real = (tokens < len(SPECIAL)) | (tokens >= len(SPECIAL) + marks)
    chosen = (rng.random(tokens.shape) < rate) & real
    spare = rng.integers(0, tokens.shape[1], len(tokens))
    none = ~chosen.any(1)
    away = real[
        np.arange(len(tokens))[:, None], (spare[:, None] + np.arange(tokens.shape[1])) % tokens.shape[1]
    ].argmax(1)
    spare = (spare + away) % tokens.shape[1]  # itself, or the next one that is no mark
    chosen[none, spare[none]] = True
    fate = rng.random(tokens.shape)
    shown = np.where(chosen & (fate < HIDDEN), MASK, tokens)
    swapped = chosen & (fate >= HIDDEN) & (fate < HIDDEN + SWAPPED)
    shown = np.where(swapped, rng.integers(len(SPECIAL), words, tokens.shape), shown)
    return Batch(shown, np.where(chosen, tokens, IGNORE))


def parts_of(batch: Batch, n: int) -> list[Batch]:
    """A framed batch in at most `n` parts of about the same size, in order; parts that ask nothing are left out."""
    if n == 1:
        return [batch]
    parts = [batch.rows(some) for some in np.array_split(np.arange(len(batch.tokens)), n) if len(some)]
    return [part for part in parts if part.answers is not None or (part.labels != IGNORE).any()]
