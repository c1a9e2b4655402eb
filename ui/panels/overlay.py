"""Which runs are shown over one another: adding, leaving out, and training the draft from Build beside them."""

from __future__ import annotations

import streamlit as st

from core.data.contract import TextError
from core.runs.failures import StoreError
from core.runs.store import Run
from ui import backend, state
from ui.panels.launch import launch
from ui.panels.naming import brief, plain, summary
from ui.panels.words_of_run import ago
from ui.places import go

RECENT = 12  # own runs that are offered


def title_of(run: Run) -> str:
    return run.title or brief(run.experiment)


def offered(run: Run) -> str:
    """A run in a menu."""
    return f"{title_of(run)} · {run.status}, {ago(run.created)}"


def add_runs(ids: tuple[str, ...]) -> None:
    """Choose among one's own latest runs which are drawn over one another."""
    mine = {run.id: run for run in backend.store().runs(state.owner())[:RECENT]}
    shown = {run_id: backend.store().existing(run_id) for run_id in ids}
    choices = {**shown, **mine}
    key = "overlay-" + "-".join(run_id[:6] for run_id in ids)
    with st.popover("Runs", icon=":material/stacked_line_chart:", help="Add runs to these curves, or leave some out."):
        chosen = st.multiselect(
            "Runs shown",
            list(choices),
            default=list(ids),
            format_func=lambda run_id: offered(choices[run_id]),
            max_selections=state.MOST_SHOWN,
            key=key,
            help="Your latest runs. Their curves are drawn over one another.",
        )
        if st.button(
            "Show these", type="primary", disabled=not chosen or tuple(chosen) == ids, help="Draw these runs."
        ):
            state.show_runs(chosen)
            st.rerun()


def launch_draft(ids: tuple[str, ...] = (), kind: str = "secondary") -> None:
    """Train what stands on the Build page, beside the runs that are shown."""
    draft = state.draft()
    label = "Train your draft too" if ids else "Train your draft"
    words = f"Your draft from Build: {summary(draft)}"
    if st.button(label, icon=":material/play_arrow:", type=kind, key="train-draft", help=words):  # type: ignore[arg-type]
        try:
            started = launch([draft])
        except (StoreError, TextError) as error:
            st.error(plain(str(error)))
            return
        state.show_runs((*ids, *started)[-state.MOST_SHOWN :])
        st.rerun()


def ways_in() -> None:
    """For an empty page: train the draft, pick an earlier run, or go where runs come from."""
    with st.container(border=True):
        st.markdown(f"**Your draft from Build**  \n{plain(summary(state.draft()))}")
        launch_draft(kind="primary")
    recent = backend.store().runs(state.owner())[:4]
    if recent:
        st.markdown("**Your latest runs**")
    for run in recent:
        label, icon = offered(run), ":material/monitoring:"
        if st.button(plain(label), key=f"recent-{run.id}", type="tertiary", icon=icon, help="Show its curves."):
            state.show_runs((run.id,))
            st.rerun()
    with st.container(horizontal=True):
        if st.button("Start: the half-minute tour", icon=":material/swap_horiz:", help="Two models, one line."):
            go("start")
        if st.button("Build a model", icon=":material/tune:", help="Choose family, direction, size and data."):
            go("build")
