"""On every other page: the way back to the lesson that was left."""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.places import go


def way_back(here: str) -> None:
    """A button above the page, where a lesson was left for it."""
    place = state.recall("place")
    if not place or here == "lessons":
        return
    from lessons.catalogue import LESSONS  # a page that no lesson led to needs none of them
    from ui.panels.lesson_words import aid, phrase, text_of

    lesson = LESSONS.get(place[0])
    if lesson is None:
        return
    label = phrase("back-to-lesson", title=text_of(lesson).title("lesson"))
    if st.button(label, icon=":material/arrow_back:", type="tertiary", help=aid("back-to-lesson"), key="way-back"):
        go("lessons", lesson=place[0], step=place[1])
