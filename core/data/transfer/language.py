"""Sentences that are pretrained on and asked about: the words and causes of the built-in language, rich in mood.

Every sentence has four words of its topic and three of its mood, each off it with probability STRAY, and stands between
[CLS] and [SEP] (SCIENCE §3). Its content words fall into two halves, so that a model can be tested on words that it was
never shown a label for.
"""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from typing import ClassVar

import numpy as np

from core.data import grammar
from core.data.batches import END, FIRST, MARKS
from core.data.contract import TextError
from core.data.grammar import MOODS, PARTS, TOPICS
from core.data.tasks.game import Game
from core.text import BLANK, MASK, SPECIAL

PATTERNS = (
    "det-agent mood-adj agent mood-adv verb det-thing mood-adj thing prep det-place place .",
    "mood-adv det-agent mood-adj agent verb det-thing mood-adj thing prep det-place place .",
    "det-agent mood-adj agent verb det-thing thing mood-adv prep det-place mood-adj place .",
    "det-agent agent prep det-place mood-adj place mood-adv verb det-thing mood-adj thing .",
)
SPOKEN = len(PATTERNS[0].split())  # words of a sentence, the full stop included
LENGTH = SPOKEN + 2  # and the marks around it
TOPICAL, MOODY = 4, 3  # words of a sentence that follow its topic, and its mood
BEFORE = len(SPECIAL) + len(MARKS)  # tokens before the words
SHOWN, UNSEEN = 0, 1  # half of the content words: labels are given for sentences of the first, never of the second
_PIECE = re.compile(r"\[\w+\]|\w+|[^\w\s]+")


class Marked(Game):
    """Sentences of this language, each between its marks. What is asked of them is in its subclasses."""

    marks: ClassVar[int] = len(MARKS)

    @property
    def words(self) -> tuple[str, ...]:
        return (*SPECIAL, *MARKS, *grammar.vocabulary())

    @property
    def length(self) -> int:
        return LENGTH

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids with the marks around; without its full stop a sentence is still going on, and isn't closed.

        `[mask]` or `____` is a word to fill in. TextError names the first word that the language lacks.
        """
        ids = {word: index for index, word in enumerate(self.words)}
        pieces = _PIECE.findall(BLANK.sub(f" {SPECIAL[MASK]} ", text).casefold())
        found = [piece for piece in pieces if piece.upper() not in MARKS]
        if not found:
            raise TextError("Type at least one word of this language.")
        if len(found) > SPOKEN:
            raise TextError(f"These sentences have {SPOKEN} words at most; yours has {len(found)}. Shorten it.")
        for word in found:
            if word not in ids:
                near = difflib.get_close_matches(word, ids, n=1)
                raise TextError(f"“{word}” is not a word of this language. Try “{near[0] if near else 'sailor'}”.")
        closed = [END] if found[-1] == "." else []
        return np.array([FIRST, *(ids[word] for word in found), *closed], dtype=np.int64)


@lru_cache(maxsize=3)  # of all words and of each half
def _ladder(half: int | None) -> np.ndarray:
    return grammar.ladder(grammar.emissions(PATTERNS, half))


def spoken(rng: np.random.Generator, causes: np.ndarray, half: int | None = None) -> np.ndarray:
    """(n, LENGTH) tokens of sentences with these hidden causes (n,), of all words or of one half of them."""
    words = grammar.spoken(rng, _ladder(half), causes) + BEFORE
    return np.pad(words, ((0, 0), (1, 1)), constant_values=((0, 0), (FIRST, END)))


def language() -> np.ndarray:
    """(causes, LENGTH, V) probability of each token at each place, given a sentence's hidden causes."""
    table = grammar.emissions(PATTERNS)
    whole = np.zeros((len(table), LENGTH, BEFORE + table.shape[2]))
    whole[:, 1:-1, BEFORE:], whole[:, 0, FIRST], whole[:, -1, END] = table, 1, 1
    return whole


@cache
def causes() -> dict[str, np.ndarray]:
    """What each hidden cause stands for, (causes,) each: its pattern, topic, mood, and the number of its agent."""
    rows = [(pattern, topic, mood, numbers[0]) for pattern, topic, mood, numbers in grammar.CAUSES]
    columns = np.array(rows, dtype=np.int64).T
    return dict(zip(("pattern", "topic", "mood", "number"), columns, strict=True))


@cache
def groups() -> dict[str, np.ndarray]:
    """(V,) the topic of each token and its mood, by number; −1 where it has none."""
    topics = {
        word + end: number
        for number, words in enumerate(TOPICS.values())
        for part in (*PARTS, "verb")
        for word in words[part].split()
        for end in ("", "s")
    }
    moods = {word: number for both in MOODS.values() for number, words in enumerate(both) for word in words.split()}
    first = [-1] * BEFORE
    found = {"topic": topics, "mood": moods}
    return {name: np.array([*first, *(of.get(w, -1) for w in grammar.vocabulary())]) for name, of in found.items()}


@cache
def halves() -> np.ndarray:
    """(V,) which half each token belongs to, SHOWN or UNSEEN; −1: both."""
    said = [grammar.emissions(PATTERNS, half).any((0, 1)) for half in (SHOWN, UNSEEN)]
    either = np.where(said[SHOWN] & said[UNSEEN], -1, np.where(said[SHOWN], SHOWN, UNSEEN))
    return np.concatenate([np.full(BEFORE, -1), either])
