"""Parts of speech, tagged word by word, where many words have two readings: “the expert records the tune”."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from core.data.contract import Ceilings, Recipe
from core.data.labels.kinds import NUMBERS, of_either_number, ordinary
from core.data.labels.labelled import Tagged
from core.data.labels.language import Forms, Kind, Language, either, joined, maybe, slot
from core.data.tasks.english import words
from core.fields import setting

TAGS = ("determiner", "pronoun", "adjective", "noun", "verb", "adverb", "preposition", "full stop")
PEOPLE = words("expert amateur veteran professional native rebel giant junior")  # adjectives and nouns
TWOFOLD = tuple(  # bare: one thing, or what many do; with -s: many things, or what one does
    words(deeds)
    for deeds in (
        "order",  # kitchen
        "spot paint haul",  # sea
        "record tune play",  # music
        "plant water",  # garden
        "quote",  # school
        "track repair photograph",  # space
    )
)
AROUND = words("behind outside inside below above around")  # prepositions and adverbs


@dataclass(frozen=True)
class Speech(Tagged):
    """Sentences in which one in two words can be read in two ways: expert, plants, these, outside."""

    title: ClassVar[str] = "Parts of speech"
    story: ClassVar[str] = (
        "“The expert plants these outside”, “the expert plants hide these tulips”: is “expert” an adjective or a noun, "
        "“plants” a noun or a verb? Many words have two readings; the words around them tell which."
    )
    asks: ClassVar[str] = "Which part of speech is each word?"
    recipe: ClassVar[Recipe] = Recipe(steps=500)

    twofold: float = setting(
        0.5, "Two readings", "How often a word with two readings is chosen where one may stand.", low=0.0, high=0.9
    )

    @property
    def language(self) -> Language:
        return _language(self.twofold)

    def ceilings(self) -> Ceilings:
        return _ceilings(self.twofold)


@cache
def _ceilings(twofold: float) -> Ceilings:
    return _language(twofold).tagging()


@cache
def _language(twofold: float) -> Language:
    """A person or thing (not) doing something to a thing, somewhere. One and many agree; words don't tell which."""
    parts = {number: {part: phrase(part, number, twofold) for part in ("agent", "thing")} for number in NUMBERS}
    verbs = {"one": ("verb_one", "deed_s"), "many": ("verb_many", "deed_bare")}
    adverb = maybe(0.3, slot("adverb", adv=1.0))
    acts = of_either_number(
        {
            n: joined(parts[n]["agent"], adverb, slot("verb", **{plain: 1 - twofold, deed: twofold}))
            for n, (plain, deed) in verbs.items()
        }
    )
    thing = of_either_number({n: parts[n]["thing"] for n in NUMBERS})
    place = joined(slot("determiner", the=0.5, det_one=0.5), slot("noun", place_one=1.0))
    where = joined(slot("preposition", prep=1 - twofold, around=twofold), place)
    end = either((0.4, where), (0.4 * twofold, slot("adverb", around=1.0)), (0.6 - 0.4 * twofold, [(1.0, ())]))
    forms = joined(acts, maybe(0.6, thing), end, slot("full stop", stop=1.0))
    return Language(_kinds(), forms, TAGS)


def _kinds() -> dict[str, Kind]:
    """Ordinary words; those with two readings are kinds of their own."""
    plain = ordinary(without=frozenset(word for some in TWOFOLD for word in some))
    del plain["place_many"]
    return plain | {
        "det_one": Kind((("every",),)),
        "this": Kind((("this",),)),
        "det_many": Kind((words("these some"),)),
        "prep": Kind((words("near beside"),)),
        "around": Kind((AROUND,)),
        "people": Kind((PEOPLE,)),
        "deed_bare": Kind(TWOFOLD, "topic"),
        "deed_s": Kind(tuple(tuple(word + "s" for word in some) for some in TWOFOLD), "topic"),
    }


def phrase(part: str, number: str, twofold: float) -> Forms:
    """“these”, “these plants” or “these giant plants”: a pronoun, or a noun with its determiner."""
    one = number == "one"
    pronoun = slot("pronoun", **{"this" if one else "det_many": 1.0})
    determiner = slot("determiner", the=1 / 3, **({"det_one": 1 / 3, "this": 1 / 3} if one else {"det_many": 2 / 3}))
    people = twofold / 2 if one and part == "agent" else 0.0
    also = {"deed_bare" if one else "deed_s": twofold - people, "people": people}
    noun = slot("noun", **{f"{part}_{number}": 1 - twofold, **also})
    adjective = maybe(0.4, slot("adjective", adj=1 - twofold, people=twofold))
    return either((twofold / 2, pronoun), (1 - twofold / 2, joined(determiner, adjective, noun)))
