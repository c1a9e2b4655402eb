"""The words of the course in the learner's language, with their numbers and their links to the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.spec import Experiment
from lessons.lesson import Lesson, Number
from lessons.outline import folder_of
from lessons.texts import Text, filled, said
from ui.panels.naming import label_of
from ui.words import language, tr


def page_text() -> Text:
    return Text("page", language())


def text_of(lesson: Lesson) -> Text:
    return Text(folder_of(lesson), language())


def link(term: str, words: str) -> str:
    """A word of the glossary, linked to its entry."""
    return f"[{words}](lessons?show=glossary&term={term}&lang={language()})"


def phrase(key: str, **values: Any) -> str:
    """A short phrase of the page; values are set in as they are."""
    words = page_text().title(key)
    for name, value in values.items():
        words = words.replace("{{" + name + "}}", str(value))
    return words


def aid(key: str) -> str:
    """What is said more of a phrase: the help of a button."""
    return page_text().body(key)


def labelled(label: str, words: str) -> str:
    return tr("{label}: {words}", label=label, words=words)


def stressed(first: str, words: str) -> str:
    """A first sentence in bold, and what follows."""
    return tr("**{first}.** {words}", first=first, words=words)


def told(words: str, numbers: Mapping[str, Number]) -> str:
    """Words of a lesson with their numbers and links."""
    return filled(words, numbers, language(), link)


def number(value: float, unit: str) -> str:
    return said(Number(value, unit), language())


def value_words(value: Any, knob: str = "") -> str:
    """A setting's value as the lessons write it; `knob` where the same value means another thing elsewhere."""
    for name in (f"value.{knob}.{value}", f"value.{str(value).lower()}"):
        if page_text().has(name):
            return phrase(name)
    return f"{value:g}" if isinstance(value, float) else str(value)


def knob_words(name: str, experiment: Experiment) -> str:
    """What the lessons call a setting, or else its own label."""
    return phrase(f"knob.{name}") if page_text().has(f"knob.{name}") else label_of(name, experiment)
