"""Choices that can't work together, or that let a model cheat: why, and a button for each way out."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from core.cheating import honest, leak
from core.fields import SpecError
from core.spec import Experiment
from ui import state
from ui.panels import choices
from ui.panels.naming import label_of, plain, value_of


def show_conflict(problem: SpecError) -> None:
    """The reason in plain words and what can be applied; every other choice stays."""
    label, value = label_of(problem.name, state.draft()), value_of(problem.name, problem.value)
    st.error(f"**{label}: {plain(value)}** can't work here. {problem.reason}", icon=":material/conversion_path:")
    _offer_all(choices.ways_out(problem), "primary")


def show_leak(experiment: Experiment) -> None:
    """Where the model can read its own answer: by which way, what will be seen, and what to change. It may run."""
    found = leak(experiment)
    if found is None:
        return
    st.warning(
        f"**This model can cheat.** {found.sentence}\n\nYou may train it and watch: its loss can fall below the least "
        "possible one, towards 0, and yet what it writes is nonsense, because there the answer isn’t written yet.",
        icon=":material/visibility:",
    )
    _offer_all(honest(experiment), "secondary")


def _offer_all(ways: list[dict[str, Any]], kind: Literal["primary", "secondary"]) -> None:
    with st.container(horizontal=True):
        for works in ways:
            st.button(offer(works, state.draft()), type=kind, on_click=choices.apply, args=(works,))


def offer(works: dict[str, Any], experiment: Experiment) -> str:
    """What a button would change: "Set heads to 4"."""
    said = (f"{label_of(name, experiment).lower()} to {value_of(name, value)}" for name, value in works.items())
    return "Set " + " and ".join(said)
