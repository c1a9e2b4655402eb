"""What a lesson reads off its trained runs: translations word by word, where they looked, how a sentence fell apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from core.data.registry import open_source
from core.picture import Picture
from core.runs.failures import LookError
from core.runs.readings import Example, Found, read
from core.runs.store import Run
from lessons.lesson import Lesson, Reading
from ui import backend
from ui.canvas.matrix import show_matrix
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.matrix import Matrix, places
from ui.panels.lesson_words import number, phrase, text_of
from ui.panels.naming import plain
from ui.panels.tokens import words_of_cut
from ui.panels.watched import Watched
from ui.words import tr

UNITS = {"fertility": "number", "characters": "number"}  # of readings that are no share


@dataclass(frozen=True)
class Behind:
    """A run's last snapshot, as the looking process sees it."""

    run: str
    step: int

    def look(self, text: str, what: str, /) -> Picture:
        return backend.looker().look(self.run, self.step, text, what)

    def translate(self, text: str, first: int, count: int, decoder: str, options: dict[str, Any], /) -> Picture:
        return backend.looker().translate(self.run, self.step, text, first, count, decoder, options)


def read_off(run: Run, reading: Reading) -> Found:
    """One reading of a run that has ended. Raises LookError in words where it can't be read."""
    return _found(run.id, run.step, reading.kind, json.dumps(dict(reading.options), sort_keys=True))


@lru_cache(maxsize=256)
def _found(run_id: str, step: int, kind: str, options: str) -> Found:
    experiment, store = backend.store().existing(run_id).experiment, backend.store()
    source = open_source(experiment.data.settings, store.read_text, experiment.model.checkpoint)
    return read(kind, Behind(run_id, step), source, json.loads(options))


def show_readings(lesson: Lesson, several: Mapping[str, Watched]) -> None:
    """Every reading of the lesson's runs: its number, and the sentences that it was read from."""
    text = text_of(lesson)
    for reading in lesson.readings:
        if reading.run not in several:
            continue
        try:
            found = read_off(several[reading.run].run, reading)
        except LookError as problem:
            st.warning(plain(tr(str(problem))), icon=":material/warning:")
            continue
        value = number(found.value, UNITS.get(reading.kind, "percent"))
        st.markdown(f"**{text.title(f'reading.{reading.key}')}: {value}**")
        show_examples(found, f"{lesson.slug}-{reading.key}")


def show_examples(found: Found, key: str) -> None:
    """A square where it is known where the words looked; else the words, each marked right or wrong."""
    looked = [one for one in found.examples if one.looked]
    for example in looked:
        show_matrix(alignment(example), key=f"looked-{key}")
    if found.examples and not looked:
        show_sentences([row(one) for one in found.examples], key=f"reading-{key}")


def row(example: Example) -> Row:
    """What was written, with the sentence that was read as its label; or tokens."""
    if not example.read:
        return Row("", words_of_cut(example.written))
    marks = ["right" if one == other else "wrong" for one, other in zip(example.written, example.truth, strict=False)]
    marks += ["wrong"] * (len(example.written) - len(marks))
    return Row(" ".join(example.read), [Word(one, mark) for one, mark in zip(example.written, marks, strict=True)])


def alignment(example: Example) -> Matrix:
    """(T, S) where each written word looked in the source."""
    return Matrix(
        np.asarray(example.looked, float),
        places(example.written),
        places(example.read),
        phrase("alignment"),
        phrase("alignment.down"),
        phrase("alignment.across"),
        phrase("alignment.unit"),
        "amount",
        1.0,
        joint=phrase("alignment.joint"),
    )
