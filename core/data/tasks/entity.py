"""Names that persons, places and organisations share: a title before or a word after tells which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.english import FILLERS, words
from core.data.tasks.game import Game
from core.fields import SpecError, setting

NAMES = words("Jordan Lincoln Morgan Florence Austin Hudson Carter Madison Wells Sydney Houston Ford")
BEFORE = words("Doctor Captain Madam Mount Lake Port Studio Team Club")  # three of each type
AFTER = words("Junior Senior Esquire City Valley Island Limited Group Partners")
EACH, LONGEST = 3, 3


@dataclass(frozen=True)
class Entity(Game):
    """A span of 1-3 name words; the word that tells its type follows with probability p, else precedes it.

    Label at every word of the span: the type.
    """

    title: ClassVar[str] = "Names"
    story: ClassVar[str] = (
        "“Jordan Hudson” may be a person, a place or a firm. Either a title before (Captain, Lake, Team) "
        "or a word right after (Junior, City, Limited) tells which."
    )

    p: float = setting(0.7, "Told afterwards", "How often the telling word follows the name.", low=0.0, high=1.0)
    person: float = setting(0.5, "Persons", "Share of names that are persons.", low=0.0, high=1.0, deeper=True)
    place: float = setting(
        0.3,
        "Place names",
        "Share of names that are places; the rest are organisations.",
        low=0.0,
        high=1.0,
        deeper=True,
    )
    T: int = setting(12, "Length", "Words in a sentence.", unit="words", low=LONGEST + 2, high=64, deeper=True)

    def validate(self) -> None:
        if self.person + self.place > 1 + 1e-9:
            reason = f"Persons ({self.person:g}) and places together are more than all names."
            raise SpecError("data.place", self.place, reason, {"data.place": 1 - self.person})

    @property
    def words(self) -> tuple[str, ...]:
        return (*FILLERS, *NAMES, *BEFORE, *AFTER)

    @property
    def classes(self) -> tuple[str, ...]:
        return ("person", "place", "organisation")

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, t = np.arange(n), np.arange(self.T)
        kind = (rng.random(n)[:, None] >= [self.person, self.person + self.place]).sum(1)
        size = rng.integers(1, LONGEST + 1, n)
        start = rng.integers(1, self.T - size)
        span = (t >= start[:, None]) & (t < (start + size)[:, None])
        after = rng.random(n) < self.p
        cue = np.where(after, start + size, start - 1)
        tokens = rng.integers(0, len(FILLERS), (n, self.T))
        tokens = np.where(span, len(FILLERS) + rng.integers(0, len(NAMES), (n, self.T)), tokens)
        first_cue = len(FILLERS) + len(NAMES) + after * len(BEFORE)
        tokens[row, cue] = first_cue + kind * EACH + rng.integers(0, EACH, n)
        cues = np.zeros((n, self.T), dtype=bool)
        cues[row, cue] = True
        return Batch(tokens, np.where(span, kind[:, None], IGNORE), cues)

    def ceilings(self) -> Ceilings:
        """Where the telling word is out of sight, the best bet is the commonest type."""
        guess = max(self.person, self.place, 1 - self.person - self.place)
        return Ceilings(left=(1 - self.p) + self.p * guess, right=self.p + (1 - self.p) * guess, both=1.0)
