"""A word whose translation depends on another word, which comes later or came before."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.contract import Ceilings
from core.data.pairs.pair_game import Pair, PairGame, dictionary
from core.fields import setting

# An English word, and for each of its two meanings the Spanish word and two words that tell it.
AMBIGUOUS: dict[str, tuple[str, str]] = {
    "bank": ("orilla river:río water:agua", "banco money:dinero loan:préstamo"),
    "bat": ("murciélago cave:cueva wings:alas", "bate ball:pelota team:equipo"),
    "spring": ("primavera flowers:flores april:abril", "muelle mattress:colchón metal:metal"),
    "crane": ("grulla nest:nido feathers:plumas", "grúa tower:torre steel:acero"),
    "letter": ("carta envelope:sobre postman:cartero", "letra alphabet:alfabeto vowel:vocal"),
    "date": ("dátil palm:palmera desert:desierto", "fecha calendar:calendario month:mes"),
}
FILLERS = dictionary(
    "today:hoy then:luego and:y also:también here:aquí there:allí now:ahora always:siempre never:nunca perhaps:quizás "
    "soon:pronto still:todavía already:ya not:no only:sólo before:antes"
)


@dataclass(frozen=True)
class Later(PairGame):
    """N words, translated one by one; the ambiguous one by the meaning that its cue tells, right of it in p of all."""

    title: ClassVar[str] = "A later word decides"
    story: ClassVar[str] = (
        "Word by word from English into Spanish, but one word has two meanings: a “bank” is an “orilla” or a “banco”. "
        "Another word tells which, mostly a later one. Who translates each word as soon as it is read must guess; "
        "who has read the whole sentence needn’t."
    )

    p: float = setting(0.8, "Cue comes later", "How often the telling word comes after.", low=0.0, high=1.0)
    epsilon: float = setting(
        0.0, "Lying cues", "How often the cue points to the wrong meaning.", low=0.0, high=1.0, aliases=("ε", "eps")
    )
    A: int = setting(4, "Ambiguous words", "How many of them there are.", low=1, high=len(AMBIGUOUS), deeper=True)
    N: int = setting(6, "Length", "Words in a sentence.", unit="words", low=3, high=16, deeper=True)

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        return (*FILLERS, *self._asked, *(cue.split(":")[0] for cue in self._cues))

    @property
    def lexicon(self) -> tuple[str, ...]:
        meanings = [meaning.split()[0] for word in self._asked for meaning in AMBIGUOUS[word]]
        return (*FILLERS.values(), *meanings, *(cue.split(":")[1] for cue in self._cues))

    @property
    def _asked(self) -> tuple[str, ...]:
        return tuple(AMBIGUOUS)[: self.A]

    @property
    def _cues(self) -> list[str]:
        return [cue for word in self._asked for meaning in AMBIGUOUS[word] for cue in meaning.split()[1:]]

    @property
    def source_length(self) -> int:
        return self.N

    @property
    def longest(self) -> int:
        return self.N

    @property
    def sources(self) -> int:
        return int(len(FILLERS) ** (self.N - 2)) * (self.N - 2) * (self.N - 1) * self.A * 4

    def pair(self, draw: Random) -> Pair:
        word, at, sense = draw.choice(self._asked), draw.randint(1, self.N - 2), draw.randrange(2)
        told = 1 - sense if draw.random() < self.epsilon else sense
        cue = draw.randint(at + 1, self.N - 1) if draw.random() < self.p else draw.randrange(at)
        source = draw.choices(tuple(FILLERS), k=self.N)
        target = [FILLERS[one] for one in source]
        source[at], target[at] = word, AMBIGUOUS[word][sense].split()[0]
        source[cue], target[cue] = draw.choice(AMBIGUOUS[word][told].split()[1:]).split(":")
        return source, target

    def ceilings(self) -> Ceilings:
        """A seen cue is right with 1 − ε; where it lies more often than not, the other meaning is the better bet.

        The whole source is in sight, so the direction of the decoder makes no difference.
        """
        best = (self.N + self.exact()) / (self.N + 1)  # N − 1 plain words and [end] are certain
        return Ceilings(best, best, best)

    def taught(self, writes: str) -> float:
        """Two halves have an end mark each; who fills blanks isn't asked for any, and every word as often."""
        ends = {"synchronous": 2, "mask-predict": 0}.get(writes, 1)
        return (self.N - 1 + self.exact() + ends) / (self.N + ends)

    def exact(self) -> float:
        return max(1 - self.epsilon, self.epsilon)

    def reading(self) -> Ceilings:
        """Whole translations that come out right where each word is written with only this much of the source read:
        up to that word (left), from it on (right), all of it (both). One word behind is the wait-1 reader of Ma et al.
        2019, §3. Of all words, [end] included, it is (N + this) / (N + 1).
        """
        seen = self.exact()
        return Ceilings((1 - self.p) * seen + self.p / 2, self.p * seen + (1 - self.p) / 2, seen)
