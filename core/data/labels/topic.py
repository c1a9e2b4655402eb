"""What a sentence is about: one of six topics, told by who does what to which thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.data.contract import Ceilings, Recipe
from core.data.grammar import TOPICS
from core.data.labels import causes
from core.data.labels.labelled import Classified
from core.data.labels.language import Language
from core.fields import setting


@dataclass(frozen=True)
class Topic(Classified):
    """Three or four words of a topic in a sentence; each is off it with probability `stray`. Class: the topic."""

    title: ClassVar[str] = "Topic"
    story: ClassVar[str] = (
        "“The sailor paints the rose near this lighthouse.” Kitchen, sea, music, garden, school or space? Person, "
        "deed, thing and place tell, but now and then one of them strays to another topic."
    )
    asks: ClassVar[str] = "What is it about?"
    cause: ClassVar[str] = "topic"
    recipe: ClassVar[Recipe] = Recipe(steps=600)

    stray: float = setting(
        0.1, "Stray words", "How often a word of the topic belongs to another one.", low=0.0, high=0.8
    )
    rich: float = setting(
        0.5, "Rich in words", "How often there is an adjective, an adverb, a place.", low=0.1, high=0.9, deeper=True
    )

    @property
    def language(self) -> Language:
        return causes.sentences(self.rich, feeling=False)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(TOPICS)

    def ceilings(self) -> Ceilings:
        """Count the words of each topic and go with the most frequent."""
        return causes.ceilings(self.language, "topic", len(TOPICS), self.stray)
