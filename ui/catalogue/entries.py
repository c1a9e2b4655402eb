"""What stands for English words in another language: a gettext catalogue that also knows templates again.

A page looks its words up as they stand in the code. The engine speaks English alone, and what it says may have been
written long ago (the error of a stored run): such words are compared with the templates of the catalogue, the most
telling first, and the parts in their gaps are told in turn; or they are several sentences, each told on its own. Of all
ways the first is taken that leaves nothing in English, else the one that leaves least. What stands in quotation marks
is somebody's own and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

import polib

HERE = Path(__file__).parent
GAP = re.compile(r"\{[^{}]*\}")
SENTENCE = re.compile(r"[.!?]\s")
END = re.compile(r"(?<=[.!?:;,])\s+|\n+")  # where one sentence ends and another begins
WIDE = re.compile(r"(?<=[。！？；：，、）]) +(?=\S)")  # no blank follows wide punctuation
LETTER = re.compile(r"[A-Za-z]")
MARKS = {"zh": {".": "。", ";": "；", ":": "：", ",": "，"}}  # that end a sentence or a part of one
NAMES = "{names}"  # a gap with somebody's own words, as is each in quotation marks
CHAIN = " → "  # between the steps of a path, each told on its own
LEAST = 4  # letters by which a template can be known again
LONGEST, MOST_SENTENCES = 2000, 24  # what is longer was written by nobody here


class Told(NamedTuple):
    words: str
    left: int  # letters of phrases that are still in English


def path_of(language: str) -> Path:
    return HERE / f"{language}.po"


@cache
def catalogue(language: str) -> Catalogue:
    told = {one.msgid: one.msgstr for one in polib.pofile(str(path_of(language))) if one.msgstr}
    return Catalogue(told, MARKS.get(language))


@dataclass(frozen=True)
class Template:
    """Words with gaps, and what they are in the other language."""

    literals: tuple[str, ...]  # before, between and after the gaps
    gaps: tuple[str, ...]
    own: tuple[bool, ...]  # of each gap: does it hold somebody's own words?
    told: str

    @staticmethod
    def of(words: str, told: str) -> Template:
        literals = GAP.split(words)
        gaps = GAP.findall(words)
        own = [
            gap == NAMES or a[-1:] + b[:1] in ("“”", "``") for gap, (a, b) in zip(gaps, pairwise(literals), strict=True)
        ]
        return Template(tuple(literals), tuple(gaps), tuple(own), told)

    @cached_property
    def letters(self) -> int:
        return sum(map(str.isalpha, "".join(self.literals)))

    def parts(self, words: str) -> list[str] | None:
        """What fills the gaps where these words were made from this template: each as short as can be. Else None."""
        first, *between, last = self.literals
        if not (words.startswith(first) and words.endswith(last)):
            return None
        at, end, found = len(first), len(words) - len(last), []
        for literal in between:
            here = words.find(literal, at, end)
            if here < 0:
                return None
            found.append(words[at:here])
            at = here + len(literal)
        if at > end:
            return None
        found.append(words[at:end])
        same = dict(zip(self.gaps, found, strict=True))
        return found if all(same[gap] == part for gap, part in zip(self.gaps, found, strict=True)) else None

    def filled(self, parts: list[str]) -> str:
        values = dict(zip(self.gaps, parts, strict=True))
        return GAP.sub(lambda gap: values.get(gap[0], gap[0]), self.told)


class Templates:
    """All templates, the most telling first, found by how they begin or else by how they end."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._starts: dict[str, list[Template]] = {}
        self._ends: dict[str, list[Template]] = {}
        self._others: list[Template] = []
        for one in templates:
            first, last = one.literals[0], one.literals[-1]
            if one.letters < LEAST:
                continue
            if len(first) >= LEAST:
                self._starts.setdefault(first[:LEAST], []).append(one)
            elif len(last) >= LEAST:
                self._ends.setdefault(last[-LEAST:], []).append(one)
            else:
                self._others.append(one)

    def that_make(self, words: str) -> list[tuple[Template, list[str]]]:
        """The templates that these words can be made from, with what fills their gaps."""
        near = [*self._starts.get(words[:LEAST], ()), *self._ends.get(words[-LEAST:], ()), *self._others]
        found = [(one, parts) for one in near if (parts := one.parts(words)) is not None]
        return sorted(found, key=lambda one: -one[0].letters)


class Catalogue:
    def __init__(self, entries: Mapping[str, str], marks: Mapping[str, str] | None = None) -> None:
        self.entries = entries
        self._marks = marks or {mark: mark for mark in ".;:,"}
        templates = [Template.of(words, told) for words, told in entries.items() if GAP.search(words)]
        self._templates = Templates(templates)
        self._known = lru_cache(maxsize=8192)(self._retold)
        self._made_from = lru_cache(maxsize=1024)(self._templates.that_make)

    def said(self, words: str, exact: bool = False) -> str:
        """The words in this language, or as they are where it has none. `exact`: don't compare with templates."""
        found = self.entries.get(words)
        return found if found is not None else words if exact else self._known(words).words

    def _retold(self, words: str) -> Told:
        bare = words.strip()
        best = Told(words, _letters(bare))
        if len(words) > LONGEST or not LETTER.search(bare):
            return best
        before, _, after = words.partition(bare)
        for told in self._ways(bare):
            if told.left < best.left or best.words == words:
                best = Told(before + WIDE.sub("", told.words) + after, told.left)
            if not best.left:
                break
        return best

    def _ways(self, words: str) -> Iterator[Told]:
        if CHAIN in words:
            steps = [self._known(step) for step in words.split(CHAIN)]
            yield Told(CHAIN.join(step.words for step in steps), sum(step.left for step in steps))
        yield from self._whole(words)
        yield from self._in_parts(words)
        yield from self._whole(words, several=True)

    def _whole(self, words: str, several: bool = False) -> Iterator[Told]:
        """As one entry, or by a template with its gaps filled; `several` sentences may stand in one gap."""
        if words in self.entries:
            yield Told(self.entries[words], 0)
        for template, parts in self._made_from(words):
            if any(map(SENTENCE.search, parts)) == several:
                told = [
                    Told(part, 0) if own else self._known(part) for part, own in zip(parts, template.own, strict=True)
                ]
                yield Told(template.filled([one.words for one in told]), sum(one.left for one in told))
        mark = words[-1:]
        if mark in self._marks and (mark == "." or " " in words) and not several:  # “Steps, Seed” may be names
            yield from (Told(told.words + self._marks[mark], told.left) for told in self._whole(words[:-1]))

    def _in_parts(self, words: str) -> Iterator[Told]:
        """As many sentences as one entry knows, and then the rest; or the rest alone."""
        ends = list(END.finditer(words))
        if len(ends) > MOST_SENTENCES:
            return
        for several, end in product((False, True), reversed(ends)):
            for head in self._whole(words[: end.start()], several):
                tail = self._known(words[end.end() :])
                yield Told(head.words + end[0] + tail.words, head.left + tail.left)
                break
        if ends and (tail := self._known(rest := words[ends[0].end() :])).words != rest:
            first = words[: ends[0].start()]
            yield Told(first + ends[0][0] + tail.words, _letters(first) + tail.left)


def _letters(words: str) -> int:
    """Letters of a phrase; a single word may be a name."""
    return len(LETTER.findall(words)) if " " in words.strip() else 0
