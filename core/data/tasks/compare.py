"""Two numbers, one on each side: which is larger? Whoever forgets which side said what can only guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.english import FILLERS, inner, left_of, right_of, words
from core.data.tasks.game import Game
from core.fields import setting

PIVOT = "or"
NUMBERS = words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)


@dataclass(frozen=True)
class Compare(Game):
    """Two different numbers of N, one on each side of the pivot. Label at the pivot: is the left one larger?"""

    title: ClassVar[str] = "Which is more?"
    story: ClassVar[str] = "A number stands before the word “or”, another after it. Which of the two is larger?"

    N: int = setting(8, "Numbers", "How many different numbers there are.", low=2, high=len(NUMBERS))
    T: int = setting(12, "Length", "Words in a sentence.", unit="words", low=3, high=64, deeper=True)

    @property
    def words(self) -> tuple[str, ...]:
        return (*FILLERS, PIVOT, *NUMBERS[: self.N])

    @property
    def classes(self) -> tuple[str, ...]:
        return ("right is larger", "left is larger")

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, at = np.arange(n), inner(rng, n, self.T)
        left = rng.integers(0, self.N, n)
        right = (left + rng.integers(1, self.N, n)) % self.N  # any other number
        before, after = left_of(rng, at), right_of(rng, at, self.T)
        tokens = rng.integers(0, len(FILLERS), (n, self.T))
        tokens[row, at] = len(FILLERS)
        tokens[row, before], tokens[row, after] = len(FILLERS) + 1 + left, len(FILLERS) + 1 + right
        labels, cues = np.full((n, self.T), IGNORE), np.zeros((n, self.T), dtype=bool)
        labels[row, at] = left > right
        cues[row, before] = cues[row, after] = True
        return Batch(tokens, labels, cues)

    def ceilings(self) -> Ceilings:
        """Seeing number i (from 0) alone, bet on the likelier side: max(i, N−1−i) of N−1.

        A symmetric join of tied directions, and attention without positions, see an unordered pair: ½.
        """
        one_side = sum(max(i, self.N - 1 - i) for i in range(self.N)) / (self.N * (self.N - 1))
        return Ceilings(left=one_side, right=one_side, both=1.0, tied=0.5, unordered=0.5)
