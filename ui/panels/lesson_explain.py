"""Why it is so, the common mistake, and every formula beside the code that computes it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.lesson import Formula, Lesson
from lessons.progress import Way
from lessons.texts import Text
from ui.panels.attempt import attempt
from ui.panels.code import show_code
from ui.panels.lesson_see import all_numbers
from ui.panels.lesson_way import change
from ui.panels.lesson_words import aid, labelled, phrase, text_of, told
from ui.words import language


def explain(lesson: Lesson, way: Way) -> None:
    text, numbers = text_of(lesson), all_numbers(lesson, way)
    words, formulas = st.columns([6, 6], gap="large")
    with words:
        st.subheader(text.title("explain"), anchor=False)
        st.markdown(told(text.body("explain"), numbers))
        with st.container(border=True):
            st.markdown(f":material/warning: **{labelled(phrase('misconception'), text.title('misconception'))}**")
            st.markdown(told(text.body("misconception"), numbers))
        st.checkbox(
            phrase("understood"),
            value=bool(way.get("read")),
            help=aid("understood"),
            key=f"read-{lesson.slug}",
            on_change=attempt,
            args=(partial(_read, lesson, not way.get("read")),),
        )
    with formulas:
        for formula in lesson.formulas:
            with st.container(border=True):
                show_formula(lesson, formula, text)


def _read(lesson: Lesson, now: bool) -> None:
    change(lesson, read=now)


def show_formula(lesson: Lesson, formula: Formula, text: Text) -> None:
    """The formula, what its letters mean, and the code."""
    name = f"formula.{formula.key}"
    st.markdown(f"**{text.title(name)}**")
    st.latex(formula.latex)
    st.markdown(told(text.body(name), lesson.numbers))
    lines = [
        f"- ${symbol.latex}${f' `{symbol.shape}`' if symbol.shape else ''}: {text.title(f'{name}.{symbol.key}')}"
        for symbol in formula.symbols
    ]
    st.markdown("\n".join(lines))
    with st.expander(phrase("show-code"), icon=":material/code:"):
        show_code(*formula.code)
    st.caption(phrase("source", source=formula.source))


def references(lesson: Lesson) -> None:
    """The words used here and the sources, at the foot of every step."""
    glossary = Text("glossary", language())
    st.divider()
    with st.container(horizontal=True, gap="xsmall"):
        for term in lesson.terms:
            with st.popover(glossary.title(term), type="tertiary"):
                st.markdown(f"**{glossary.title(term)}**")
                st.markdown(told(glossary.body(term), lesson.numbers))
        with st.popover(phrase("sources"), icon=":material/menu_book:", type="tertiary"):
            st.markdown("\n".join(f"- {source}" for source in lesson.sources))
