"""A sentence of a lesson's game, as each of its readers may see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.data.contract import IGNORE
from core.models.direction import visible
from lessons.lesson import Lesson
from ui import state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.palette import OF_DIRECTION
from ui.panels.lesson_words import aid, phrase, value_words
from ui.panels.naming import plain

KEPT = 64  # sentences to leaf through


def show_example(lesson: Lesson) -> None:
    """One sentence with the word that is asked about and its cue; a button draws another."""
    first = next(iter(lesson.runs.values()))
    directions = list(dict.fromkeys(one.model.direction for one in lesson.runs.values()))
    game, shown = first.data.settings, state.recall("example", 0) % KEPT
    batch = game.held_out(KEPT)
    asked = int(np.flatnonzero(batch.labels[shown] != IGNORE)[0])
    rows = []
    for direction in directions:
        seen = visible(direction, game.length)[asked]
        label = phrase("may-read", direction=value_words(direction))
        rows.append(Row(label, _words(game, batch, shown, asked, seen), OF_DIRECTION[direction]))
    show_sentences(rows, key="lesson-example")
    answer = game.classes[int(batch.labels[shown, asked])]
    st.caption(phrase("answer-is", answer=plain(str(answer))))
    if st.button(phrase("another"), icon=":material/casino:", type="tertiary", help=aid("another")):
        state.remember("example", shown + 1)
        st.rerun()


def _words(game: Any, batch: Any, row: int, asked: int, seen: np.ndarray) -> list[Word]:
    cues = batch.cues[row] if batch.cues is not None else np.zeros(game.length, dtype=bool)
    marks = ["asked" if t == asked else "hidden" if not seen[t] else "cue" if cues[t] else "" for t in range(len(seen))]
    return [Word(game.words[token], mark) for token, mark in zip(batch.tokens[row], marks, strict=True)]
