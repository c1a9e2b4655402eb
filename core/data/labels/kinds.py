"""The words of the built-in grammar by where they can stand, for every set of labelled sentences."""

from __future__ import annotations

from core.data.grammar import DETERMINERS, MOODS, PREPOSITIONS, TOPICS
from core.data.labels.language import Forms, Kind, either, slot

NUMBERS = ("one", "many")


def topical(part: str, inflected: bool, without: frozenset[str] = frozenset()) -> Kind:
    """A part's words in each topic, with -s or bare; `without` some."""
    return Kind(
        tuple(
            tuple(word + "s" * inflected for word in words[part].split() if word not in without)
            for words in TOPICS.values()
        ),
        "topic",
    )


def ordinary(without: frozenset[str] = frozenset()) -> dict[str, Kind]:
    """Kinds by name. Nouns take -s for many, verbs for one; “the” goes with either number."""
    one, many = (words.split() for words in DETERMINERS)
    kinds = {
        "the": Kind((("the",),)),
        "det_one": Kind((tuple(one[1:]),)),
        "det_many": Kind((tuple(many[1:]),)),
        "adj": Kind(tuple(tuple(words.split()) for words in MOODS["mood-adj"]), "mood"),
        "adv": Kind(tuple(tuple(words.split()) for words in MOODS["mood-adv"]), "mood"),
        "prep": Kind((tuple(PREPOSITIONS.split()),)),
        "stop": Kind(((".",),)),
    }
    for part in ("agent", "thing", "place"):
        kinds |= {f"{part}_one": topical(part, False, without), f"{part}_many": topical(part, True, without)}
    return kinds | {"verb_one": topical("verb", True, without), "verb_many": topical("verb", False, without)}


def determiner(tag: str, number: str) -> Forms:
    """One of three determiners, “the” among them."""
    return slot(tag, the=1 / 3, **{f"det_{number}": 2 / 3})


def of_either_number(phrase: dict[str, Forms]) -> Forms:
    """A phrase of one or of many, as likely."""
    return either(*((1 / len(NUMBERS), phrase[number]) for number in NUMBERS))
