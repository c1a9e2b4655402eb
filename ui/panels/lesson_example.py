"""A sentence of a lesson's game, as each of its readers may see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.cutting import cut
from core.data.contract import IGNORE
from core.data.corpora import Text
from core.data.documents import CARRYING_ON, INTRODUCING, TwoSentences
from core.data.pairs.pair_game import PairGame
from core.data.registry import open_source
from core.models.direction import visible
from lessons.lesson import Lesson
from ui import state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.palette import OF_DIRECTION
from ui.panels.lesson_words import aid, phrase, text_of, value_words
from ui.panels.naming import plain
from ui.panels.tokens import words_of_cut

KEPT = 64  # sentences to leaf through


def show_example(lesson: Lesson) -> None:
    """What the lesson's game is like; of text, how sentences fall apart."""
    settings = next(iter(lesson.runs.values())).data.settings
    if isinstance(settings, PairGame):
        show_pair(settings)
    elif isinstance(settings, TwoSentences):
        show_documents(settings)
    elif isinstance(settings, Text):
        show_cuts(lesson)
    else:
        show_asked(lesson)


def show_pair(game: PairGame) -> None:
    """A sentence and every right translation of it."""
    shown = state.recall("example", 0) % KEPT
    source, target = game.pairs(np.random.default_rng(0), KEPT)[shown]
    right = game.all_right(source) or [target]
    rows = [Row(phrase("pair.source"), [Word(one) for one in source])]
    rows += [Row(phrase("pair.target"), [Word(one, "cue") for one in each]) for each in right]
    show_sentences(rows, key="lesson-example")
    another(shown)


def show_documents(game: TwoSentences) -> None:
    """Two sentences of one document, and one of another; determiners stand out, as they tell the order."""
    shown = state.recall("example", 0) % KEPT
    tokens = game.held_out(KEPT).tokens[shown].reshape(3, -1)  # first, second, of another document
    telling = (*INTRODUCING, *CARRYING_ON)
    rows = []
    for name, sentence in zip(("first", "second", "other"), tokens, strict=True):
        words = [game.words[one] for one in sentence]
        rows.append(Row(phrase(f"document.{name}"), [Word(one, "cue" if one in telling else "") for one in words]))
    show_sentences(rows, key="lesson-example")
    another(shown)


def show_cuts(lesson: Lesson) -> None:
    """The first sentence of the lesson's readings, as each of its tokenizers cuts it; others are to be predicted."""
    sentence = next(one.options["sentence"] for one in lesson.readings if "sentence" in one.options)
    rows = [Row(sentence, [])]
    for name, experiment in lesson.runs.items():
        cells = words_of_cut(cut(open_source(experiment.data.settings).tokenizer, sentence).tokens)
        rows.append(Row(f"{text_of(lesson).title(f'run.{name}')}: {len(cells)}", cells))
    show_sentences(rows, key="lesson-example")


def another(shown: int) -> None:
    """A button that draws another example."""
    if st.button(phrase("another"), icon=":material/casino:", type="tertiary", help=aid("another")):
        state.remember("example", shown + 1)
        st.rerun()


def show_asked(lesson: Lesson) -> None:
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
    another(shown)


def _words(game: Any, batch: Any, row: int, asked: int, seen: np.ndarray) -> list[Word]:
    cues = batch.cues[row] if batch.cues is not None else np.zeros(game.length, dtype=bool)
    marks = ["asked" if t == asked else "hidden" if not seen[t] else "cue" if cues[t] else "" for t in range(len(seen))]
    return [Word(game.words[token], mark) for token, mark in zip(batch.tokens[row], marks, strict=True)]
