"""The course: an overview with what is done, and each lesson step by step, in the learner's own language."""

from __future__ import annotations

import streamlit as st

from lessons.catalogue import LESSONS
from ui import state
from ui.panels.lesson_claims import show_claims
from ui.panels.lesson_glossary import show_glossary
from ui.panels.lesson_overview import overview
from ui.panels.lesson_steps import show_lesson
from ui.panels.lesson_words import aid, phrase

ICON = ":material/arrow_back:"
SHOWN = {"glossary": show_glossary, "claims": show_claims}


def show() -> None:
    come_back()
    lesson, shown = LESSONS.get(state.param("lesson") or ""), SHOWN.get(state.param("show") or "")
    if lesson is not None or shown:
        st.button(phrase("all-lessons"), icon=ICON, type="tertiary", help=aid("all-lessons"), on_click=leave)
    if lesson is not None:
        show_lesson(lesson)
    elif shown:
        shown()
    else:
        overview()


def come_back() -> None:
    """Who comes from another page, by the menu, comes back to the step that was left."""
    place = state.recall("place")
    if place and not any(state.param(name) for name in ("lesson", "show", "bring")) and place[0] in LESSONS:
        state.set_param("lesson", place[0])
        state.set_param("step", place[1])


def leave() -> None:
    """To the overview; the place in a lesson is kept in the store."""
    state.remember("place", None)
    for name in ("lesson", "step", "show", "term"):
        state.set_param(name, None)
