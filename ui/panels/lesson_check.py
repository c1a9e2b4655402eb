"""Check oneself: exercises that are graded on what one's own run measured, and short questions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.runs.failures import LookError
from core.spec import SpecError
from lessons.lesson import RIGHT, Exercise, Grade, Lesson, Number, Question
from lessons.progress import Way, with_exercise, with_grade
from ui import state
from ui.panels.attempt import attempt
from ui.panels.launch import launch
from ui.panels.lesson_knobs import ask_knobs
from ui.panels.lesson_run import HEIGHT, chart_of, standing
from ui.panels.lesson_see import all_numbers
from ui.panels.lesson_way import keep, record, way_of
from ui.panels.lesson_words import aid, knob_words, phrase, stressed, text_of, told
from ui.panels.naming import plain
from ui.panels.polling import pace, polled
from ui.panels.watched import watch
from ui.words import tr

YOURS = ""  # the name of a run that is none of the lesson's


def check(lesson: Lesson, way: Way) -> None:
    exercises, questions = st.columns([7, 5], gap="large")
    with exercises:
        for exercise in lesson.exercises:
            with st.container(border=True):
                show_exercise(lesson, way, exercise)
    with questions:
        st.subheader(phrase("questions"), anchor=False)
        for question in lesson.questions:
            with st.container(border=True):
                show_question(lesson, way, question)


# An exercise


def show_exercise(lesson: Lesson, way: Way, exercise: Exercise) -> None:
    text, name = text_of(lesson), f"exercise.{exercise.key}"
    done = way.get("exercises", {}).get(exercise.key, {})
    badge = f" :green-badge[:material/check: {phrase('passed')}]" if done.get("passed") else ""
    st.subheader(told(text.title(name), lesson.numbers), anchor=False)
    st.markdown(f":gray-badge[{phrase('exercise')}]{badge}")
    st.markdown(told(text.body(name), all_numbers(lesson, way)))
    changes = ask_knobs(f"knobs-{lesson.slug}-{exercise.key}", exercise.start, exercise.knobs)
    problem = _unworkable(exercise, changes)
    if problem:
        st.warning(f"{phrase('cannot')} {plain(tr(problem))}", icon=":material/warning:")
    with st.container(horizontal=True):
        st.button(
            phrase("try"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(problem),
            help=aid("try"),
            key=f"try-{exercise.key}",
            on_click=attempt,
            args=(partial(begin, lesson, exercise, changes),),
        )
        taken = done.get("hints", 0)
        st.button(
            phrase("hint"),
            icon=":material/lightbulb:",
            disabled=taken >= exercise.hints,
            help=phrase("hint.help"),
            key=f"hint-{exercise.key}",
            on_click=attempt,
            args=(partial(take_hint, lesson, exercise),),
        )
    for number in range(1, done.get("hints", 0) + 1):
        words = told(text.body(f"{name}.hint.{number}"), all_numbers(lesson, way))
        st.info(stressed(phrase("hint-number", number=number), words), icon=":material/lightbulb:")
    if run_id := done.get("run"):
        follow(lesson, exercise, run_id)


def _unworkable(exercise: Exercise, changes: Mapping[str, Any]) -> str:
    try:
        exercise.start.with_(changes)
    except SpecError as problem:
        return str(problem)
    return ""


def begin(lesson: Lesson, exercise: Exercise, changes: Mapping[str, Any]) -> None:
    """Start one run with the learner's settings; it is graded when it has ended."""
    (run_id,) = launch([exercise.start.with_(changes)])
    way = way_of(lesson)
    tries = way.get("exercises", {}).get(exercise.key, {}).get("tries", 0)
    keep(lesson, with_exercise(way, exercise.key, run=run_id, tries=tries + 1, said=None, numbers={}))


def take_hint(lesson: Lesson, exercise: Exercise) -> None:
    way = way_of(lesson)
    taken = way.get("exercises", {}).get(exercise.key, {}).get("hints", 0)
    keep(lesson, with_exercise(way, exercise.key, hints=min(taken + 1, exercise.hints)))


def follow(lesson: Lesson, exercise: Exercise, run_id: str) -> None:
    """The run as it learns, and what is said of it when it has ended."""
    several = watch([run_id])
    if several:
        polled(partial(draw, lesson, exercise, run_id), pace([several[0].run]))
        if not several[0].run.under_way:
            grade(lesson, exercise, run_id)
    feedback(lesson, exercise)


def draw(lesson: Lesson, exercise: Exercise, run_id: str) -> float | None:
    several = watch([run_id])
    if not several:
        return None
    st.echarts_chart(chart_of(lesson, {YOURS: several[0]}), key=f"chart-{exercise.key}", height=HEIGHT - 60)
    standing(lesson, YOURS, several[0])
    return pace([several[0].run])


def grade(lesson: Lesson, exercise: Exercise, run_id: str) -> None:
    """Grade an ended run once, by what it measured."""
    way = way_of(lesson)
    done = way.get("exercises", {}).get(exercise.key, {})
    watched = watch([run_id])[0]
    if done.get("said") or watched.run.status != "finished":
        return
    try:
        found = record(watched, bool(lesson.looks), exercise.readings)
    except LookError as problem:
        st.warning(plain(tr(str(problem))), icon=":material/warning:")
        return
    started = exercise.start.plain()
    turned = [name for name in exercise.kept if found.settings.get(name) != started.get(name)]
    keep(lesson, with_grade(way, exercise.key, Grade("kept-changed") if turned else exercise.grade(found)))


def feedback(lesson: Lesson, exercise: Exercise) -> None:
    """What is said of the last run that was graded."""
    done = way_of(lesson).get("exercises", {}).get(exercise.key, {})
    said = done.get("said")
    if not said:
        return
    if said == "kept-changed":
        names = tr(", ").join(knob_words(name, exercise.start) for name in exercise.kept)
        st.warning(phrase("kept-changed", names=names), icon=":material/lock:")
        return
    numbers = {name: Number(value, unit) for name, (value, unit) in done.get("numbers", {}).items()}
    words = told(text_of(lesson).body(f"exercise.{exercise.key}.{said}"), {**lesson.numbers, **numbers})
    show = st.success if said == RIGHT else st.info
    show(words, icon=":material/task_alt:" if said == RIGHT else ":material/arrow_forward:")


# A question


def show_question(lesson: Lesson, way: Way, question: Question) -> None:
    """One question; every answer is explained, and may be given again until it is right."""
    text, name = text_of(lesson), f"check.{question.key}"
    given = way.get("answers", {}).get(question.key, [])
    titles = {one: told(text.title(f"{name}.{one}"), lesson.numbers) for one in question.options}
    chosen = st.radio(
        f"**{told(text.title(name), lesson.numbers)}**",
        question.options,
        index=question.options.index(given[-1]) if given else None,
        format_func=titles.__getitem__,
        key=f"answer-{lesson.slug}-{question.key}",
        on_change=attempt,
        args=(partial(answer, lesson, question),),
    )
    if chosen and given:
        words = told(text.body(f"{name}.{given[-1]}"), all_numbers(lesson, way))
        right = given[-1] == question.right
        (st.success if right else st.info)(words, icon=":material/check:" if right else ":material/lightbulb:")


def answer(lesson: Lesson, question: Question) -> None:
    chosen = state.widget(f"answer-{lesson.slug}-{question.key}")
    way = way_of(lesson)
    given = way.get("answers", {})
    keep(lesson, {**way, "answers": {**given, question.key: [*given.get(question.key, []), chosen]}})
