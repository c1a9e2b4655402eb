"""Pairs on one side, the question on the other: neither side alone, nor their sum, can look the answer up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings, Recipe
from core.data.tasks.english import words
from core.data.tasks.game import Game
from core.fields import setting

BLANK = "____"
CHILDREN = words("Anna Ben Clara David Emma Felix Grace Henry")
PETS = words("cat dog rabbit parrot turtle hamster pony goldfish")


@dataclass(frozen=True)
class Recall(Game):
    """n key-value pairs with distinct keys and values, a blank, then one of the keys. Label at the blank: its value."""

    title: ClassVar[str] = "Look it up"
    story: ClassVar[str] = (
        "Some children are named, each with a pet. Then comes a blank, then one child's name. Which pet fits? "
        "The pets stand before the blank, the question after it."
    )
    recipe: ClassVar[Recipe] = Recipe(steps=800, batch=128)

    n: int = setting(2, "Pairs", "Children named before the blank.", unit="pairs", low=1, high=len(CHILDREN))

    @property
    def words(self) -> tuple[str, ...]:
        return (*CHILDREN, *PETS, BLANK)

    @property
    def classes(self) -> tuple[str, ...]:
        return PETS

    @property
    def length(self) -> int:
        return 2 * self.n + 2

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, asked, blank = np.arange(n), rng.integers(0, self.n, n), 2 * self.n
        keys = rng.random((n, len(CHILDREN))).argsort(1)[:, : self.n]
        values = rng.random((n, len(PETS))).argsort(1)[:, : self.n]
        tokens = np.empty((n, self.length), dtype=np.int64)
        tokens[:, 0:blank:2], tokens[:, 1:blank:2] = keys, len(CHILDREN) + values
        tokens[:, blank], tokens[:, blank + 1] = len(CHILDREN) + len(PETS), keys[row, asked]
        labels, cues = np.full((n, self.length), IGNORE), np.zeros((n, self.length), dtype=bool)
        labels[:, blank] = values[row, asked]
        cues[row, 2 * asked] = cues[row, 2 * asked + 1] = cues[:, blank + 1] = True
        return Batch(tokens, labels, cues)

    def ceilings(self) -> Ceilings:
        """`additive`: f(pairs) + g(question) can't address one pair by its key, so it guesses among n (NOTES §2, T8).

        `unordered`: without positions nothing tells which pet follows which child.
        """
        guess = 1 / self.n
        return Ceilings(left=guess, right=1 / len(PETS), both=1.0, additive=guess, unordered=guess)
