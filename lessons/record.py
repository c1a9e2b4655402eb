"""A learner's record of the course, for themselves or their teacher: as data, and as a page to read or print."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from html import escape
from typing import Any

from lessons.catalogue import COURSE
from lessons.lesson import ChoiceGuess, Guess, Lesson, Number, NumberGuess
from lessons.outline import folder_of, numbers_of
from lessons.progress import parts, share
from lessons.texts import Text, filled, said

Kept = Mapping[str, Mapping[str, Any]]
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2024}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #b9bfc8;padding:.35rem .5rem;text-align:left}"
    "h2{margin-top:2rem}small{color:#5a6170}"
)


def as_json(kept: Kept) -> str:
    """Everything that is kept, lesson by lesson, with what is done of it."""
    rows = {
        lesson.slug: {**kept[lesson.slug], "done": round(share(lesson, kept[lesson.slug]), 4)}
        for lesson in COURSE
        if lesson.slug in kept
    }
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps(
        {"course": "bothways", "version": 1, "exported": now, "lessons": rows}, ensure_ascii=False, indent=2
    )


def as_html(kept: Kept, language: str, page: Text) -> str:
    """One page: each lesson with its predictions, what was measured, and what was checked."""
    title = escape(f"Bothways: {page.title('record-title')}")
    body = "".join(_lesson(lesson, kept[lesson.slug], language, page) for lesson in COURSE if lesson.slug in kept)
    date = f"<small>{escape(page.title('date'))}: {time.strftime('%Y-%m-%d')}</small>"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body><h1>{title}</h1>{date}{body}</body></html>'


def _lesson(lesson: Lesson, way: Mapping[str, Any], language: str, page: Text) -> str:
    text = Text(folder_of(lesson), language)
    head = f"<h2>{escape(text.title('lesson'))}</h2><p>{round(100 * share(lesson, way))} %</p>"
    rows = "".join(
        f"<tr><td>{_words(text, f'guess.{guess.key}', lesson, language)}</td>"
        f"<td>{_said(guess, way['guesses'], text, lesson, language)}</td>"
        f"<td>{_said(guess, way.get('found', {}), text, lesson, language)}</td></tr>"
        for guess in lesson.guesses
        if guess.key in way.get("guesses", {})
    )
    names = "".join(f"<th>{escape(page.title(key))}</th>" for key in ("what", "predicted", "found"))
    table = f"<table><tr>{names}</tr>{rows}</table>" if rows else ""
    checks = "".join(
        f"<li>{_words(text, name, lesson, language)}: {escape(page.title('yes' if done else 'no'))}</li>"
        for name, done in parts(lesson, way).items()
        if "." in name
    )
    return f"{head}{table}<p>{escape(page.title('stage.check'))}</p><ul>{checks}</ul>"


def _words(text: Text, key: str, lesson: Lesson, language: str) -> str:
    return escape(filled(text.title(key), numbers_of(lesson), language, lambda _, words: words))


def _said(guess: Guess, values: Mapping[str, Any], text: Text, lesson: Lesson, language: str) -> str:
    """A prediction or a measurement in a cell of the table."""
    if guess.key not in values:
        return "–"
    value = values[guess.key]
    if isinstance(guess, NumberGuess):
        return escape(said(Number(value, guess.unit), language))
    if isinstance(guess, ChoiceGuess):
        options = value if guess.several else [value]
        return ", ".join(_words(text, f"guess.{guess.key}.{one}", lesson, language) for one in options)
    return escape(json.dumps(value))
