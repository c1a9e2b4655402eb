"""The run of a lesson: its experiments train side by side, live; then other settings may be tried beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.spec import SpecError
from lessons.lesson import Lesson
from lessons.progress import Way, measured
from ui import links
from ui.charts.of_lessons import Line, Told, runs_chart
from ui.panels.attempt import attempt
from ui.panels.launch import launch
from ui.panels.lesson_knobs import ask_knobs
from ui.panels.lesson_way import change, ended, named, note_found, way_of
from ui.panels.lesson_words import aid, number, phrase, text_of, told
from ui.panels.naming import plain
from ui.panels.polling import pace, polled
from ui.panels.watched import Watched
from ui.places import go
from ui.words import tr

HEIGHT = 320
MOST_SEEDS = 2**31 - 2


def run(lesson: Lesson, way: Way) -> None:
    """The button, then the live curves, then the ways on."""
    text = text_of(lesson)
    st.subheader(text.title("run"), anchor=False)
    if not way.get("runs"):
        st.markdown(told(text.body("run"), lesson.numbers))
        start_button(lesson, phrase("train"), {})
        return
    several = named(way["runs"])
    if set(several) < set(lesson.runs):
        st.info(phrase("gone"), icon=":material/history:")
        start_button(lesson, phrase("train-again"), {})
        return
    live = [one.run for one in several.values()]
    polled(partial(draw_runs, lesson, way["runs"], "run-chart"), pace(live))
    if not ended(list(several.values())):
        return
    if any(one.run.status != "finished" for one in several.values()):
        st.warning(phrase("not-finished"), icon=":material/warning:")
        start_button(lesson, phrase("train-again"), {})
        return
    if not measured(lesson, way):
        note(lesson, way)


def play(lesson: Lesson) -> None:
    """When the run is done: other settings beside it, and the ways to other pages."""
    way = way_of(lesson)
    if not measured(lesson, way) or set(named(way.get("runs", {}))) < set(lesson.runs):
        return
    change_it(lesson, way)
    elsewhere(lesson, way)


def note(lesson: Lesson, way: Way) -> None:
    """Write down what was measured; a look inside that failed is said, and may be tried again."""
    with st.spinner(phrase("measuring")):
        now, problem = note_found(lesson, way)
    if problem:
        st.warning(plain(tr(problem)), icon=":material/warning:")
        st.button(phrase("train-again"), icon=":material/replay:", help=aid("train-again"), key="measure-again")
    elif measured(lesson, now):
        st.rerun()


def start_button(lesson: Lesson, label: str, changes: Mapping[str, Any]) -> None:
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        help=aid("train"),
        key="train",
        on_click=attempt,
        args=(partial(begin, lesson, "runs", changes),),
    )


def begin(lesson: Lesson, where: str, changes: Mapping[str, Any]) -> None:
    """Start every run of the lesson; `where`: "runs" for the first ones, "again" for those with other settings."""
    experiments = [one.with_(changes) if changes else one for one in lesson.runs.values()]
    ids = dict(zip(lesson.runs, launch(experiments), strict=True))
    change(lesson, **{where: ids})


def draw_runs(lesson: Lesson, runs: Mapping[str, str], key: str) -> float | None:
    """The curves so far, and where each run stands. Says when to draw again."""
    several = named(runs)
    if not several:
        return None
    st.echarts_chart(chart_of(lesson, several), key=f"{key}-{lesson.slug}", height=HEIGHT)
    for column, (name, one) in zip(st.columns(len(several)), several.items(), strict=True):
        with column:
            standing(lesson, name, one)
    return pace(one.run for one in several.values())


def chart_of(
    lesson: Lesson, several: Mapping[str, Watched], sketch: tuple[str, list[int], list[float]] | None = None
) -> dict[str, Any]:
    """The lesson's chart of these runs, with the limits that bind them."""
    what = lesson.chart
    lines = []
    for name, one in several.items():
        points = one.history.evaluations
        values = [point["held_out"][what] for point in points]
        lines.append(Line(run_words(lesson, name), one.colour, [point["step"] for point in points], values))
    title = Told(phrase(f"chart.{what}"), phrase(f"axis.{what}"), phrase("axis.step"))
    last = max(one.run.steps for one in several.values())
    return runs_chart(lines, what, title, limits(lesson, several), last, sketch)


