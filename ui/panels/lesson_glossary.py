"""The words of the field that the lessons use, each with the lessons in which it comes up."""

from __future__ import annotations

import streamlit as st

from lessons.catalogue import COURSE
from lessons.texts import Text, read
from ui import state
from ui.panels.lesson_words import phrase, text_of, told
from ui.words import language


def show_glossary() -> None:
    """Every entry, the one that was asked for first."""
    glossary, asked = Text("glossary", language()), state.param("term")
    st.title(phrase("glossary"), anchor=False)
    terms = sorted(read("glossary", "en"), key=lambda term: (term != asked, glossary.title(term).casefold()))
    for term in terms:
        with st.container(border=term == asked):
            st.subheader(glossary.title(term), anchor=False)
            st.markdown(told(glossary.body(term), {}))
            used = [text_of(lesson).title("lesson") for lesson in COURSE if term in lesson.terms]
            if used:
                st.caption(" · ".join(used))
