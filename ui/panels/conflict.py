"""Choices that can't work together: why, and a button for each way out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.fields import SpecError
from core.spec import Experiment
from ui import state
from ui.panels import choices
from ui.panels.naming import label_of, plain, value_of


def show_conflict(problem: SpecError) -> None:
    """The reason in plain words and what can be applied; every other choice stays."""
    label, value = label_of(problem.name, state.draft()), value_of(problem.name, problem.value)
    st.error(f"**{label}: {plain(value)}** can't work here. {problem.reason}", icon=":material/conversion_path:")
    with st.container(horizontal=True):
        for works in choices.ways_out(problem):
            st.button(offer(works, state.draft()), type="primary", on_click=choices.apply, args=(works,))


def offer(works: dict[str, Any], experiment: Experiment) -> str:
    """What a button would change: "Set heads to 4"."""
    said = (f"{label_of(name, experiment).lower()} to {value_of(name, value)}" for name, value in works.items())
    return "Set " + " and ".join(said)
