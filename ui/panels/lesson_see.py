"""What happened: each prediction beside its measurement, with the distance told kindly; then what to look at."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.lesson import CurveGuess, Guess, Lesson, MaskGuess, Number, verdict
from lessons.outline import measured_of, numbers_of
from lessons.progress import Way
from ui.canvas.sentence import Row, show_sentences
from ui.charts.of_lessons import mask_chart
from ui.panels.lesson_predict import said_words, tokens_of
from ui.panels.lesson_readings import show_readings
from ui.panels.lesson_run import HEIGHT, chart_of, run_words
from ui.panels.lesson_way import named
from ui.panels.lesson_words import aid, labelled, number, phrase, stressed, text_of, told
from ui.panels.samples import MASK, continued, show_samples

ICON = {"hit": ":material/check_circle:", "close": ":material/adjust:", "far": ":material/lightbulb:"}
MASK_HEIGHT = 380


def see(lesson: Lesson, way: Way) -> None:
    if all(isinstance(guess, MaskGuess) for guess in lesson.guesses):
        tell(lesson, way)  # squares want the whole width
        for guess in lesson.guesses:
            with st.container(border=True):
                compare(lesson, way, guess)
        return
    picture, words = st.columns([7, 5], gap="large")
    with words:
        st.subheader(phrase("compared"), anchor=False)
        for guess in lesson.guesses:
            with st.container(border=True):
                compare(lesson, way, guess)
    with picture:
        draw(lesson, way)
        tell(lesson, way)
        for name in lesson.writes:
            show_written(lesson, way, name)
        show_readings(lesson, named(way.get("runs", {})))


def tell(lesson: Lesson, way: Way) -> None:
    """What there is to see, with this learner's own numbers."""
    text = text_of(lesson)
    st.subheader(text.title("see"), anchor=False)
    st.markdown(told(text.body("see"), all_numbers(lesson, way)))
    unusual(lesson, way)


def show_written(lesson: Lesson, way: Way, name: str) -> None:
    """What a run wrote on its own, after its last step; in full where it filled blanks or translated."""
    watched = named({name: way.get("runs", {}).get(name, "")}).get(name)
    if watched is None or not watched.history.samples:
        return
    last, experiment = watched.history.samples[-1], watched.run.experiment
    if experiment.data.is_text and MASK not in last["given"]:
        words = continued(last, "written", experiment.objective_name == "previous-word")
        show_sentences([Row(run_words(lesson, name), words, watched.colour, "spaced")], key=f"wrote-{name}")
    else:
        show_samples(watched)


def all_numbers(lesson: Lesson, way: Way) -> dict[str, Number]:
    """The lesson's numbers, and what this learner's runs measured."""
    return {**numbers_of(lesson), **measured_of(lesson, way.get("measured", {}))}


def draw(lesson: Lesson, way: Way) -> None:
    """The curves with the learner's sketch over them, if they drew one."""
    several = named(way.get("runs", {}))
    if set(several) < set(lesson.runs):
        st.info(phrase("gone"), icon=":material/history:")
        return
    sketches = [guess for guess in lesson.guesses if isinstance(guess, CurveGuess)]
    sketch = None
    if sketches:
        sketch = (phrase("your-sketch"), list(sketches[0].moments), way["guesses"][sketches[0].key])
    st.echarts_chart(chart_of(lesson, several, sketch), key=f"seen-chart-{lesson.slug}", height=HEIGHT)


def compare(lesson: Lesson, way: Way, guess: Guess) -> None:
    """One prediction beside what was measured."""
    text = text_of(lesson)
    said, found = way["guesses"][guess.key], way["found"][guess.key]
    judged = verdict(guess, said, found)
    st.markdown(f"**{told(text.title(f'guess.{guess.key}'), numbers_of(lesson))}**")
    if isinstance(guess, MaskGuess):
        masks(lesson, guess, said, found)
    elif isinstance(guess, CurveGuess):
        gap = sum(abs(a - b) for a, b in zip(said, found, strict=True)) / len(said)
        unit = "percent" if guess.what == "accuracy" else "nats"
        st.markdown(phrase("mean-gap", gap=number(gap, unit)))
    else:
        st.markdown(
            f"{labelled(phrase('predicted'), f'**{said_words(lesson, guess, said)}**')}  \n"
            f"{labelled(phrase('found'), f'**{said_words(lesson, guess, found)}**')}"
        )
    kind = f"{ICON[judged]} **{phrase(f'verdict.{judged}')}**"
    surprise = told(text.body(f"guess.{guess.key}.far"), all_numbers(lesson, way)) if judged == "far" else ""
    st.markdown(f"{kind} {surprise}")


def masks(lesson: Lesson, guess: MaskGuess, said: Any, found: Any) -> None:
    """The painted square and the measured one."""
    tokens = tokens_of(lesson, guess)
    wrong = sum(a != b for row, other in zip(said, found, strict=True) for a, b in zip(row, other, strict=True))
    st.markdown(phrase("cells-wrong", wrong=wrong, cells=guess.words**2))
    sides = [phrase(f"mask.{side}") for side in ("hidden", "left", "itself", "right")]
    axes = (phrase("mask.column"), phrase("paint.row"))
    pairs = (("your-prediction", said), ("found", found))
    for column, (name, cells) in zip(st.columns(len(pairs)), pairs, strict=True):
        option = mask_chart(cells, tokens, phrase(name), sides, axes)
        column.echarts_chart(option, key=f"mask-{name}-{lesson.slug}-{guess.key}", height=MASK_HEIGHT)


def unusual(lesson: Lesson, way: Way) -> None:
    """An honest word where these runs came out otherwise than most do."""
    for one in lesson.seen:
        if abs(way["measured"][one.key] - one.stated) > one.within:
            words = text_of(lesson).title(f"seen.{one.key}")
            stated = number(one.stated, one.unit)
            more = aid("outside").replace("{{stated}}", stated)
            st.info(stressed(labelled(phrase("outside"), words), more), icon=":material/casino:")
