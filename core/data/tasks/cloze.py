"""A Markov chain with one word blanked out: both neighbours help, and chance remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings, Recipe
from core.data.tasks.chain import chain
from core.data.tasks.english import inner, words
from core.data.tasks.game import Game
from core.fields import setting

BLANK = "____"
DAY = words("wake wash eat walk work read talk cook rest play dine sleep shop swim sing draw write clean run wait")


@dataclass(frozen=True)
class Cloze(Game):
    """A stationary Markov chain over S words; one inner word is blanked out. Label at the blank: the word."""

    title: ClassVar[str] = "Fill the blank"
    story: ClassVar[str] = (
        "A day is a chain of activities, each likely after the one before. One is blanked out. "
        "What came before and what comes next both help, and still some guessing remains."
    )
    recipe: ClassVar[Recipe] = Recipe(steps=700)

    S: int = setting(12, "Activities", "Words in the chain.", unit="words", low=2, high=len(DAY))
    alpha: float = setting(
        0.25,
        "Spread",
        "Small: each word has few likely followers. Large: many.",
        low=0.1,
        high=10.0,
        aliases=("α",),
        deeper=True,
    )
    seed: int = setting(0, "Chain", "Which chain: another number, other habits.", low=0, high=10_000, deeper=True)
    T: int = setting(12, "Length", "Words in a sequence.", unit="words", low=3, high=64, deeper=True)

    @property
    def words(self) -> tuple[str, ...]:
        return (*DAY[: self.S], BLANK)

    @property
    def classes(self) -> tuple[str, ...]:
        return DAY[: self.S]

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        rows, start = chain(self.S, self.alpha, self.seed)
        upto, draw = rows.cumsum(1)[:, :-1], rng.random((n, self.T))  # upto: (S, S-1)
        tokens = np.empty((n, self.T), dtype=np.int64)
        tokens[:, 0] = np.searchsorted(start.cumsum()[:-1], draw[:, 0], side="right")
        for t in range(1, self.T):
            tokens[:, t] = (draw[:, t, None] >= upto[tokens[:, t - 1]]).sum(1)
        row, at = np.arange(n), inner(rng, n, self.T)
        labels, cues = np.full((n, self.T), IGNORE), np.zeros((n, self.T), dtype=bool)
        labels[row, at], tokens[row, at] = tokens[row, at], self.S
        cues[row, at - 1] = cues[row, at + 1] = True
        return Batch(tokens, labels, cues)

    def joint(self) -> np.ndarray:
        """(S, S, S) probability of three words in a row: before, blank, after."""
        rows, start = chain(self.S, self.alpha, self.seed)
        joint: np.ndarray = np.einsum("a,ab,bc->abc", start, rows, rows)
        return joint

    def ceilings(self) -> Ceilings:
        """By the Markov property only the neighbours matter: bet on the likeliest word given what is seen."""
        three = self.joint()
        return Ceilings(
            left=float(three.sum(2).max(1).sum()),
            right=float(three.sum(0).max(0).sum()),
            both=float(three.max(1).sum()),
        )

    def floors(self) -> Ceilings:
        """Conditional entropies of the blank: H(before, blank) − H(before), and likewise with the words after it."""
        three = self.joint()
        return Ceilings(
            left=entropy(three.sum(2)) - entropy(three.sum((1, 2))),
            right=entropy(three.sum(0)) - entropy(three.sum((0, 1))),
            both=entropy(three) - entropy(three.sum(1)),
        )


def entropy(distribution: np.ndarray) -> float:
    """−Σ p log p in nats, over an array of any shape that sums to 1."""
    p = distribution[distribution > 0]
    return float(-(p * np.log(p)).sum())
