"""One cue, exactly g words away on an unknown side: how far does a memory reach?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.english import FILLERS, words
from core.data.tasks.game import Game
from core.fields import setting

ASKED = "colour"
COLOURS = words("red blue green yellow black white purple orange")


@dataclass(frozen=True)
class Gap(Game):
    """A cue stands g positions left or right (½ each) of the middle, fillers elsewhere. Label in the middle: which."""

    title: ClassVar[str] = "Long gaps"
    story: ClassVar[str] = (
        "A colour is named once, g words before or after the word “colour”, with idle words between. Which was it? "
        "The rule is easy; remembering for so long isn't."
    )

    g: int = setting(10, "Gap", "Steps from the middle to the cue.", unit="words", low=1, high=60)
    K: int = setting(4, "Colours", "Different cues.", low=2, high=len(COLOURS))

    @property
    def words(self) -> tuple[str, ...]:
        return (*FILLERS, ASKED, *self.classes)

    @property
    def classes(self) -> tuple[str, ...]:
        return COLOURS[: self.K]

    @property
    def length(self) -> int:
        return 2 * self.g + 1

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, colour = np.arange(n), rng.integers(0, self.K, n)
        where = 2 * self.g * rng.integers(0, 2, n)
        tokens = rng.integers(0, len(FILLERS), (n, self.length))
        tokens[:, self.g] = len(FILLERS)
        tokens[row, where] = len(FILLERS) + 1 + colour
        labels, cues = np.full((n, self.length), IGNORE), np.zeros((n, self.length), dtype=bool)
        labels[:, self.g], cues[row, where] = colour, True
        return Batch(tokens, labels, cues)

    def ceilings(self) -> Ceilings:
        """Half of the time the cue is in sight; otherwise all K are as likely."""
        one_side = 0.5 + 0.5 / self.K
        return Ceilings(left=one_side, right=one_side, both=1.0)
