"""Balanced brackets, one of them with its type hidden: its partner tells, before it or after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.game import Game
from core.fields import SpecError, setting

TYPES = ("( )", "[ ]", "{ }", "< >")
OPEN, CLOSE = "open?", "close?"  # the hidden bracket


@dataclass(frozen=True)
class Brackets(Game):
    """A Dyck word of K bracket types: at every step open or close with probability ½ each where both are legal.

    One bracket shows only whether it opens or closes. Label there: its type.
    """

    title: ClassVar[str] = "Brackets"
    story: ClassVar[str] = (
        "Every bracket that opens is closed by its partner. One bracket hides its shape: which is it? "
        "The partner of one that opens comes later, of one that closes came earlier."
    )

    K: int = setting(2, "Shapes", "Kinds of brackets.", low=2, high=len(TYPES))
    T: int = setting(
        12, "Length", "Brackets in a sequence; an even number.", unit="brackets", low=2, high=64, deeper=True
    )
    depth: int = setting(4, "Depth", "Most brackets that are open at once.", low=1, high=32, deeper=True)

    def validate(self) -> None:
        if self.T % 2:
            raise SpecError(
                "data.T", self.T, "Brackets come in pairs, so their number is even.", {"data.T": self.T - 1}
            )

    @property
    def words(self) -> tuple[str, ...]:
        """K opening brackets, K closing ones, and the two hidden ones."""
        pairs = [pair.split() for pair in TYPES[: self.K]]
        return (*(pair[0] for pair in pairs), *(pair[1] for pair in pairs), OPEN, CLOSE)

    @property
    def classes(self) -> tuple[str, ...]:
        return TYPES[: self.K]

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, hidden = np.arange(n), rng.integers(0, self.T, n)
        kind, closes, partner = self._shapes(rng, n)
        tokens = kind + self.K * closes
        tokens[row, hidden] = 2 * self.K + closes[row, hidden]
        labels, cues = np.full((n, self.T), IGNORE), np.zeros((n, self.T), dtype=bool)
        labels[row, hidden], cues[row, partner[row, hidden]] = kind[row, hidden], True
        return Batch(tokens, labels, cues)

    def _shapes(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Type, whether it closes, and its partner's position, each (n, T): all rows walk through time together."""
        row, coin = np.arange(n), rng.random((n, self.T)) < 0.5
        kind, closes = rng.integers(0, self.K, (n, self.T)), np.zeros((n, self.T), dtype=np.int64)
        partner, opened = np.zeros((n, self.T), dtype=np.int64), np.zeros((n, self.depth), dtype=np.int64)
        level = np.zeros(n, dtype=np.int64)  # brackets open now
        for t in range(self.T):
            may_open = (level < self.depth) & (level < self.T - t)
            shut = ~may_open | (coin[:, t] & (level > 0))
            here = opened[row, np.maximum(level - 1, 0)]  # the innermost open bracket
            kind[:, t] = np.where(shut, kind[row, here], kind[:, t])
            closes[:, t], partner[:, t] = shut, here
            partner[row[shut], here[shut]] = t
            opened[row[~shut], level[~shut]] = t
            level += np.where(shut, -1, 1)
        return kind, closes, partner

    def ceilings(self) -> Ceilings:
        """Half of all brackets close: their partner stands left. The other half's stands right."""
        one_side = 0.5 + 0.5 / self.K
        return Ceilings(left=one_side, right=one_side, both=1.0)
