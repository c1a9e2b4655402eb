"""Look inside a run at any moment of its training: attention, hidden states, and who sees whom."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.data.contract import Source, TextError
from core.fields import SpecError
from core.hub import CheckpointError
from core.picture import WRITING
from core.retelling import opened
from core.runs.beginnings import runs_in
from core.runs.failures import StoreError
from core.runs.store import Run
from ui import backend
from ui.panels import look_views
from ui.panels.look_examples import Looked
from ui.panels.look_pair import show_pair
from ui.panels.look_run import await_first, choose_run, no_runs
from ui.panels.look_sentence import choose_sentence, show_answer
from ui.panels.look_time import choose_moment, drawn
from ui.panels.look_writing import writes
from ui.panels.naming import plain
from ui.panels.polling import SLOWLY, polled
from ui.seen import ahead, noted
from ui.words import later, tr

VIEWS = {
    "attention": later(":material/grid_view: Attention"),
    "states": later(":material/scatter_plot: Hidden states"),
    "influence": later(":material/visibility: Influence"),
    "training": later(":material/timeline: Through training"),
    "two": later(":material/compare: Two at once"),
}


def show() -> None:
    st.title(tr("Look inside"))
    run = choose_run()
    if run is None:
        no_runs()
    elif not backend.store().snapshots(run.id):
        polled(partial(await_first, run.id), SLOWLY if run.under_way else None)
    elif source := sentences(run):
        inside(run, source)


@st.fragment
def inside(run: Run, source: Source) -> None:
    """Everything that hangs on the moment and on the sentence; drawn anew by itself when one of them changes."""
    steps = backend.store().snapshots(run.id)
    step = choose_moment(run, steps)
    with noted() as asked:
        look_at(run, step, source)
    ahead(asked)
    drawn(run, step)


def look_at(run: Run, step: int, source: Source) -> None:
    """One sentence at one moment."""
    looked = choose_sentence(run.experiment, source)
    if looked is None:
        return
    if run.experiment.model.family == "encoder-decoder":
        show_pair(run, step, looked)
        return
    first = look_views.answers(run, step, looked)
    if first is not None:
        show_answer(run.experiment, looked, first)
        show_view(run, step, looked)


def show_view(run: Run, step: int, looked: Looked) -> None:
    """The view that is chosen; no other is computed."""
    views = {**VIEWS, WRITING: later(":material/edit: Writing on")} if writes(run.experiment) else VIEWS
    chosen = st.segmented_control(
        tr("View"),
        list(views),
        format_func=lambda view: tr(views[view]),
        default=look_views.opens_with(run),
        required=True,
        key="look-view",
        persist_state="session",
        label_visibility="collapsed",
        help=tr("Different ways to look at the same sentence in the same model."),
    )
    view = chosen if chosen in views else look_views.opens_with(run)
    look_views.SHOW[str(view)](run, step, looked)


def sentences(run: Run) -> Source | None:
    """Where the run's sentences come from; None, with a message, where its text is gone."""
    try:
        return opened(run.experiment, runs_in(backend.store()), backend.store().read_text)[0]
    except (TextError, StoreError, SpecError, CheckpointError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return None
