"""Which sense of an ambiguous word is meant? One cue tells, and it stands on one side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings
from core.data.tasks.english import FILLERS, inner, left_of, right_of
from core.data.tasks.game import Game
from core.fields import setting

CUES = 3  # cue words per word and sense
SENSES = ("nature", "object", "action", "other")
# Cue words of each ambiguous word, one group per sense in the order of SENSES.
AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "bank": ("river shore fish", "money loan cash", "tilt curve swerve", "blood donor hospital"),
    "bat": ("cave wings insects", "baseball inning pitcher", "blink eyelash wink", "cape villain mask"),
    "spring": ("blossom april thaw", "coil mattress metal", "leap pounce jump", "well mineral fountain"),
    "crane": ("feathers marsh nest", "hoist tower steel", "neck stretch peer", "paper fold origami"),
    "seal": ("ice whiskers flippers", "wax envelope stamp", "close glue leak", "navy diver mission"),
    "bolt": ("thunder storm lightning", "nut wrench screw", "gallop flee escape", "silk tailor fabric"),
    "bark": ("oak trunk root", "mast deck sail", "puppy growl leash", "knee scrape bruise"),
    "fly": ("spider buzz swat", "zipper trousers button", "airport pilot runway", "trout bait rod"),
}


@dataclass(frozen=True)
class Sense(Game):
    """An ambiguous word, and one cue for its sense to the right (probability p) or to the left of it.

    Label at the ambiguous word: its sense. With probability epsilon the cue names a wrong sense.
    """

    title: ClassVar[str] = "Word senses"
    story: ClassVar[str] = (
        "A “bank” can be a shore or a place for money. One word of the sentence tells which, before it or after it."
    )

    p: float = setting(
        0.8, "Cue on the right", "How often the telling word comes after the ambiguous one.", low=0.0, high=1.0
    )
    K: int = setting(2, "Senses", "Senses of each ambiguous word.", low=2, high=len(SENSES))
    epsilon: float = setting(
        0.0, "Lying cues", "How often the cue points to a wrong sense.", low=0.0, high=1.0, aliases=("ε", "eps")
    )
    A: int = setting(
        4, "Ambiguous words", "How many ambiguous words the game has.", low=1, high=len(AMBIGUOUS), deeper=True
    )
    T: int = setting(12, "Length", "Words in a sentence.", unit="words", low=3, high=64, deeper=True)

    @property
    def words(self) -> tuple[str, ...]:
        """Fillers, then the A ambiguous words, then each word's cues by sense."""
        asked = tuple(AMBIGUOUS)[: self.A]
        cues = [cue for word in asked for group in AMBIGUOUS[word][: self.K] for cue in group.split()]
        return (*FILLERS, *asked, *cues)

    @property
    def classes(self) -> tuple[str, ...]:
        return SENSES[: self.K]

    @property
    def length(self) -> int:
        return self.T

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        row, at, word = np.arange(n), inner(rng, n, self.T), rng.integers(0, self.A, n)
        sense = rng.integers(0, self.K, n)
        lies = rng.random(n) < self.epsilon
        told = (sense + lies * rng.integers(1, self.K, n)) % self.K
        where = np.where(rng.random(n) < self.p, right_of(rng, at, self.T), left_of(rng, at))
        tokens = rng.integers(0, len(FILLERS), (n, self.T))
        tokens[row, at] = len(FILLERS) + word
        tokens[row, where] = len(FILLERS) + self.A + (word * self.K + told) * CUES + rng.integers(0, CUES, n)
        labels, cues = np.full((n, self.T), IGNORE), np.zeros((n, self.T), dtype=bool)
        labels[row, at], cues[row, where] = sense, True
        return Batch(tokens, labels, cues)

    def ceilings(self) -> Ceilings:
        """A seen cue is right with 1 − ε; where cues lie more often than that, another sense is the better bet."""
        seen = max(1 - self.epsilon, self.epsilon / (self.K - 1))
        return Ceilings(
            left=(1 - self.p) * seen + self.p / self.K, right=self.p * seen + (1 - self.p) / self.K, both=seen
        )
