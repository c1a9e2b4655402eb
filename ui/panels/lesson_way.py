"""A learner's way through a lesson: read from the store, kept in it, and the records of the runs that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from core.cheating import leak
from core.runs.failures import LookError
from lessons.lesson import Lesson, Reading, Record, extra_of
from lessons.progress import Way, with_found
from ui import backend, state
from ui.panels.lesson_readings import read_off
from ui.panels.watched import Watched, watch

COURSE_ROW = "course"  # the row of the store that holds what belongs to no single lesson


def ways() -> dict[str, Way]:
    """Where this learner stands, by lesson."""
    return backend.store().progress.of(state.owner())


def way_of(lesson: Lesson) -> Way:
    return ways().get(lesson.slug, {})


def keep(lesson: Lesson, way: Mapping[str, Any]) -> None:
    backend.store().progress.keep(state.owner(), lesson.slug, dict(way))


def forget(lesson: Lesson) -> None:
    backend.store().progress.forget(state.owner(), lesson.slug)


def change(lesson: Lesson, **changes: Any) -> None:
    """Keep some changes to what is kept now: another tab may have changed the rest."""
    keep(lesson, {**way_of(lesson), **changes})


def go_to(lesson: Lesson, stage: str) -> None:
    """To a step of this lesson, and remember it as the place left."""
    state.set_param("lesson", lesson.slug)
    state.set_param("step", stage)
    state.remember("place", [lesson.slug, stage])
    change(lesson, step=stage)


def named(runs: Mapping[str, str]) -> dict[str, Watched]:
    """The runs that still exist, by their name in the lesson."""
    several = {one.run.id: one for one in watch(list(runs.values()))}
    return {name: several[run_id] for name, run_id in runs.items() if run_id in several}


def record(watched: Watched, looks: bool = False, readings: Sequence[Reading] = ()) -> Record:
    """A run as plain data, for the lesson's own measures and grades. Raises LookError where it can't be looked into."""
    history, experiment = watched.history, watched.run.experiment
    readings_off = {one.key: read_off(watched.run, one).value for one in readings}
    return Record(
        settings=experiment.plain(),
        status=watched.run.status,
        evaluations=tuple(history.evaluations),
        parameters=(history.started or {}).get("parameters", 0),
        tokens_per_second=history.tokens_per_second,
        seconds=history.seconds,
        ceiling=watched.ceiling,
        floor=watched.floor,
        cheats=leak(experiment) is not None,
        influence=influence(watched.run.id, watched.run.step) if looks else (),
        extra={**extra_of(history.evaluations, history.compared), **readings_off},
        kept=history.held_out,
    )


@lru_cache(maxsize=64)
def influence(run_id: str, step: int) -> tuple[tuple[float, ...], ...]:
    """(T, S): how strongly each word's state depends on each word, in the first held-out sentence."""
    seen = backend.looker().look(run_id, step, "", "influence")
    return tuple(tuple(float(value) for value in row) for row in seen.arrays["influence"])


def note_found(lesson: Lesson, way: Way) -> tuple[Way, str]:
    """Note what the runs measured, once all have finished; and in words what went wrong, if something did."""
    several = named(way.get("runs", {}))
    if set(several) < set(lesson.runs) or any(one.run.status != "finished" for one in several.values()):
        return way, ""
    try:
        records = {
            name: record(one, name in lesson.looks, [each for each in lesson.readings if each.run == name])
            for name, one in several.items()
        }
    except LookError as problem:
        return way, str(problem)
    now = with_found(lesson, way, records)
    if now is not way:
        keep(lesson, now)
    return now, ""


def ended(several: Sequence[Watched]) -> bool:
    return all(not one.run.under_way for one in several)
