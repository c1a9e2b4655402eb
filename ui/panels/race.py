"""The start page's race: two models that differ in direction alone, on one game whose ceilings are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.data.contract import IGNORE
from core.data.tasks.sense import Sense
from core.spec import DIRECTIONS, Experiment, from_json
from ui import state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.of_runs import Taste, accuracy_chart
from ui.charts.palette import BOTH, PAST
from ui.panels.amounts import percent
from ui.panels.live_run import measured
from ui.panels.polling import pace
from ui.panels.watched import Watched, watch
from ui.panels.words_of_run import status_words
from ui.words import tr

ONE_WAY, _, TWO_WAY = DIRECTIONS
CHART_HEIGHT = 340
RECIPE = {"steps": 300, "evaluate_every": 10, "held_out": 2000, "snapshots": 20}


def racers(p: float, seed: int) -> tuple[Experiment, Experiment]:
    """Left to right, and both ways: the same in everything else."""
    one_way = from_json(
        {
            "data": {"task": "sense", "p": p},
            "model": {"direction": ONE_WAY, "size": "small"},
            "train": {**RECIPE, "seed": seed},
        }
    )
    return one_way, one_way.with_({"model.direction": TWO_WAY})


def pair(ids: Sequence[str]) -> tuple[Watched, Watched] | None:
    """The race that these runs are, one-way first; None where they are something else."""
    several = watch(ids)
    by_direction = {one.run.experiment.model.direction: one for one in several}
    if len(several) != 2 or set(by_direction) != {ONE_WAY, TWO_WAY}:
        return None
    if any(one.run.experiment.data.task != "sense" for one in several):
        return None
    return by_direction[ONE_WAY], by_direction[TWO_WAY]


def tell_game(game: Sense, heading: str) -> None:
    """The rules of the game, with a sentence to look at."""
    st.subheader(heading)
    st.markdown(
        tr(
            "A word with two meanings is asked about. One other word, the :orange-badge[cue], tells which meaning it "
            "has. The cue stands to the **right** of it in {share} of all sentences, else to the left.",
            share=percent(game.p, 0),
        )
    )
    example = state.recall("example", 0)
    show_game(game, example)
    words = tr("Draw another sentence of this game.")
    if st.button(tr("Another sentence"), icon=":material/casino:", type="tertiary", help=words):
        state.remember("example", example + 1)
        st.rerun()


def show_game(game: Sense, example: int) -> None:
    """One sentence of the game as each model may read it, the cue in colour."""
    batch = game.held_out(64)
    row = example % len(batch.tokens)
    words = [game.words[token] for token in batch.tokens[row]]
    asked = int(np.flatnonzero(batch.labels[row] != IGNORE)[0])
    cue = int(np.flatnonzero(batch.cues[row])[0]) if batch.cues is not None else -1
    marks = ["asked" if t == asked else "cue" if t == cue else "" for t in range(len(words))]
    left = [
        Word(word, mark if t <= asked else "hidden") for t, (word, mark) in enumerate(zip(words, marks, strict=True))
    ]
    both = [Word(word, mark) for word, mark in zip(words, marks, strict=True)]
    rows = [
        Row(tr("What a → left-to-right model may read"), left, PAST),
        Row(tr("What a ⇄ both-ways model may read"), both, BOTH),
    ]
    show_sentences(rows, key="game")


def draw_race(ids: Sequence[str]) -> float | None:
    """Both curves and where each model stands. Says when to draw again."""
    racing = pair(ids)
    if racing is None:
        return None
    names = (tr("Left to right"), tr("Both ways"))
    limits = {round(one.ceiling, 6): name for one, name in zip(racing, names, strict=True) if one.ceiling is not None}
    if len(limits) == 1:
        limits = dict.fromkeys(limits, tr("Either"))
    taste = Taste(train=False, title=tr("Right answers on unseen sentences"), limit_words=limits)
    lines = [replace(measured(one), name=name) for one, name in zip(racing, names, strict=True)]
    st.echarts_chart(accuracy_chart(lines, taste), key="race", height=CHART_HEIGHT)
    for column, one, name in zip(st.columns(2, border=True), racing, names, strict=True):
        with column:
            standing(one, name)
    return pace(one.run for one in racing)


def standing(watched: Watched, name: str) -> None:
    """One model's held-out accuracy now, beside its ceiling."""
    st.metric(
        tr("{name}: right answers", name=name),
        percent(watched.held_out),
        help=tr("Measured on sentences that the model never trained on."),
    )
    run = watched.run
    if run.under_way:
        st.progress(min(1.0, run.step / max(1, run.steps)))
    ceiling = tr("Ceiling {share}, computed from the game", share=percent(watched.ceiling))
    st.caption(f"{ceiling}  \n{status_words(watched)}")
