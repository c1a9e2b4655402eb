"""One lesson, one step at a time: question → predict → run → see → explain → check."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessons.catalogue import COURSE
from lessons.lesson import STAGES, Lesson
from lessons.outline import numbers_of
from lessons.progress import Way, locked, measured, open_stages, parts, stage
from ui import state
from ui.panels.lesson_check import check
from ui.panels.lesson_example import show_example
from ui.panels.lesson_explain import explain, references
from ui.panels.lesson_predict import predict
from ui.panels.lesson_run import play, run
from ui.panels.lesson_see import see
from ui.panels.lesson_way import go_to, note_found, way_of
from ui.panels.lesson_words import aid, labelled, phrase, stressed, text_of, told

ICONS = dict(
    zip(STAGES, ("help", "edit_note", "play_arrow", "visibility", "lightbulb", "task_alt"), strict=True)
)  # of Material


def show_lesson(lesson: Lesson) -> None:
    way, _ = note_found(lesson, way_of(lesson))
    here = stage(lesson, way, state.param("step"))
    state.remember("place", [lesson.slug, here])
    st.title(f"{COURSE.index(lesson) + 1} · {text_of(lesson).title('lesson')}", anchor=False)
    stepper(lesson, way, here)
    STEPS[here](lesson, way)
    onward(lesson, way_of(lesson), here)
    if here == "run":
        play(lesson)
    references(lesson)


def stepper(lesson: Lesson, way: Way, here: str) -> None:
    """The six steps as buttons: done, here, open, or not open yet."""
    now_open, done = open_stages(lesson, way), finished(lesson, way)
    with st.container(horizontal=True, gap="xsmall", key="steps"):
        for number, one in enumerate(STAGES, 1):
            st.button(
                f"{number} {phrase(f'stage.{one}')}",
                key=f"step-{one}",
                icon=":material/check:" if one in done else f":material/{ICONS[one]}:",
                type="primary" if one == here else "secondary",
                disabled=one not in now_open,
                help=None if one in now_open else phrase("stage.help"),
                on_click=go_to,
                args=(lesson, one),
            )


def finished(lesson: Lesson, way: Way) -> set[str]:
    """Steps in which nothing is left to do."""
    done = parts(lesson, way)
    checks = [value for name, value in done.items() if name.startswith(("exercise.", "check."))]
    steps = {"question": locked(lesson, way), "predict": locked(lesson, way), "run": measured(lesson, way)}
    steps |= {"see": measured(lesson, way) and done["explain"], "explain": done["explain"], "check": all(checks)}
    return {name for name, value in steps.items() if value}


def question(lesson: Lesson, way: Way) -> None:
    """What is asked, with sentences of the game to look at."""
    text = text_of(lesson)
    words, game = st.columns([1, 1], gap="large") if lesson.game else (st.container(), None)
    with words:
        st.subheader(text.title("question"), anchor=False)
        st.markdown(told(text.body("question"), numbers_of(lesson)))
    if game is not None:
        with game:
            show_example(lesson)


def onward(lesson: Lesson, way: Way, here: str) -> None:
    """The one button that goes on, or the next lesson at the end."""
    following = STAGES[STAGES.index(here) + 1 :][:1]
    if following and following[0] in open_stages(lesson, way):
        st.button(
            phrase(f"next.{following[0]}"),
            type="primary" if here != "run" or measured(lesson, way) else "secondary",
            icon=":material/arrow_forward:",
            icon_position="right",
            help=phrase("next.help"),
            key="next-step",
            on_click=go_to,
            args=(lesson, following[0]),
        )
    elif here == STAGES[-1] and all(parts(lesson, way).values()):
        st.success(stressed(phrase("finished-lesson"), aid("finished-lesson")), icon=":material/task_alt:")
        after = COURSE[COURSE.index(lesson) + 1 :][:1]
        if after:
            st.button(
                labelled(phrase("next-lesson"), text_of(after[0]).title("lesson")),
                type="primary",
                icon=":material/arrow_forward:",
                help=aid("next-lesson"),
                key="next-lesson",
                on_click=go_to,
                args=(after[0], STAGES[0]),
            )


STEPS: dict[str, Callable[[Lesson, Way], None]] = {
    "question": question,
    "predict": predict,
    "run": run,
    "see": see,
    "explain": explain,
    "check": check,
}
