"""What the generated sets share: sentences of different lengths in a language that is known exactly."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch
from core.data.grammar import TOPICS
from core.data.labels.language import Language
from core.data.tasks.game import Game

MOODS = ("pleasant", "unpleasant")


class Labelled(Game):
    """Sentences of a Language; what each set asks of them is in its `sample`."""

    asks: ClassVar[str] = ""  # the question in a learner's words

    @property
    @abstractmethod
    def language(self) -> Language: ...

    @property
    def words(self) -> tuple[str, ...]:
        return self.language.words

    @property
    def length(self) -> int:
        return int(self.language.lengths.max())


class Classified(Labelled):
    """One class for the whole sentence: the cause that its words follow, but for strays."""

    objectives: ClassVar[tuple[str, ...]] = ("classify",)
    cause: ClassVar[str]
    stray: float

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        sizes = {"topic": len(TOPICS), "mood": len(MOODS)}
        truth = {cause: rng.integers(0, size, n) for cause, size in sizes.items()}
        spoken = {
            cause: strayed(rng, truth[cause], self.length, size, self.stray if cause == self.cause else 0.0)
            for cause, size in sizes.items()
        }
        tokens, _, kinds, lengths = self.language.draw(rng, spoken)
        tells = np.array([*(kind.cause == self.cause for kind in self.language.kinds.values()), False])  # −1: padding
        labels = np.full_like(tokens, IGNORE)
        return Batch(tokens, labels, cues=tells[kinds], lengths=lengths, answers=truth[self.cause])

    def pool(self, rng: np.random.Generator, n: int) -> Batch:
        """n labelled sentences to learn from: every class as often, if n allows."""
        return stratified(rng, n, [1 / len(self.classes)] * len(self.classes), self.sample, answers_of)


class Tagged(Labelled):
    """A tag for each word."""

    objectives: ClassVar[tuple[str, ...]] = ("tag",)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.language.tags

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        shape = (n, self.length)
        topic, mood = rng.integers(0, len(TOPICS), (n, 1)), rng.integers(0, len(MOODS), (n, 1))
        causes = {"topic": np.broadcast_to(topic, shape), "mood": np.broadcast_to(mood, shape)}
        tokens, tags, _, lengths = self.language.draw(rng, causes)
        return Batch(tokens, np.where(tags < 0, IGNORE, tags), lengths=lengths)

    def pool(self, rng: np.random.Generator, n: int) -> Batch:
        """n labelled sentences to learn from, with tags as often as they come."""
        return self.sample(rng, n)


def answers_of(batch: Batch) -> np.ndarray:
    """(B,) the class of each sentence."""
    assert batch.answers is not None
    return batch.answers


def stratified(
    rng: np.random.Generator,
    n: int,
    shares: Sequence[float],
    sample: Callable[[np.random.Generator, int], Batch],
    kind_of: Callable[[Batch], np.ndarray],
) -> Batch:
    """n fresh sentences of which each kind 0, 1, … has its share, to the nearest whole number; in random order."""
    wanted = np.floor(np.array(shares) * n + 1e-9).astype(np.int64)
    wanted[rng.permutation(len(shares))[: n - wanted.sum()]] += 1
    while True:
        batch = sample(rng, 4 * n + 100)
        kind = kind_of(batch)
        rows = np.concatenate([np.flatnonzero(kind == k)[:count] for k, count in enumerate(wanted)])
        if len(rows) == n:
            return batch.rows(rng.permutation(rows))


def strayed(rng: np.random.Generator, truth: np.ndarray, T: int, sizes: int, stray: float) -> np.ndarray:
    """(B, T) what each word of a sentence follows: its sentence's cause (B,), or with probability `stray` another."""
    away = rng.random((len(truth), T)) < stray
    by = rng.integers(1, sizes, (len(truth), T))
    followed: np.ndarray = (truth[:, None] + np.where(away, by, 0)) % sizes
    return followed
