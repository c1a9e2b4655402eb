"""One run in the list: what it is, how far it came, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.limits import ceiling_of
from core.runs.history import history
from core.runs.store import Run
from ui import backend, state
from ui.panels.amounts import percent
from ui.panels.attempt import attempt
from ui.panels.naming import brief, plain, summary
from ui.panels.polling import SLOWLY, pace, polled
from ui.panels.tune_starts import can_start
from ui.panels.words_of_run import ago, badge
from ui.places import go, link_to

MOST_TITLE = 80  # letters


def tick(run: Run) -> str:
    return f"tick-{run.id}"


def selected(runs: Sequence[Run]) -> list[Run]:
    """The runs that are ticked."""
    return [run for run in runs if state.widget(tick(run))]


def draw_row(run: Run) -> None:
    """Two lines and a menu; reads well on a phone."""
    with st.container(border=True, gap="xsmall", key=f"row-{run.id}"):
        name = plain(run.title or brief(run.experiment))
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
            st.checkbox("Tick this run", key=tick(run), persist_state="session", label_visibility="collapsed", width=28)
            st.markdown(f"**{name}**", width="stretch")
            menu(run)
        polled(partial(draw_standing, run), pace([run], SLOWLY))


def draw_standing(before: Run) -> float | None:
    """How far the run is by now. Says when to draw again."""
    run = backend.store().run(before.id)
    if run is None:  # deleted in another tab
        return None
    st.markdown(f"{badge(run.status)} {result(run)}")
    st.caption(f"{plain(summary(run.experiment))} · {run.step:,} of {run.steps:,} steps · {ago(run.created)}")
    return pace([run], SLOWLY)


def result(run: Run) -> str:
    """The last held-out accuracy beside the ceiling."""
    evaluations = history(backend.store(), run.id).evaluations
    if not evaluations:
        return plain(run.message) or "nothing measured yet"
    ceiling = ceiling_of(run.experiment)
    line = "" if ceiling is None else f" · ceiling {percent(ceiling)}"
    return f"**{percent(evaluations[-1]['held_out']['accuracy'])}** right on held-out data{line}"


def menu(run: Run) -> None:
    """Everything that can be done with one run."""
    words = "Open, share, rename, go on or delete."
    with st.popover("Menu", type="tertiary", help=words, key=f"menu-{run.id}"):
        if _item(run, "Curves", ":material/monitoring:", "Open this run in Train."):
            go("train", run=run.id)
        if _item(run, "Look inside", ":material/visibility:", "See what it attends to and knows."):
            go("look", run=run.id)
        if can_start(run) and _item(run, "Fine-tune", ":material/model_training:", "Teach this model a task."):
            go("fine_tune", start=f"run:{run.id}")
        if run.resumable and _item(run, "Resume", ":material/replay:", "Train on from its last snapshot."):
            resume(run)
        share(run)
        rename(run)
        if _item(run, "Delete …", ":material/delete:", "Asks before it deletes."):
            confirm_delete([run])


def _item(run: Run, label: str, icon: str, help: str) -> bool:
    return st.button(label, icon=icon, key=f"{label}-{run.id}", help=help, width="stretch")


def share(run: Run) -> None:
    st.caption("Share: others can look, only you can change.", help="The link shows the run live, without controls.")
    st.code(link_to("train", run=run.id), language=None, wrap_lines=True)


def rename(run: Run) -> None:
    key = f"title-{run.id}"
    st.text_input(
        "Title",
        run.title,
        max_chars=MOST_TITLE,
        placeholder="A name of your own",
        key=key,
        help="Press Enter to keep it.",
        on_change=_rename,
        args=(run.id, key),
    )


def _rename(run_id: str, key: str) -> None:
    title = str(state.widget(key, "")).strip()[:MOST_TITLE]
    attempt(partial(backend.store().rename, run_id, title, state.owner()))


def resume(run: Run) -> None:
    if attempt(partial(backend.runner().resume, run.id, owner=state.owner())):
        go("train", run=run.id)


@st.dialog("Delete?")
def confirm_delete(runs: Sequence[Run]) -> None:
    """Deleting can't be undone, so it is asked."""
    for run in runs:
        st.markdown(f"- {plain(run.title or summary(run.experiment))}, {ago(run.created)}")
    st.markdown("Measurements and snapshots go with it. This can't be undone, and shared links stop working.")
    if st.button(
        "Delete for good",
        type="primary",
        icon=":material/delete:",
        help="Deletes the runs named above.",
        on_click=_delete,
        args=([run.id for run in runs],),
    ):
        st.rerun()


def _delete(ids: Sequence[str]) -> None:
    for run_id in ids:
        attempt(partial(backend.store().delete, run_id, state.owner()))
