"""An opinion on one side, its confirmation or denial on the other: the answer is the exclusive-or of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.english import FILLERS, inner, left_of, right_of, words
from core.data.tasks.game import Game
from core.fields import setting

PIVOT = "verdict"
OPINIONS = words("awful boring ugly great lovely brilliant")  # three complaints, three praises
MARKERS = words("indeed truly really not never hardly")  # three affirm, three deny
EACH = 3


@dataclass(frozen=True)
class Negate(Game):
    """An opinion word left of the pivot; a marker right of it denies the opinion with probability r.

    Label at the pivot: what is meant, polarity xor denied.
    """

    title: ClassVar[str] = "Negation"
    story: ClassVar[str] = (
        "Somebody praises or complains, and after the word “verdict” stands by it (truly) or takes it back (not). "
        "What is meant? Each side alone says little."
    )

    r: float = setting(0.3, "Denied", "How often the opinion is taken back.", low=0.0, high=1.0)
    T: int = setting(12, "Length", "Words in a sentence.", unit="words", low=3, high=64, deeper=True)

    @property
    def words(self) -> tuple[str, ...]:
        return (*FILLERS, PIVOT, *OPINIONS, *MARKERS)

    @property
    def classes(self) -> tuple[str, ...]:
        return ("complaint", "praise")

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, at = np.arange(n), inner(rng, n, self.T)
        praise, denied = rng.integers(0, 2, n), rng.random(n) < self.r
        before, after = left_of(rng, at), right_of(rng, at, self.T)
        tokens = rng.integers(0, len(FILLERS), (n, self.T))
        tokens[row, at] = len(FILLERS)
        tokens[row, before] = len(FILLERS) + 1 + praise * EACH + rng.integers(0, EACH, n)
        tokens[row, after] = len(FILLERS) + 1 + len(OPINIONS) + denied * EACH + rng.integers(0, EACH, n)
        labels, cues = np.full((n, self.T), IGNORE), np.zeros((n, self.T), dtype=bool)
        labels[row, at] = praise ^ denied
        cues[row, before] = cues[row, after] = True
        return Batch(tokens, labels, cues)

    def ceilings(self) -> Ceilings:
        """`additive`: logits f(left) + g(right) fitted by cross-entropy ignore the marker (NOTES §2, T2)."""
        opinion = max(self.r, 1 - self.r)
        return Ceilings(left=opinion, right=0.5, both=1.0, additive=opinion)
