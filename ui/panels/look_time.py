"""The moment of training that is looked at: one slider for everything, play, and moments that were marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.runs.history import history
from core.runs.store import Run
from ui import backend, state
from ui.canvas.timeline import Moments, show_timeline, tell_drawn
from ui.charts.palette import OF_DIRECTION
from ui.panels.look_run import standing
from ui.panels.naming import brief, plain
from ui.words import tr

MOST_MARKS = 8


def choose_moment(run: Run, steps: Sequence[int], key: str = "look-time") -> int:
    """The step of a snapshot: the link's or the last one at first, then where the slider was dragged."""
    key = f"{key}-{run.id}"
    now = present(run, steps, key)
    marked = marks(run, steps)
    measured = [(one["step"], one["held_out"]["accuracy"]) for one in history(backend.store(), run.id).evaluations]
    colour = OF_DIRECTION[run.experiment.model.direction]
    moments = Moments(run.title or brief(run.experiment), steps, measured, marked, colour)
    chosen, turned = show_timeline(moments, now, key)
    if chosen != state.recall(f"{key} answered"):  # the slider has been moved since
        state.remember(f"{key} answered", chosen)
        state.remember(f"{key} now", chosen)
        now = chosen
    if turned is not None:
        turn_mark(marked, turned)
        marked = marks(run, steps)
    st.caption(standing(run, now))
    if marked:
        marked_moments(marked, key)
    return now


def present(run: Run, steps: Sequence[int], key: str) -> int:
    """Where the slider stands."""
    linked = int(state.number_param("at", -1, 0, 1e12))
    if state.recall(f"{key} now") is None and linked in steps:
        state.remember(f"{key} now", linked)
    now = state.recall(f"{key} now", steps[-1])
    now = now if now in steps else steps[-1]
    if state.recall(f"{key} answered") is None:
        state.remember(f"{key} answered", now)
    return int(now)


def marks(run: Run, steps: Sequence[int]) -> list[int]:
    """Marked steps of the link that are snapshots of this run."""
    named = (state.param("marks") or "").split(",")
    return sorted({int(one) for one in named if one.isascii() and one.isdigit() and int(one) in steps})[:MOST_MARKS]


def turn_mark(marked: Sequence[int], step: int) -> None:
    """Mark a moment, or take its mark away."""
    kept = sorted({*marked} ^ {step})
    state.set_param("marks", ",".join(map(str, kept)))
    state.set_param("at", str(step) if kept else None)


def marked_moments(marked: Sequence[int], key: str) -> None:
    """A button for each marked moment."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for step in marked:
            st.button(
                f"⚑ {step:,}",
                type="tertiary",
                key=f"{key}-mark-{step}",
                on_click=state.remember,
                args=(f"{key} now", step),
                help=tr("Go back to this moment. Marks are part of this page’s link."),
            )


def drawn(run: Run, step: int, key: str = "look-time") -> None:
    """Tell the slider that everything of this moment stands."""
    count = state.recall("look drawn", 0) + 1
    state.remember("look drawn", count)
    tell_drawn(f"{key}-{run.id}", step, count)


def titled(run: Run) -> str:
    """A run's name, safe inside Markdown."""
    return plain(run.title or brief(run.experiment))
