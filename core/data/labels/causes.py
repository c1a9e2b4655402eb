"""How well a hidden cause can be told from words that mostly follow it: exact, by enumeration."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from core.data.contract import Ceilings
from core.data.labels.kinds import NUMBERS, determiner, of_either_number, ordinary
from core.data.labels.language import Forms, Language, either, joined, maybe, slot


@cache
def told(words: int, causes: int, stray: float) -> float:
    """Probability that the likeliest of equally likely causes is the true one, from so many words.

    A word follows its cause, or with probability `stray` another one. Each word's group is seen: all rows of groups are
    enumerated.
    """
    off = stray / (causes - 1)
    rows = np.array(list(product(range(causes), repeat=words))).reshape(causes**words, words)
    fits = np.where(rows[:, None] == np.arange(causes)[:, None], 1 - stray, off).prod(2)  # (N, causes)
    return float(fits.max(1).sum() / causes)


def ceilings(language: Language, cause: str, causes: int, stray: float) -> Ceilings:
    """A reader of the whole sentence, one of its first word alone, one of its last word (the full stop) alone."""
    counted = language.counted(cause)
    whole = round(float(sum(share * told(n, causes, stray) for n, share in enumerate(counted) if share > 0)), 12)
    spoken = language.first_follows(cause)
    first = spoken * told(1, causes, stray) + (1 - spoken) / causes
    return Ceilings(whole, whole, whole, first=first, last=1 / causes)


@cache
def sentences(rich: float, feeling: bool) -> Language:
    """Who does what to which thing, maybe where, and how it feels. `feeling`: at least one word says how."""

    def phrase(part: str, number: str) -> Forms:
        noun = slot("", **{f"{part}_{number}": 1.0})
        return joined(determiner("", number), maybe(rich, slot("", adj=1.0)), noun)

    def anywhere(part: str) -> Forms:
        return of_either_number({number: phrase(part, number) for number in NUMBERS})

    adverb = maybe(rich, slot("", adv=1.0))
    acts = either(
        *((0.5, joined(phrase("agent", number), adverb, slot("", **{f"verb_{number}": 1.0}))) for number in NUMBERS)
    )
    where = maybe(rich, joined(slot("", prep=1.0), anywhere("place")))
    forms = _merged(joined(adverb, acts, anywhere("thing"), where, slot("", stop=1.0)))
    if feeling:
        forms = [(share, slots) for share, slots in forms if any({"adj", "adv"} & set(kinds) for _, kinds in slots)]
        whole = sum(share for share, _ in forms)
        forms = [(share / whole, slots) for share, slots in forms]
    return Language(ordinary(), forms)


def _merged(forms: Forms) -> Forms:
    """The forms that can occur."""
    return [(share, slots) for share, slots in forms if share > 0]
