"""How a sentence feels: pleasant or unpleasant, told by its adjectives and adverbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.data.contract import Ceilings, Recipe
from core.data.labels import causes
from core.data.labels.labelled import MOODS, Classified
from core.data.labels.language import Language
from core.fields import setting


@dataclass(frozen=True)
class Sentiment(Classified):
    """One to five words of feeling in a sentence; each is off its mood with probability `stray`. Class: the mood."""

    title: ClassVar[str] = "Sentiment"
    story: ClassVar[str] = (
        "“The gloomy captain rudely hides every boat.” Is the sentence pleasant or unpleasant? Its adjectives and "
        "adverbs tell, but now and then one of them strays, so that even the best reader is sometimes wrong."
    )
    asks: ClassVar[str] = "Is it pleasant or unpleasant?"
    cause: ClassVar[str] = "mood"
    recipe: ClassVar[Recipe] = Recipe(steps=400)

    stray: float = setting(
        0.1, "Stray words", "How often a word of feeling belongs to the other mood.", low=0.0, high=0.5
    )
    rich: float = setting(
        0.5, "Rich in words", "How often there is an adjective, an adverb, a place.", low=0.1, high=0.9, deeper=True
    )

    @property
    def language(self) -> Language:
        return causes.sentences(self.rich, feeling=True)

    @property
    def classes(self) -> tuple[str, ...]:
        return MOODS

    def ceilings(self) -> Ceilings:
        """Count the words of either mood and go with the majority."""
        return causes.ceilings(self.language, "mood", len(MOODS), self.stray)
