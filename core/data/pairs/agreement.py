"""English into Spanish: articles, adjectives and verbs take forms that another word of the sentence decides."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.pairs.pair_game import Pair, PairGame

# one, many; then the same in Spanish with its gender: m or f
PEOPLE = ("girl girls niña niñas f", "boy boys niño niños m", "mother mothers madre madres f",
          "father fathers padre padres m", "queen queens reina reinas f", "king kings rey reyes m")  # fmt: skip
THINGS = ("house houses casa casas f", "book books libro libros m", "table tables mesa mesas f",
          "car cars coche coches m", "cup cups taza tazas f", "tree trees árbol árboles m")  # fmt: skip
ADJECTIVES = {  # one and many, masculine then feminine
    "red": "rojo rojos roja rojas", "small": "pequeño pequeños pequeña pequeñas",
    "white": "blanco blancos blanca blancas", "new": "nuevo nuevos nueva nuevas",
    "black": "negro negros negra negras", "green": "verde verdes verde verdes",
}  # fmt: skip
VERBS = {  # of one, of many
    "sees see": "ve ven", "sells sell": "vende venden", "buys buy": "compra compran", "paints paint": "pinta pintan",
}  # fmt: skip
ARTICLES = {"the": "el los la las", "a": "un unos una unas"}
HAS_PLURAL = {"the": "the", "a": "some"}  # English; Spanish has four forms


@dataclass(frozen=True)
class Agreement(PairGame):
    """Somebody does something with a thing. Gender and number of a noun decide its article, adjective and the verb."""

    title: ClassVar[str] = "Agreement"
    story: ClassVar[str] = (
        "English into Spanish. “The red house” is “la casa roja”: the noun, which comes later, decides how the article "
        "and the adjective look, and the adjective moves behind the noun. The verb follows the subject’s number."
    )

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        nouns = [word for noun in PEOPLE + THINGS for word in noun.split()[:2]]
        return tuple(
            dict.fromkeys([*ARTICLES, *HAS_PLURAL.values(), *ADJECTIVES, *nouns, *" ".join(VERBS).split(), "."])
        )

    @property
    def lexicon(self) -> tuple[str, ...]:
        nouns = [word for noun in PEOPLE + THINGS for word in noun.split()[2:4]]
        forms = " ".join([*ARTICLES.values(), *ADJECTIVES.values(), *VERBS.values()]).split()
        return tuple(dict.fromkeys([*forms, *nouns, "."]))

    @property
    def source_length(self) -> int:
        return 8

    @property
    def longest(self) -> int:
        return 8

    @property
    def sources(self) -> int:
        phrase = len(ARTICLES) * 2 * (len(ADJECTIVES) + 1)
        return phrase * len(PEOPLE) * len(VERBS) * phrase * len(THINGS)

    def pair(self, draw: Random) -> Pair:
        subject, subject_said, many = phrase(draw, PEOPLE)
        thing, thing_said, _ = phrase(draw, THINGS)
        verb, verb_said = draw.choice(list(VERBS.items()))
        return (
            [*subject, verb.split()[many], *thing, "."],
            [*subject_said, verb_said.split()[many], *thing_said, "."],
        )


def phrase(draw: Random, nouns: tuple[str, ...]) -> tuple[list[str], list[str], int]:
    """A noun phrase in English and in Spanish, and whether it speaks of many (1) or of one (0)."""
    article, many, noun = draw.choice(list(ARTICLES)), draw.randrange(2), draw.choice(nouns).split()
    adjective = draw.choice(["", *ADJECTIVES])
    form = many + 2 * (noun[4] == "f")
    english = [HAS_PLURAL[article] if many else article, adjective, noun[many]]
    spanish = [
        ARTICLES[article].split()[form],
        noun[2 + many],
        ADJECTIVES[adjective].split()[form] if adjective else "",
    ]
    return [word for word in english if word], [word for word in spanish if word], many
