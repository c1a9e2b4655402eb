"""Fine-tune: one pretrained model, any number of strategies and seeds, side by side, and what can be said of them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui import state
from ui.panels import tune_start, tune_strategies
from ui.panels.polling import SLOWLY, polled
from ui.panels.tune_launch import choose_and_start
from ui.panels.tune_race import controls, draw_race, earlier, heading, running
from ui.panels.tune_result import show_result
from ui.words import tr


def show() -> None:
    st.title(tr("Fine-tune"))
    asked = state.param("race")
    now = running(asked) if asked else None
    if now is None:
        if asked:
            words = tr("The race of this link can't be found. It may have been deleted by its owner.")
            st.warning(words, icon=":material/link_off:")
        begin()
        return
    controls(now)
    if now.race.under_way:
        st.subheader(heading(now.race))
    if not now.race.under_way:
        show_result(now)
        st.subheader(tr("How it went"))
    polled(partial(draw_race, now.race.id), SLOWLY if now.race.under_way else None)


def begin() -> None:
    """Choose a start, a task, strategies; see what each touches; start."""
    st.markdown(
        tr(
            "A model has learned words from plain text. Now it is to learn a **task**. What in it should change: all "
            "of it, its top, a few new numbers, nothing? Let strategies race from the same weights, and read what each "
            "gained, forgot and cost."
        )
    )
    earlier()
    chosen = tune_start.choose()
    if chosen.start is None or chosen.base is None:
        return
    st.subheader(tr("3 · Who races"))
    names = tune_strategies.choose(chosen.base, chosen.start)
    if not names:
        st.info(tr("Tick at least one strategy; two or more can be compared."), icon=":material/check_box:")
        return
    st.subheader(tr("4 · What each of them touches"))
    entries = tune_strategies.show_chosen(chosen.base, chosen.start, names, chosen.classes)
    st.subheader(tr("5 · The race"))
    if entries is None:
        st.info(tr("Repair the strategy above first."), icon=":material/build:")
        return
    choose_and_start(chosen.base, entries)
