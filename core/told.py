"""What each side of a question tells, in parts of sentences: what `core.insight` says is put together from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Words = Callable[[Any], str]  # a game's settings -> words


@dataclass(frozen=True)
class Told:
    """What each side of the question tells. Each part completes a sentence about a model that stands `where`."""

    where: str
    left: Words  # what a left-to-right reader has read, and what it lacks
    right: Words
    both: str  # why both sides are enough
    added: str = ""  # what two halves that are only added up can't do
    mixed: str = ""  # what a reader that can't tell the sides apart is missing


def percent(share: float) -> str:
    """0.786 -> "78.6 %"; at most one decimal."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def how_often(share: float) -> str:
    """A probability as something to picture: "8 sentences in 10", "every sentence"."""
    if share <= 0 or share >= 1:
        return "no sentence" if share <= 0 else "every sentence"
    tenths = round(10 * share, 6)
    if tenths == int(tenths):
        return "1 sentence in 10" if tenths == 1 else f"{int(tenths)} sentences in 10"
    return f"{percent(share)} of the sentences"


TOLD: dict[str, Told] = {
    "sense": Told(
        "At the ambiguous word",
        lambda g: f"it has read only the words before it. When the cue comes after – {how_often(g.p)} – it must guess",
        lambda g: (
            f"it has read only the words after it. When the cue comes before – {how_often(1 - g.p)} – it must guess"
        ),
        "it has read both sides, so the cue is in sight wherever it stands",
    ),
    "negate": Told(
        "At “verdict”",
        lambda g: "it has read the opinion, but not yet whether it is taken back",
        lambda g: "it has read whether an opinion is taken back, but not the opinion",
        "it has read both the opinion and whether it is taken back",
        "the opinion can't be turned round by its denial (an exclusive-or is no sum)",
    ),
    "brackets": Told(
        "At the hidden bracket",
        lambda g: (
            "it has read only what stands before. When the partner comes later – every second time – it must guess"
        ),
        lambda g: (
            "it has read only what stands after. When the partner came earlier – every second time – it must guess"
        ),
        "it has read both sides, so the partner is in sight",
    ),
    "cloze": Told(
        "At the blank",
        lambda g: "it knows only what came before; what comes next would tell more",
        lambda g: "it knows only what comes next; what came before would tell more",
        "it knows what came before and what comes next, and still several words fit",
    ),
    "entity": Told(
        "At the name",
        lambda g: (
            f"it has read only the words before it. When the telling word follows – {how_often(g.p)} – "
            "it must bet on the commonest kind"
        ),
        lambda g: (
            f"it has read only the words after it. When the telling word precedes – {how_often(1 - g.p)} – "
            "it must bet on the commonest kind"
        ),
        "it has read both sides, so the telling word is in sight wherever it stands",
    ),
    "gap": Told(
        "At the question",
        lambda g: (
            "it has read only the words before it. "
            f"When the colour comes {g.g} words later – every second time – it must guess"
        ),
        lambda g: (
            "it has read only the words after it. "
            f"When the colour came {g.g} words earlier – every second time – it must guess"
        ),
        "it has read both sides, so the colour is in sight",
    ),
    "recall": Told(
        "At the blank",
        lambda g: f"it has read the pets, but not yet which child is asked about, and picks one of {g.n}",
        lambda g: "it has read only which child is asked about, and none of the pets",
        "it has read both the pets and which child is asked about",
        "a name on one side can't look up its pet on the other",
        "nothing tells which pet stands beside which child",
    ),
    "compare": Told(
        "At “or”",
        lambda g: "it has read the left number, but not the right one",
        lambda g: "it has read the right number, but not the left one",
        "it has read both numbers",
        "",
        "the two numbers look the same whichever side they stand on",
    ),
}


TOLD["names"] = Told(
    "At each word",
    lambda g: (
        f"it has read only the words up to it. When the telling word follows a name – {how_often(g.p)} – "
        "it must guess whose name it is"
    ),
    lambda g: (
        f"it has read only the words from it on. When the telling word precedes a name – {how_often(1 - g.p)} – "
        "it must guess whose name it is, and where a name begins"
    ),
    "it has read the whole sentence, so the telling word is in sight wherever it stands",
)
TOLD["speech"] = Told(
    "At each word",
    lambda g: (
        "it has read only the words up to it. Whether “expert” is an adjective or a noun, and “these” stands alone, "
        "is told by the next word, which it hasn’t read"
    ),
    lambda g: (
        "it has read only the words from it on. Whether “plants” is a noun or a verb is often told by the word before, "
        "which it hasn’t read"
    ),
    "it has read the whole sentence, and only one reading of it is a sentence",
)
TOLD["odd"] = Told(
    "At each noun and verb",
    lambda g: (
        "it has read only the words up to it. The first of them can’t be told to be odd before the others have been "
        "read"
    ),
    lambda g: "it has read only the words from it on. The last of them can’t be told to be odd without the others",
    "it has read the whole sentence, so it knows what all its other words are about",
)
TOLD["slot"] = Told(
    "At the hidden adverb",
    lambda g: (
        "it has read only the words before it. In one sentence in four the adverb comes first, and no word before it "
        "tells the mood"
    ),
    lambda g: "it has read only the words after it, of which one or two tell the mood",
    "it has read both adjectives",
)