def run_words(lesson: Lesson, name: str) -> str:
    """What a run is called; any but the lesson's own is the learner's."""
    return text_of(lesson).title(f"run.{name}") if name in lesson.runs else phrase("your-run")


def limits(lesson: Lesson, several: Mapping[str, Watched]) -> dict[str, float]:
    """Each different limit, in words that name the runs which it binds."""
    kind, unit = ("ceiling-of", "percent") if lesson.chart == "accuracy" else ("floor-of", "nats")
    bound: dict[float, list[str]] = {}
    for name, one in several.items():
        limit = one.ceiling if lesson.chart == "accuracy" else one.floor
        if limit is not None:
            bound.setdefault(round(limit, 4), []).append(run_words(lesson, name))
    return {phrase(kind, name=" · ".join(names), value=number(limit, unit)): limit for limit, names in bound.items()}


def standing(lesson: Lesson, name: str, watched: Watched) -> None:
    """One run now: what it measured last, and how far it is."""
    last = watched.history.held_out
    unit = "percent" if lesson.chart == "accuracy" else "nats"
    value = "–" if not last else number(last[lesson.chart], unit)
    st.metric(run_words(lesson, name), value, help=phrase(f"chart.{lesson.chart}"))
    run = watched.run
    if run.under_way:
        st.progress(min(1.0, run.step / max(1, run.steps)))
    st.caption(_where(watched))


def _where(watched: Watched) -> str:
    run, history = watched.run, watched.history
    if run.status == "queued":
        return phrase("waiting")
    if not run.under_way:
        return plain(tr(run.message)) or phrase("ended", steps=f"{run.step:,}", seconds=f"{history.seconds:.1f}")
    return phrase("running", step=f"{run.step:,}", steps=f"{run.steps:,}") if history.steps else phrase("ready")


def change_it(lesson: Lesson, way: Way) -> None:
    """The knobs of this lesson, and what came of turning them, beside the first runs."""
    with st.expander(phrase("change"), icon=":material/tune:", expanded=bool(way.get("again"))):
        st.caption(aid("change"))
        changes = ask_knobs(f"knob-{lesson.slug}", next(iter(lesson.runs.values())), lesson.knobs)
        seed = st.number_input(phrase("seed"), 0, MOST_SEEDS, 1, help=aid("seed"), key=f"seed-{lesson.slug}")
        problem = unworkable(lesson, {**changes, "train.seed": int(seed)})
        if problem:
            st.warning(f"{phrase('cannot')} {plain(tr(problem))}", icon=":material/warning:")
        st.button(
            phrase("change-run"),
            icon=":material/play_arrow:",
            disabled=bool(problem),
            help=aid("change-run"),
            key="train-changed",
            on_click=attempt,
            args=(partial(begin, lesson, "again", {**changes, "train.seed": int(seed)}),),
        )
        again = named(way.get("again", {}))
        if again:
            polled(partial(draw_runs, lesson, way["again"], "again-chart"), pace(one.run for one in again.values()))


def unworkable(lesson: Lesson, changes: Mapping[str, Any]) -> str:
    """Why these settings can't work for one of the lesson's runs; "" where they can."""
    for one in lesson.runs.values():
        try:
            one.with_(changes)
        except SpecError as problem:
            return str(problem)
    return ""


def elsewhere(lesson: Lesson, way: Way) -> None:
    """Leave with the same experiment in hand; the place is kept."""
    st.markdown(f"**{phrase('elsewhere')}**")
    st.caption(aid("elsewhere"))
    runs = way_of(lesson).get("again") or way["runs"]
    last = list(lesson.runs.values())[-1]
    with st.container(horizontal=True):
        if st.button(phrase("to-build"), icon=":material/tune:", help=aid("to-build"), key="to-build"):
            go("build", experiment=links.encode(last))
        if st.button(phrase("to-train"), icon=":material/monitoring:", help=aid("to-train"), key="to-train"):
            go("train", run=",".join(runs.values()))
        if st.button(phrase("to-look"), icon=":material/visibility:", help=aid("to-look"), key="to-look"):
            go("look", run=list(runs.values())[-1])
