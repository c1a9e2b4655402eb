"""The course as a whole: its lessons with what is done of each, the record of it, and the link to another device."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.catalogue import COURSE, LESSONS, PARTS
from lessons.lesson import STAGES, Lesson
from lessons.progress import Way, merged, parts, share, stage
from lessons.record import as_html, as_json
from lessons.texts import Text
from ui import backend, state
from ui.panels.attempt import attempt
from ui.panels.lesson_way import go_to, ways
from ui.panels.lesson_words import aid, number, page_text, phrase, text_of
from ui.places import link_to
from ui.words import language

CARDS_IN_A_ROW = 3


def overview() -> None:
    """Every lesson as a card, in its part of the course."""
    st.title(phrase("lessons"), anchor=False)
    st.markdown(aid("lessons"))
    kept = ways()
    bring_along()
    done = sum(all(parts(lesson, kept.get(lesson.slug, {})).values()) for lesson in COURSE)
    st.progress(done / len(COURSE), phrase("course-progress", done=done, all=len(COURSE)))
    for name, lessons in PARTS.items():
        st.subheader(phrase(f"part.{name}"), anchor=False)
        st.caption(aid(f"part.{name}"))
        for start in range(0, len(lessons), CARDS_IN_A_ROW):
            for column, lesson in zip(
                st.columns(CARDS_IN_A_ROW), lessons[start : start + CARDS_IN_A_ROW], strict=False
            ):
                with column, st.container(border=True, height="stretch"):
                    card(lesson, kept.get(lesson.slug, {}))
    trial()
    take_away()


def trial() -> None:
    """The way to the claims."""
    claims = Text("claims", language())
    st.subheader(claims.title("claims"), anchor=False)
    st.markdown(claims.body("claims"))
    st.button(
        phrase("open"),
        icon=":material/gavel:",
        key="open-claims",
        help=claims.title("claims"),
        on_click=state.set_param,
        args=("show", "claims"),
    )


def card(lesson: Lesson, way: Way) -> None:
    text, done = text_of(lesson), share(lesson, way)
    st.caption(
        f"{phrase('lesson-number', number=COURSE.index(lesson) + 1)} · {phrase('minutes', minutes=lesson.minutes)}"
    )
    st.markdown(f"**{text.title('lesson')}**")
    st.markdown(text.body("lesson"))
    if way:
        st.progress(done, phrase("done-share", share=number(done, "percent")))
    label = "again" if done == 1 else "go-on" if way else "open"
    here = STAGES[0] if done == 1 else stage(lesson, way)
    st.button(
        phrase(label),
        key=f"open-{lesson.slug}",
        type="secondary" if done == 1 else "primary",
        help=phrase("open.help"),
        on_click=attempt,
        args=(partial(go_to, lesson, here),),
    )


def take_away() -> None:
    """The record as files, and the link that brings progress to another device."""
    st.divider()
    with st.container(horizontal=True):
        with st.popover(phrase("progress"), icon=":material/school:"):
            record_files()
            st.divider()
            show_link()
        st.link_button(
            phrase("glossary"),
            f"lessons?show=glossary&lang={language()}",
            icon=":material/menu_book:",
            help=aid("glossary"),
        )


def record_files() -> None:
    kept, files = ways(), {"on_click": "ignore", "icon": ":material/download:"}
    names = [language(), page_text()]
    st.download_button(
        phrase("record-html"),
        partial(as_html, kept, *names),
        "bothways-course.html",
        "text/html",
        help=aid("record-html"),
        **files,
    )
    st.download_button(
        phrase("record-json"),
        partial(as_json, kept),
        "bothways-course.json",
        "application/json",
        help=aid("record-json"),
        **files,
    )


def show_link() -> None:
    progress, owner = backend.store().progress, state.owner()
    st.markdown(f"**{phrase('take-along')}**")
    st.caption(aid("take-along"))
    if state.recall("link-shown"):
        st.code(link_to("lessons", bring=progress.link(owner)), language=None, wrap_lines=True)
        if st.button(phrase("new-link"), icon=":material/link_off:", type="tertiary", help=aid("new-link")):
            progress.unlink(owner)
            state.remember("link-shown", None)
            st.rerun()
    elif st.button(phrase("make-link"), icon=":material/link:", help=aid("make-link")):
        state.remember("link-shown", True)
        st.rerun()


def bring_along() -> None:
    """Someone opened a link that carries progress: say what it brings, and take it on request."""
    token = state.param("bring")
    if not token:
        if state.recall("brought"):
            st.success(phrase("brought-done"), icon=":material/task_alt:")
            state.remember("brought", None)
        return
    theirs = backend.store().progress.behind(token)
    if theirs is None:
        st.warning(phrase("no-link"), icon=":material/link_off:")
        return
    count = sum(slug in LESSONS for slug in theirs)
    with st.container(border=True):
        st.markdown(f"**{phrase('brought', lessons=count)}**")
        st.caption(aid("bring"))
        st.button(
            phrase("bring"),
            type="primary",
            icon=":material/download:",
            help=aid("bring"),
            on_click=attempt,
            args=(partial(take, token),),
        )


def take(token: str) -> None:
    """Merge the link's progress into this learner's."""
    progress, owner = backend.store().progress, state.owner()
    theirs, mine = progress.behind(token) or {}, progress.of(owner)
    for slug, lesson in LESSONS.items():
        if slug in theirs:
            progress.keep(owner, slug, merged(lesson, mine.get(slug, {}), theirs[slug]))
    state.remember("brought", True)
    state.set_param("bring", None)
