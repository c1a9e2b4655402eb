"""The other language says everything from the end: the last word is the first to be translated."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.pairs.pair_game import Pair, PairGame, dictionary
from core.fields import SpecError, setting

ANIMALS = dictionary(
    "cat:gato dog:perro bird:pájaro fish:pez horse:caballo cow:vaca sheep:oveja goat:cabra lion:león tiger:tigre "
    "bear:oso wolf:lobo fox:zorro rabbit:conejo mouse:ratón frog:rana snake:serpiente duck:pato hen:gallina bee:abeja"
)


@dataclass(frozen=True)
class Backwards(PairGame):
    """A list of animals; the translation names them in Spanish, from the last to the first."""

    title: ClassVar[str] = "Backwards"
    story: ClassVar[str] = (
        "A list of animals in English; the translation lists them in Spanish, from the last to the first. "
        "The decoder has to look at the end of the source first: watch the alignment run against the reading direction."
    )

    shortest: int = setting(2, "Shortest", "Words in the shortest sentence.", unit="words", low=1, high=16, deeper=True)
    most: int = setting(6, "Longest", "Words in the longest sentence.", unit="words", low=1, high=16)
    V: int = setting(12, "Animals", "Words of each language.", low=2, high=len(ANIMALS), deeper=True)

    def validate(self) -> None:
        if self.shortest > self.most:
            reason = f"The shortest sentence ({self.shortest}) would be longer than the longest."
            raise SpecError("data.shortest", self.shortest, reason, {"data.shortest": self.most})

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        return tuple(ANIMALS)[: self.V]

    @property
    def lexicon(self) -> tuple[str, ...]:
        return tuple(ANIMALS.values())[: self.V]

    @property
    def source_length(self) -> int:
        return self.most

    @property
    def longest(self) -> int:
        return self.most

    @property
    def sources(self) -> int:
        return sum(self.V**n for n in range(self.shortest, self.most + 1))

    def pair(self, draw: Random) -> Pair:
        source = draw.choices(self.source_lexicon, k=draw.randint(self.shortest, self.most))
        return source, [ANIMALS[word] for word in reversed(source)]
