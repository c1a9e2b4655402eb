"""Runs learn here: their curves over one another, live, with the ceilings they can't pass and the controls of each."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.runs.store import Run
from ui import backend, state
from ui.charts.of_runs import Taste
from ui.panels.live_run import draw_live, draw_slower, numbers_as_csv, numbers_as_table
from ui.panels.naming import comparison, plain
from ui.panels.overlay import add_runs, launch_draft, ways_in
from ui.panels.polling import SLOWLY, pace, polled
from ui.panels.watched import known_runs, watch
from ui.words import later, tr

KINDS = {"held-out": later("held-out"), "training": later("training")}


def show() -> None:
    st.title(tr("Train"))
    asked = state.shown_runs() or tuple(state.recall("trained", ()))
    runs = known_runs(asked)
    if missing := len(asked) - len(runs):
        st.warning(
            tr("{n} of the runs in this link can't be found. They may have been deleted by their owner.", n=missing)
        )
    if not runs:
        empty()
        return
    ids = tuple(run.id for run in runs)
    state.show_runs(ids)
    state.remember("trained", list(ids))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        taste = tastes()
        add_runs(ids)
        launch_draft(ids)
    polled(partial(draw_live, ids, taste), pace(runs))
    polled(partial(draw_slower, ids, taste), pace(runs, SLOWLY))
    differences(runs)
    numbers(ids)


def empty() -> None:
    """Nothing to watch yet: what to do about it."""
    st.markdown(
        tr(
            "Here you watch models learn: loss, accuracy and the ceiling they can't pass, several over one another. "
            "Nothing is shown yet."
        )
    )
    ways_in()


def tastes() -> Taste:
    """How the curves are drawn."""
    words = tr("Smoothing, axes, and which curves are drawn.")
    with st.popover(tr("Curves"), icon=":material/show_chart:", help=words):
        shown = st.pills(
            tr("Measured on"),
            tuple(KINDS),
            selection_mode="multi",
            default=tuple(KINDS),
            format_func=lambda kind: tr(KINDS[kind]),
            key="curves-kinds",
            help=tr(
                "Held-out: sentences that the model never trained on. Training: the batch of each step, which jumps."
            ),
            persist_state="session",
        )
        smoothing = st.slider(
            tr("Smoothing"),
            0.0,
            0.99,
            0.8,
            0.01,
            key="curves-smoothing",
            help=tr("How much each point of training leans on those before it. Held-out points are never smoothed."),
            persist_state="session",
        )
        words = tr("Loss and gradient norm on a logarithmic axis: small differences late in training become visible.")
        log = st.toggle(tr("Logarithmic axis"), key="curves-log", help=words, persist_state="session")
    return Taste(smoothing, log, "training" in shown or not shown, "held-out" in shown)


def differences(runs: list[Run]) -> None:
    """What was set differently, before or during the training: the reason why the curves differ."""
    if len(runs) < 2:
        return
    names = [one.name for one in watch([run.id for run in runs])]
    st.subheader(tr("What differs"))
    steered = [backend.store().last_signal(run.id, "learning-rate") for run in runs]
    if table := comparison([run.experiment for run in runs], names, steered):
        st.markdown(table)
    else:
        same = tr(" and ").join(plain(name) for name in names)
        st.markdown(
            tr("Nothing: {names} are the same experiment, so on one machine they give the same numbers.", names=same)
        )


def numbers(ids: tuple[str, ...]) -> None:
    """The same numbers to read and to take away."""
    st.download_button(
        tr("Download all steps (CSV)"),
        partial(numbers_as_csv, ids),
        "bothways-runs.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=tr("Every step of every run shown here, for a spreadsheet or a notebook."),
    )
    with st.expander(tr("The numbers"), icon=":material/table:", key="numbers", on_change="rerun") as opened:
        if opened.open:
            st.markdown(numbers_as_table(watch(ids)))
