"""Names of persons, places and organisations in a sentence, tagged word by word: begins, goes on, outside (BIO)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from core.data.contract import Ceilings, Recipe
from core.data.labels.kinds import NUMBERS, determiner, of_either_number, ordinary
from core.data.labels.labelled import Tagged
from core.data.labels.language import Forms, Kind, Language, either, joined, maybe, slot
from core.data.tasks.english import words
from core.data.tasks.entity import NAMES
from core.fields import setting

TAGS = ("O", "B-person", "I-person", "B-place", "I-place", "B-organisation", "I-organisation")
BEFORE = {
    "person": words("Doctor Captain Madam"),  # a title, not part of the name
    "place": words("Mount Lake Port"),
    "organisation": words("Studio Team Club"),
}
AFTER = {
    "person": words("Junior Senior Esquire"),
    "place": words("City Valley Island"),
    "organisation": words("Limited Group Partners"),
}
ACTS = {"person": 0.6, "organisation": 0.4}  # who does something
PLACES = {"place": 0.6, "organisation": 0.4}  # where
NAMED = 0.7  # share of persons and places that are called by name


@dataclass(frozen=True)
class Names(Tagged):
    """Names of one or two words that all types share; the word that tells the type follows with probability p."""

    title: ClassVar[str] = "Names in a sentence"
    story: ClassVar[str] = (
        "“Captain Morgan hides the boat near Hudson Group.” Which words are names, where does each begin, and is it a "
        "person, a place or an organisation? The telling word comes before or after a name that anybody may bear."
    )
    asks: ClassVar[str] = "Where do names begin (B), go on (I), and of what?"
    recipe: ClassVar[Recipe] = Recipe(steps=400)

    p: float = setting(0.7, "Told afterwards", "How often the telling word follows the name.", low=0.0, high=1.0)

    @property
    def language(self) -> Language:
        return _language(self.p)

    def ceilings(self) -> Ceilings:
        return _ceilings(self.p)


@cache
def _ceilings(p: float) -> Ceilings:
    return _language(p).tagging()


@cache
def _language(p: float) -> Language:
    kinds = ordinary() | {"name": Kind((NAMES,))}
    kinds |= {f"before_{type_}": Kind((some,)) for type_, some in BEFORE.items()}
    kinds |= {f"after_{type_}": Kind((some,)) for type_, some in AFTER.items()}

    def common(part: str) -> dict[str, Forms]:
        return {n: joined(determiner("O", n), slot("O", **{f"{part}_{n}": 1.0})) for n in NUMBERS}

    agent = common("agent")
    named = joined(either(*((share, name(type_, p)) for type_, share in ACTS.items())), slot("O", verb_one=1.0))
    unnamed = of_either_number({n: joined(agent[n], slot("O", **{f"verb_{n}": 1.0})) for n in NUMBERS})
    place = either(
        *((NAMED * share, name(type_, p)) for type_, share in PLACES.items()),
        (1 - NAMED, of_either_number(common("place"))),
    )
    where = maybe(0.6, joined(slot("O", prep=1.0), place))
    acts = either((NAMED, named), (1 - NAMED, unnamed))
    forms = joined(acts, of_either_number(common("thing")), where, slot("O", stop=1.0))
    return Language(kinds, forms, TAGS)


def name(type_: str, p: float) -> Forms:
    """One or two names with a telling word after them, with probability p, or before."""
    begins, goes_on = f"B-{type_}", f"I-{type_}"

    def bare(first: str) -> Forms:
        return either((0.5, slot(first, name=1.0)), (0.5, joined(slot(first, name=1.0), slot(goes_on, name=1.0))))

    after = joined(bare(begins), slot(goes_on, **{f"after_{type_}": 1.0}))
    title = slot("O" if type_ == "person" else begins, **{f"before_{type_}": 1.0})
    before = joined(title, bare(begins if type_ == "person" else goes_on))
    return either((p, after), (1 - p, before))
