"""What all language games share: a readable vocabulary, a fixed held-out set, and encoding a learner's own sentence."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from core.data.contract import Batch, Ceilings, Recipe, TextError
from core.fields import check

HELD_OUT_SEED = 2**31 - 1  # training draws never use it


class Game(ABC):
    """A generator of labelled sequences whose best possible accuracy is known. Subclasses are frozen dataclasses.

    `title` and `story` introduce the game to a learner; `recipe` is how long it trains by default.
    """

    title: ClassVar[str]
    story: ClassVar[str]
    recipe: ClassVar[Recipe] = Recipe()
    objectives: ClassVar[tuple[str, ...]] = ("answer",)  # what it can be asked
    kinds: ClassVar[int] = 0  # of tokens

    def __post_init__(self) -> None:
        check(self, "data")
        self.validate()

    def validate(self) -> None:  # noqa: B027 (many games have nothing to check)
        """Raise SpecError where settings that are fine alone can't work together."""

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """Readable token of each id, (V,)."""

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Readable answers, (K,)."""

    @property
    @abstractmethod
    def length(self) -> int:
        """T, the words of one sequence."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        """n fresh labelled sequences; same rng state, same batch."""

    @abstractmethod
    def ceilings(self) -> Ceilings | None:
        """The best accuracies that are possible, by what a model may see; None where nobody knows."""

    def floors(self) -> Ceilings | None:
        """Least possible loss in nats by what a model may see, where this game's answer stays uncertain."""
        return None

    def held_out(self, n: int) -> Batch:
        return self.sample(np.random.default_rng(HELD_OUT_SEED), n)

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids of a sentence in the game's own words; TextError names the first word that the game lacks."""
        ids = {word.casefold(): index for index, word in enumerate(self.words)}
        found = text.split()
        if not found:
            raise TextError("Type at least one word of this game.")
        if len(found) > self.length:
            raise TextError(
                f"This game's sentences have {self.length} words at most; yours has {len(found)}. Shorten it."
            )
        for word in found:
            if word.casefold() not in ids:
                near = difflib.get_close_matches(word.casefold(), ids, n=1)
                offer = self.words[ids[near[0]]] if near else self.words[0]
                raise TextError(f"“{word}” is not a word of this game. Try “{offer}”.")
        return np.array([ids[word.casefold()] for word in found], dtype=np.int64)
