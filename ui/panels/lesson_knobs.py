"""The settings that a lesson opens, in the learner's language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.spec import Experiment
from lessons.lesson import Knob
from ui import state
from ui.panels.lesson_words import knob_words, value_words


def ask_knobs(name: str, start: Experiment, knobs: Sequence[Knob]) -> dict[str, Any]:
    """A widget for each knob; gives only what differs from the experiment that it started from."""
    now = start.plain()
    changes = {}
    for knob in knobs:
        kept = f"{name}.{knob.name}"
        value = _ask(kept, knob, knob_words(knob.name, start), state.recall(kept, now.get(knob.name)))
        state.remember(kept, value)
        if value != now.get(knob.name):
            changes[knob.name] = value
    return changes


def _ask(key: str, knob: Knob, label: str, value: Any) -> Any:
    if knob.options:
        index = knob.options.index(value) if value in knob.options else 0
        shown = partial(value_words, knob=knob.name)
        return st.selectbox(label, knob.options, index=index, format_func=shown, key=key)
    if knob.unit == "percent":
        shown = st.slider(
            label,
            round(100 * knob.low),
            round(100 * knob.high),
            round(100 * (value or 0.0)),
            max(1, round(100 * knob.step)),
            format="%d %%",
            key=key,
        )
        return shown / 100
    whole = knob.step == int(knob.step)
    kind = int if whole else float
    return st.slider(label, kind(knob.low), kind(knob.high), kind(value or knob.low), kind(knob.step), key=key)
