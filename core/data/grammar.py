"""The language of the built-in corpus: its words, sentence patterns and hidden causes, all known exactly.

A sentence has a topic, a mood and the number (one or many) of its agent, thing and place. They are never spoken, yet
they decide which words are likely: the verb agrees with the agent, whatever stands between; one content word in ten
strays from topic or mood. So every prediction has an exact best possible value (`core.data.floors`).
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

STRAY = 0.1  # share of content words that belong to another topic or mood
PATTERNS = (
    "det-agent mood-adj agent verb det-thing mood-adj thing prep det-place place .",
    "mood-adv det-agent mood-adj agent verb det-thing thing prep det-place place .",
    "det-agent agent prep det-place place mood-adv verb det-thing mood-adj thing .",
    "det-agent mood-adj agent mood-adv verb det-thing thing prep det-place place .",
)
PARTS = ("agent", "thing", "place")  # noun phrases, each with its number
DETERMINERS = ("the this every", "the these some")  # of one, of many
PREPOSITIONS = "near beside behind outside"
MOODS: dict[str, tuple[str, str]] = {  # pleasant, unpleasant
    "mood-adj": (
        "lovely splendid charming delightful cheerful wonderful clever beautiful marvellous pleasant superb perfect "
        "magnificent favourite famous golden graceful remarkable gentle brilliant",
        "awful terrible horrible dreadful nasty ugly hideous miserable wretched shabby grim ghastly rotten gloomy "
        "tiresome dreary lousy dismal hopeless clumsy",
    ),
    "mood-adv": (
        "happily gladly cheerfully proudly gently kindly calmly merrily eagerly warmly",
        "sadly angrily grimly bitterly gloomily nervously coldly rudely wearily crossly",
    ),
}
TOPICS: dict[str, dict[str, str]] = {
    "kitchen": {
        "agent": "cook baker waiter guest",
        "verb": "taste serve smell order burn",
        "thing": "soup pie onion pizza",
        "place": "stove table",
    },
    "sea": {
        "agent": "sailor captain diver pirate",
        "verb": "spot haul lose paint hide",
        "thing": "boat shell anchor treasure",
        "place": "harbour lighthouse",
    },
    "music": {
        "agent": "singer pianist drummer violinist",
        "verb": "play hear tune record admire",
        "thing": "trumpet violin guitar flute",
        "place": "stage theatre",
    },
    "garden": {
        "agent": "gardener neighbour florist beekeeper",
        "verb": "plant water pick trim grow",
        "thing": "rose tulip carrot pumpkin",
        "place": "fountain greenhouse",
    },
    "school": {
        "agent": "teacher pupil tutor librarian",
        "verb": "read quote explain correct borrow",
        "thing": "book poem map essay",
        "place": "desk classroom",
    },
    "space": {
        "agent": "astronaut robot pilot alien",
        "verb": "track repair steer photograph observe",
        "thing": "rocket comet satellite planet",
        "place": "crater station",
    },
}
CAUSES: tuple[tuple[int, int, int, tuple[int, ...]], ...] = tuple(  # pattern, topic, mood, numbers
    product(range(len(PATTERNS)), range(len(TOPICS)), range(2), product(range(2), repeat=len(PARTS)))
)
LENGTH = len(PATTERNS[0].split())  # tokens of every sentence, the full stop included


def _inflected(words: str, kind: str, number: int) -> list[str]:
    """Nouns take -s for many, verbs for one."""
    return [word + "s" * (number == (kind != "verb")) for word in words.split()]


def choices(
    slot: str, topic: int, mood: int, numbers: tuple[int, ...], half: int | None = None
) -> list[tuple[list[str], float]]:
    """Groups of words that may fill a slot, each with its probability; within a group all are as likely.

    `half` 0 or 1: of each group of nouns, verbs, adjectives and adverbs only every second word, from the first or the
    second one on.
    """
    some = slice(half, None, 1 if half is None else 2)
    if slot.startswith("det-"):
        return [(DETERMINERS[numbers[PARTS.index(slot[4:])]].split(), 1.0)]
    if slot in MOODS:
        return [(MOODS[slot][m].split()[some], 1 - STRAY if m == mood else STRAY) for m in range(2)]
    if slot == "verb" or slot in PARTS:
        number = numbers[0 if slot == "verb" else PARTS.index(slot)]
        off = STRAY / (len(TOPICS) - 1)
        groups = [_inflected(words[slot], slot, number)[some] for words in TOPICS.values()]
        return [(group, 1 - STRAY if t == topic else off) for t, group in enumerate(groups)]
    return [(PREPOSITIONS.split() if slot == "prep" else [slot], 1.0)]


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of the language, sorted."""
    words: set[str] = set()
    for pattern, topic, mood, numbers in CAUSES:
        for slot in PATTERNS[pattern].split():
            words.update(word for group, _ in choices(slot, topic, mood, numbers) for word in group)
    return tuple(sorted(words))


def emissions(patterns: tuple[str, ...] = PATTERNS, half: int | None = None) -> np.ndarray:
    """(causes, places, words) probability of each word at each place of a sentence, given its hidden causes.

    `patterns`: as many as PATTERNS, all of one length. `half`: see `choices`.
    """
    column = {word: index for index, word in enumerate(vocabulary())}
    table = np.zeros((len(CAUSES), len(patterns[0].split()), len(column)))
    for h, (pattern, topic, mood, numbers) in enumerate(CAUSES):
        for place, slot in enumerate(patterns[pattern].split()):
            for group, share in choices(slot, topic, mood, numbers, half):
                table[h, place, [column[word] for word in group]] += share / len(group)
    return table


def sentences(rng: np.random.Generator, n: int) -> np.ndarray:
    """(n, LENGTH) word numbers of `vocabulary()`; all causes are as likely."""
    return spoken(rng, ladder(emissions()), rng.integers(0, len(CAUSES), n))


def ladder(table: np.ndarray) -> np.ndarray:
    """(causes, places, words) probabilities added up along one rising line, so that one search serves all draws."""
    upto = table.reshape(-1, table.shape[2]).cumsum(1)
    upto[:, -1] = 1.0
    rising: np.ndarray = (upto + np.arange(len(upto))[:, None]).reshape(table.shape)
    return rising


def spoken(rng: np.random.Generator, rising: np.ndarray, causes: np.ndarray) -> np.ndarray:
    """(n, places) word numbers of sentences with these hidden causes (n,), by the `ladder` of a table."""
    _, places, words = rising.shape
    rows = causes[:, None] * places + np.arange(places)  # (n, places) rows of the ladder
    found: np.ndarray = np.searchsorted(rising.reshape(-1), rows + rng.random(rows.shape), side="right") % words
    return found


def write(rng: np.random.Generator, n: int) -> str:
    """n sentences as readable text, one a line."""
    words = vocabulary()
    lines = (" ".join(words[number] for number in line[:-1]) for line in sentences(rng, n).astype(np.uint16))
    return "".join(f"{line}.\n" for line in lines)
