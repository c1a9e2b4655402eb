"""The words of a lesson: Markdown in sections, one file a language, with the numbers filled in.

A section begins with `## key | title`. In other languages than English a mark follows, `<!-- 1a2b3c4d -->`: the hash of
the English section that was translated, so that a stale translation is found. In the words, `{{name}}` stands for a
number of the lesson's data, `[[term]]` or `[[term|words]]` for an entry of the glossary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lessons.lesson import Number

HERE = Path(__file__).parent
HEADING = re.compile(r"## (?P<key>[a-zA-Z0-9_.-]+)(?: \| (?P<title>.*?))?(?: <!-- (?P<mark>[0-9a-f]{8}) -->)?")
NUMBER = re.compile(r"\{\{([a-zA-Z0-9_.-]+)\}\}")
TERM = re.compile(r"\[\[([a-z-]+)(?:\|([^\]]+))?\]\]")
UNIT_WORDS = {
    "en": {"nats": " nats", "times": " times", "steps": " steps", "words": " words", "parameters": " parameters"},
    "zh": {"nats": " 奈特", "times": " 倍", "steps": " 步", "words": " 个词", "parameters": " 个参数"},
}


@dataclass(frozen=True)
class Section:
    title: str
    body: str
    mark: str = ""  # the hash of the English section that this one translates

    @property
    def hash(self) -> str:
        """8 hex digits of its words, whatever the white space between them."""
        words = " ".join(f"{self.title} {self.body}".split())
        return hashlib.sha256(words.encode()).hexdigest()[:8]


def sections(text: str) -> dict[str, Section]:
    """The sections of a file by key. Raises ValueError at a heading that is none, or that stands there twice."""
    found: dict[str, Section] = {}
    key, title, mark, lines = "", "", "", list[str]()

    def close() -> None:
        if key:
            found[key] = Section(title, "\n".join(lines).strip(), mark)

    for line in text.splitlines():
        if not line.startswith("## "):
            lines.append(line)
            continue
        close()
        heading = HEADING.fullmatch(line.rstrip())
        if heading is None or heading["key"] in found:
            raise ValueError(f"this heading is malformed or stands here twice: {line}")
        key, title, mark, lines = heading["key"], heading["title"] or "", heading["mark"] or "", []
    close()
    return found


@lru_cache(maxsize=128)
def _read(path: Path, _changed: float) -> dict[str, Section]:
    return sections(path.read_text(encoding="utf-8"))


def read(folder: str, language: str) -> dict[str, Section]:
    """The sections of lessons/<folder>/<language>.md, as they are on disk now."""
    path = HERE / folder / f"{language}.md"
    return _read(path, path.stat().st_mtime)


def said(number: Number, language: str) -> str:
    """A number as the text writes it: 0.6 → "60 %", 1.491 nats → "1.49 nats"."""
    value, unit = number.value, number.unit
    if unit == "percent":
        return f"{100 * value:.1f}".removesuffix(".0") + "\u00a0%"
    digits = {"nats": ".2f", "times": ".1f"}.get(unit, ",.0f" if abs(value) >= 100 else ".4g")
    return f"{value:{digits}}" + UNIT_WORDS[language].get(unit, "").replace(" ", "\u00a0")


def filled(words: str, numbers: Mapping[str, Number], language: str, link: Callable[[str, str], str]) -> str:
    """The words with their numbers, and with `link(term, words)` for each word of the glossary."""
    with_numbers = NUMBER.sub(lambda found: said(numbers[found[1]], language), words)
    return TERM.sub(lambda found: link(found[1], found[2] or found[1].replace("-", " ")), with_numbers)


@dataclass(frozen=True)
class Text:
    """The words of one folder in one language; what isn't translated yet is said in English."""

    folder: str
    language: str

    def section(self, key: str) -> Section:
        return read(self.folder, self.language).get(key) or read(self.folder, "en")[key]

    def has(self, key: str) -> bool:
        return key in read(self.folder, "en")

    def title(self, key: str) -> str:
        return self.section(key).title

    def body(self, key: str) -> str:
        return self.section(key).body
