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
from ui.words import tr


def show_conflict(problem: SpecError) -> None:
    """The reason in plain words and what can be applied; every other choice stays."""
    label, value = label_of(problem.name, state.draft()), value_of(problem.name, problem.value)
    said = tr("**{setting}: {value}** can't work here.", setting=label, value=plain(value))
    words = tr("{sentence} {next}", sentence=said, next=tr(problem.reason))
    st.error(words, icon=":material/conversion_path:")
    _offer_all(choices.ways_out(problem), "primary")


def show_leak(experiment: Experiment) -> None:
    """Where the model can read its own answer: by which way, what will be seen, and what to change. It may run."""
    found = leak(experiment)
    if found is None:
        return
    said = tr("{sentence} {next}", sentence=tr("**This model can cheat.**"), next=tr(found.sentence))
    may = tr(
        "You may train it and watch: its loss can fall below the least possible one, towards 0, and yet what it "
        "writes is nonsense, because there the answer isn’t written yet."
    )
    st.warning(f"{said}\n\n{may}", icon=":material/visibility:")
    _offer_all(honest(experiment), "secondary")


def _offer_all(ways: list[dict[str, Any]], kind: Literal["primary", "secondary"]) -> None:
    with st.container(horizontal=True):
        for works in ways:
            st.button(offer(works, state.draft()), type=kind, on_click=choices.apply, args=(works,))


def offer(works: dict[str, Any], experiment: Experiment) -> str:
    """What a button would change: "Set heads to 4"."""
    said = [
        tr("{setting} to {value}", setting=label_of(name, experiment).lower(), value=value_of(name, value))
        for name, value in works.items()
    ]
    return tr("Set {changes}", changes=tr(" and ").join(said))
