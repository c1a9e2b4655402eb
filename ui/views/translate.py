"""Translate: two encoder–decoders learn a small language pair, then write before the learner's eyes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.data.contract import Source, TextError
from core.data.registry import open_source
from core.runs.failures import StoreError
from ui import backend, state
from ui.charts.of_runs import Taste, accuracy_chart
from ui.panels.amounts import percent
from ui.panels.live_run import card, measured
from ui.panels.look_keep import code
from ui.panels.naming import plain
from ui.panels.polling import pace, polled
from ui.panels.translate_begin import begin
from ui.panels.translate_play import choose_source, play
from ui.panels.translate_score import show_scores
from ui.panels.watched import Watched, watch
from ui.places import go
from ui.words import tr

CHART_HEIGHT = 300
MOST = 2  # models side by side


def show() -> None:
    st.title(tr("Translate"))
    several = [one for one in watch(state.shown_runs()) if one.run.experiment.objective_name == "translate"][:MOST]
    if not several:
        st.markdown(
            tr(
                "One model **reads** a sentence, another **writes** its translation, word by word, and looks back at "
                "what was read. Train two that write in different ways, and watch where each word looks as it is "
                "written."
            )
        )
        if state.shown_runs():
            st.warning(tr("The runs of this link don't translate, or are gone."), icon=":material/link_off:")
        begin()
    else:
        watch_both(several)


def watch_both(several: Sequence[Watched]) -> None:
    """Their curves while they learn; a sentence to translate; their scores."""
    ids = tuple(one.run.id for one in several)
    polled(partial(draw_curves, ids), pace(one.run for one in several))
    back()
    source = language(several[0])
    if source is None:
        return
    st.subheader(tr("Let them write"))
    chosen = choose_source(source)
    if chosen is not None:
        play(several, source, chosen)
    if any(one.run.under_way for one in several):
        st.caption(tr("Their scores can be measured once both have learned."))
    else:
        show_scores(several, source)
    code(
        "core/models/seq2seq.py:Seq2Seq", "core/models/cross.py", "core/decoding/beam.py", "core/decoding/agreement.py"
    )


def back() -> None:
    """To the other pages, and to another pair."""
    with st.container(horizontal=True):
        words = tr("Back to the choice.")
        if st.button(tr("Other languages or writers"), icon=":material/replay:", help=words):
            state.show_runs(())
            st.rerun()
        words = tr("Loss, gradients and learning rate of these two runs.")
        if st.button(tr("See all their curves"), icon=":material/monitoring:", help=words):
            go("train", run=",".join(state.shown_runs()))


def draw_curves(ids: Sequence[str]) -> float | None:
    """Share of right words on unseen sentences, and where each model stands. Says when to draw again."""
    several = watch(ids)
    taste = Taste(train=False, title=tr("Right words on unseen sentences, given the true words before"))
    st.echarts_chart(
        accuracy_chart([measured(one) for one in several], taste), key="translate-race", height=CHART_HEIGHT
    )
    for column, one in zip(st.columns(len(several), border=True), several, strict=True):
        with column:
            card(one)
            exact = one.history.held_out.get("exact")
            if exact is not None:
                st.caption(tr("Whole sentences right when it writes on its own: **{share}**", share=percent(exact)))
    return pace(one.run for one in several)


def language(watched: Watched) -> Source | None:
    """The language pair of a run; None, with a message, where it is gone."""
    try:
        return open_source(watched.run.experiment.data.settings, backend.store().read_text)
    except (TextError, StoreError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return None
