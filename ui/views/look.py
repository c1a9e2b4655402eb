"""Look inside a run at any moment of its training: attention, hidden states, and who sees whom."""

from __future__ import annotations

import streamlit as st

from core.data.contract import Source, TextError
from core.data.registry import open_source
from core.picture import WRITING
from core.runs.failures import StoreError
from core.runs.store import Run
from ui import backend
from ui.panels.look_attention import show_attention
from ui.panels.look_examples import Looked
from ui.panels.look_influence import show_influence
from ui.panels.look_keep import picture
from ui.panels.look_pair import show_pair
from ui.panels.look_run import choose_run, choose_step, no_runs
from ui.panels.look_sentence import choose_sentence, show_answer
from ui.panels.look_states import show_states
from ui.panels.look_writing import show_writing, writes
from ui.panels.naming import plain

VIEWS = {"attention": "Attention", "states": "Hidden states", "influence": "Who sees whom"}


def show() -> None:
    st.title("Look inside")
    which, when = st.columns(2)
    with which:
        run = choose_run()
    if run is None:
        no_runs()
        return
    with when:
        step = choose_step(run)
    source = sentences(run)
    if step is None or source is None:
        return
    looked = choose_sentence(run.experiment, source)
    if looked is None:
        return
    if run.experiment.model.family == "encoder-decoder":
        show_pair(run, step, looked)
        return
    first = picture(run.id, step, looked.text, "attention" if has_attention(run) else "influence")
    if first is None:
        return
    show_answer(run.experiment, looked, first)
    views = {**VIEWS, WRITING: "Writing on"} if writes(run.experiment) else VIEWS
    for what, tab in zip(views, st.tabs(list(views.values()), key="look", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                view(what, run, step, looked)


def view(what: str, run: Run, step: int, looked: Looked) -> None:
    """One of the three pictures."""
    if what == "attention" and not has_attention(run):
        without_attention()
        return
    seen = picture(run.id, step, looked.text, what)
    if seen is None:
        return
    if what == "attention":
        show_attention(seen, looked)
    elif what == "influence":
        show_influence(seen)
    elif what == WRITING:
        show_writing(seen)
    elif last := picture(run.id, backend.store().snapshots(run.id)[-1], looked.text, "states"):
        show_states(seen, last, looked)


def has_attention(run: Run) -> bool:
    return run.experiment.model.family == "transformer"


def without_attention() -> None:
    """What to look at in an LSTM instead."""
    st.info(
        "An LSTM has no attention: it reads word by word and carries everything in its memory. What that memory holds "
        "is under **Hidden states**; which words have reached it, and how strongly, under **Who sees whom**.",
        icon=":material/memory:",
    )


def sentences(run: Run) -> Source | None:
    """Where the run's sentences come from; None, with a message, where its text is gone."""
    try:
        return open_source(run.experiment.data.settings, backend.store().read_text, run.experiment.model.checkpoint)
    except (TextError, StoreError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
