"""Who can see whom: measured on the model itself, for attention and memory alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.influence import forbidden_said, precision_said, strongest
from ui.charts.matrix import Matrix, words_matrix
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, look, show, sides_said, with_tokens
from ui.words import later, tr

CODE = (
    "core/looking/influence.py:influence",
    "core/looking/influence.py:vector_jacobian_squares",
    "core/looking/influence.py:leaks",
    "core/models/direction.py:visible",
)


def look_at_influence(run: Run, step: int, looked: Looked) -> Picture | None:
    """Quickly estimated for a large model, unless all directions are asked for."""
    seen = look(run.id, step, looked.text, "influence")
    if seen is None or seen.notes["error"] == 0:
        return seen
    help = tr("Takes as many passes back through the model as its states have directions.")
    exact = st.toggle(tr("All directions of a state: exact, but slow"), key="look-exact", help=help)
    return look(run.id, step, looked.text, "influence", exact=True) if exact else seen


def show_influence(seen: Picture, looked: Looked) -> None:
    """The matrix, and what it proves."""
    picture, words = st.columns([7, 4], gap="large")
    with words:
        st.markdown(
            tr(
                "**Look for** the empty half. How much does the state of one word change when another word's meaning "
                "changes a little? Not what the model was told to ignore, but what it truly ignores: measured by "
                "derivatives, ‖∂h_t/∂e_s‖."
            )
        )
        st.markdown(f"{forbidden_said(seen.notes)} {leaks_said(seen.notes)} {precision_said(seen.notes)}")
        st.caption(sides_said())
    with picture:
        show(influence_matrix(seen, looked.asked), "influence", with_tokens(seen), CODE, link="words")
        left_out(seen)


def influence_matrix(seen: Picture, asked: Sequence[int] = ()) -> Matrix:
    """Jacobian norms (T, S), the forbidden half grey."""
    norms = seen.arrays["influence"]
    title = tr("Who sees whom: how strongly each word’s state depends on each word")
    most = strongest(norms)
    marked = [place for place in asked if place < len(norms)]
    allowed = seen.arrays["allowed"]
    full = f"{most:.2g}"
    say = (
        tr("Full colour: {most} and more.", most=full)
        if allowed.all()
        else tr("Full colour: {most} and more. Grey: its direction forbids it.", most=full)
    )
    return words_matrix(norms, allowed, seen.tokens, title, later("influence"), most, marked, say)


def leaks_said(notes: dict[str, Any]) -> str:
    """What changing each word, one at a time, has shown."""
    if notes["largest_forbidden"] is None:
        return ""
    if not notes["leaks"]:
        return tr("Changing each word in turn moved no state that should not see it.")
    return tr("Changing each word in turn moved {n} states that should not see it.", n=len(notes["leaks"]))
