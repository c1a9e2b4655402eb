"""Which runs are shown over one another: adding, leaving out, and training the draft from Build beside them."""

from __future__ import annotations

import streamlit as st

from core.data.contract import TextError
from core.runs.failures import StoreError
from core.runs.store import Run
from ui import backend, state
from ui.panels.launch import launch
from ui.panels.naming import brief, plain, summary
from ui.panels.words_of_run import BADGES, ago
from ui.places import go
from ui.words import tr

RECENT = 12  # own runs that are offered


def title_of(run: Run) -> str:
    return run.title or brief(run.experiment)


def offered(run: Run) -> str:
    """A run in a menu."""
    status, when = tr(BADGES[run.status][1]), ago(run.created)
    return tr("{run} · {status}, {ago}", run=title_of(run), status=status, ago=when)


def add_runs(ids: tuple[str, ...]) -> None:
    """Choose among one's own latest runs which are drawn over one another."""
    mine = {run.id: run for run in backend.store().runs(state.owner())[:RECENT]}
    shown = {run_id: backend.store().existing(run_id) for run_id in ids}
    choices = {**shown, **mine}
    key = "overlay-" + "-".join(run_id[:6] for run_id in ids)
    words = tr("Add runs to these curves, or leave some out.")
    with st.popover(tr("Runs"), icon=":material/stacked_line_chart:", help=words):
        chosen = st.multiselect(
            tr("Runs shown"),
            list(choices),
            default=list(ids),
            format_func=lambda run_id: offered(choices[run_id]),
            max_selections=state.MOST_SHOWN,
            key=key,
            help=tr("Your latest runs. Their curves are drawn over one another."),
        )
        same = not chosen or tuple(chosen) == ids
        if st.button(tr("Show these"), type="primary", disabled=same, help=tr("Draw these runs.")):
            state.show_runs(chosen)
            st.rerun()


def launch_draft(ids: tuple[str, ...] = (), kind: str = "secondary") -> None:
    """Train what stands on the Build page, beside the runs that are shown."""
    draft = state.draft()
    label = tr("Train your draft too") if ids else tr("Train your draft")
    words = tr("Your draft from Build: {draft}", draft=summary(draft))
    if st.button(label, icon=":material/play_arrow:", type=kind, key="train-draft", help=words):  # type: ignore[arg-type]
        try:
            started = launch([draft])
        except (StoreError, TextError) as error:
            st.error(plain(tr(str(error))))
            return
        state.show_runs((*ids, *started)[-state.MOST_SHOWN :])
        st.rerun()


def ways_in() -> None:
    """For an empty page: train the draft, pick an earlier run, or go where runs come from."""
    with st.container(border=True):
        st.markdown(f"**{tr('Your draft from Build')}**  \n{plain(summary(state.draft()))}")
        launch_draft(kind="primary")
    recent = backend.store().runs(state.owner())[:4]
    if recent:
        st.markdown(tr("**Your latest runs**"))
    for run in recent:
        label, icon = offered(run), ":material/monitoring:"
        if st.button(plain(label), key=f"recent-{run.id}", type="tertiary", icon=icon, help=tr("Show its curves.")):
            state.show_runs((run.id,))
            st.rerun()
    with st.container(horizontal=True):
        words = tr("Two models, one line.")
        if st.button(tr("Start: the half-minute tour"), icon=":material/swap_horiz:", help=words):
            go("start")
        words = tr("Choose family, direction, size and data.")
        if st.button(tr("Build a model"), icon=":material/tune:", help=words):
            go("build")
