"""Two whole translations are equally right; half of each is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.contract import Ceilings
from core.data.pairs.pair_game import Pair, PairGame
from core.fields import setting

# Spanish; English as spoken in Britain, in America
THINGS = (
    "ascensor lift elevator", "piso flat apartment", "camión lorry truck", "galleta biscuit cookie",
    "otoño autumn fall", "pantalón trousers pants", "linterna torch flashlight", "gasolina petrol gas",
    "vacaciones holiday vacation", "acera pavement sidewalk", "fútbol football soccer", "caramelos sweets candy",
)  # fmt: skip


@dataclass(frozen=True)
class Dialects(PairGame):
    """N things in Spanish; the translation is British all through or American all through, each half of the time."""

    title: ClassVar[str] = "Two dialects"
    story: ClassVar[str] = (
        "From Spanish into English: British all through (“lift, lorry, flat”) or American all through (“elevator, "
        "truck, apartment”). Both are right, a mixture is not. A decoder that writes all words at once can have every "
        "word right and the sentence wrong."
    )

    N: int = setting(6, "Length", "Words in a sentence.", unit="words", low=1, high=16)
    V: int = setting(12, "Things", "Words that differ between the dialects.", low=2, high=len(THINGS), deeper=True)

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        return tuple(thing.split()[0] for thing in THINGS[: self.V])

    @property
    def lexicon(self) -> tuple[str, ...]:
        return tuple(thing.split()[dialect] for dialect in (1, 2) for thing in THINGS[: self.V])

    @property
    def source_length(self) -> int:
        return self.N

    @property
    def longest(self) -> int:
        return self.N

    @property
    def sources(self) -> int:
        return int(self.V**self.N)

    def pair(self, draw: Random) -> Pair:
        things, dialect = [thing.split() for thing in draw.choices(THINGS[: self.V], k=self.N)], draw.choice((1, 2))
        return [thing[0] for thing in things], [thing[dialect] for thing in things]

    def all_right(self, source: Sequence[str]) -> list[list[str]]:
        things = {thing.split()[0]: thing.split() for thing in THINGS}
        return [[things[word][dialect] for word in source] for dialect in (1, 2)]

    def dialect_of(self, target: tuple[str, ...] | list[str]) -> str:
        """ "British", "American", "mixed", or "" where a word is of neither."""
        spoken = {word: name for thing in THINGS for word, name in zip(thing.split()[1:], SPOKEN, strict=True)}
        found = {spoken.get(word, "") for word in target}
        return "" if not found or "" in found else found.pop() if len(found) == 1 else "mixed"

    def ceilings(self) -> Ceilings:
        """One way, the first word that is written is a coin flip, and the others and [end] follow from it.

        With all other words in sight nothing is left to chance, unless there is no other word.
        """
        one_way = (self.N + 0.5) / (self.N + 1)
        return Ceilings(one_way, one_way, one_way if self.N == 1 else 1.0)

    def taught(self, writes: str) -> float:
        """Two halves begin at once, so both flip a coin. Of N blanks in a row without any word half are lost; every
        number of blanks is as likely, so that is N / 2 of N (N + 1) / 2 words.
        """
        if writes == "mask-predict":
            return 1 - 1 / (self.N + 1)
        if writes == "synchronous":
            return (self.N + 2 - min(self.N, 2) / 2) / (self.N + 2)
        return super().taught(writes)

    def exact(self) -> float:
        """Which of the two a translator chose can't be known; either would have been right."""
        return 0.5

    def consistent(self, rounds: int) -> float:
        """How often sampling keeps to one dialect in so many rounds (mask-predict, Ghazvininejad et al. 2019, §3).

        The words kept after the first round are drawn independently, the others follow them: 2^(1 − N/T), with the
        words of the first round counted whole.
        """
        return float(2.0 ** (1 - math.ceil(self.N / min(rounds, self.N))))


SPOKEN = ("British", "American")
