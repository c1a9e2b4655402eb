"""What stands for English words in another language: a gettext catalogue that also knows templates again.

A page looks its words up as they stand in the code. The engine speaks English alone, and what it says may have been
written long ago (the error of a stored run): such a sentence is compared with the templates of the catalogue, the most
telling first, and the parts in its gaps are told in turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import polib

HERE = Path(__file__).parent
GAP = re.compile(r"\{[^{}]*\}")
SENTENCE = re.compile(r"[.!?]\s| → ")
END = re.compile(r"(?<=[.!?:;,])\s+|\n+| → ")  # where one sentence, or step of a path, ends and another begins
WIDE = re.compile(r"(?<=[。！？；：，、）”]) +(?=\S)")  # no blank follows wide punctuation
LEAST = 4  # letters by which a template can be known again
MOST_SENTENCES = 12


def path_of(language: str) -> Path:
    return HERE / f"{language}.po"


@cache
def catalogue(language: str) -> Catalogue:
    return Catalogue({one.msgid: one.msgstr for one in polib.pofile(str(path_of(language))) if one.msgstr})


class Catalogue:
    def __init__(self, entries: Mapping[str, str]) -> None:
        self._exact = entries
        letters = {words: sum(map(str.isalpha, GAP.sub("", words))) for words in entries if GAP.search(words)}
        telling = sorted((words for words, count in letters.items() if count >= LEAST), key=lambda one: -letters[one])
        self._templates = [(_pattern(words), GAP.findall(words), entries[words]) for words in telling]
        self._known = lru_cache(maxsize=4096)(self._retold)

    def said(self, words: str, exact: bool = False) -> str:
        """The words in this language, or as they are where it has none. `exact`: don't compare with templates."""
        found = self._exact.get(words)
        return found if found is not None else words if exact else self._known(words)

    def _retold(self, words: str) -> str:
        bare = words.strip()
        if not bare:
            return words
        before, _, after = words.partition(bare)
        told = self._whole(bare) or self._in_parts(bare) or self._whole(bare, several=True)
        return words if told is None else before + WIDE.sub("", told) + after

    def _whole(self, words: str, several: bool = False) -> str | None:
        """One entry, or one template with its gaps filled; `several` sentences may stand in one gap."""
        if words in self._exact:
            return self._exact[words]
        for pattern, gaps, told in self._templates:
            found = pattern.fullmatch(words)
            if found and (several or not any(map(SENTENCE.search, found.groups()))):
                for gap, part in zip(gaps, found.groups(), strict=True):
                    told = told.replace(gap, self._known(part))
                return told
        return None

    def _in_parts(self, words: str) -> str | None:
        """As many sentences as one entry knows, and then the rest; None where none of them is known."""
        ends = list(END.finditer(words))[:MOST_SENTENCES]
        for end in reversed(ends):
            head = self._whole(words[: end.start()])
            if head:
                return head + end[0] + self._retold(words[end.end() :])
        if ends:
            head, tail = words[: ends[0].start()], words[ends[0].end() :]
            told = self._retold(tail)
            return None if told == tail else head + ends[0][0] + told
        return None


def _pattern(words: str) -> re.Pattern[str]:
    """What matches a sentence that was made from this template, each gap a group."""
    return re.compile("(.*?)".join(map(re.escape, GAP.split(words))), re.DOTALL)
