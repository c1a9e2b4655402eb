"""A learner's way through one lesson, as plain values that the store keeps; every change gives a new value.

{"step", "guesses": {key: said}, "runs": {name: id}, "seed", "found": {guess: measured}, "measured": {seen: value},
 "read": bool, "exercises": {key: {"run", "hints", "tries", "said", "numbers", "passed"}}, "answers": {key: [options]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.lesson import RIGHT, STAGES, Grade, Lesson, Records

Way = dict[str, Any]


def locked(lesson: Lesson, way: Mapping[str, Any]) -> bool:
    """Are all predictions made and kept?"""
    return all(guess.key in way.get("guesses", {}) for guess in lesson.guesses)


def measured(lesson: Lesson, way: Mapping[str, Any]) -> bool:
    """Has everything been run and measured?"""
    return all(one.key in way.get("measured", {}) for one in lesson.seen)


def open_stages(lesson: Lesson, way: Mapping[str, Any]) -> tuple[str, ...]:
    """The stages that may be entered: nothing is run before it is predicted, nothing explained before it is seen."""
    if not locked(lesson, way):
        return STAGES[:2]
    return STAGES if measured(lesson, way) else STAGES[:3]


def stage(lesson: Lesson, way: Mapping[str, Any], wanted: str | None = None) -> str:
    """The stage to show: the wanted one, or the one that was left; the last open one where that isn't open."""
    open_now = open_stages(lesson, way)
    asked = wanted or way.get("step", STAGES[0])
    return asked if asked in open_now else open_now[-1] if asked in STAGES else STAGES[0]


def parts(lesson: Lesson, way: Mapping[str, Any]) -> dict[str, bool]:
    """What there is to do, and whether it is done."""
    answers = way.get("answers", {})
    exercises = way.get("exercises", {})
    done = {"predict": locked(lesson, way), "see": measured(lesson, way), "explain": bool(way.get("read"))}
    done |= {f"exercise.{one.key}": bool(exercises.get(one.key, {}).get("passed")) for one in lesson.exercises}
    return done | {f"check.{one.key}": one.right in answers.get(one.key, ()) for one in lesson.questions}


def share(lesson: Lesson, way: Mapping[str, Any]) -> float:
    """How much of the lesson is done, 0…1."""
    done = parts(lesson, way)
    return sum(done.values()) / len(done)


def with_found(lesson: Lesson, way: Way, records: Records) -> Way:
    """Note what the first finished runs measured; later ones change nothing."""
    if measured(lesson, way) or not all(name in records and records[name].finished for name in lesson.runs):
        return way
    found = {guess.key: _plain(guess.measured(records)) for guess in lesson.guesses}
    values = {one.key: float(one.measured(records)) for one in lesson.seen}
    return {**way, "found": found, "measured": values}


def with_grade(way: Way, key: str, grade: Grade) -> Way:
    """Note what was said of an exercise's run; once passed it stays passed."""
    before = way.get("exercises", {}).get(key, {})
    numbers = {name: [number.value, number.unit] for name, number in grade.numbers.items()}
    passed = bool(before.get("passed")) or grade.key == RIGHT
    now = {**before, "said": grade.key, "numbers": numbers, "passed": passed}
    return {**way, "exercises": {**way.get("exercises", {}), key: now}}


def with_exercise(way: Way, key: str, **changes: Any) -> Way:
    before = way.get("exercises", {}).get(key, {})
    return {**way, "exercises": {**way.get("exercises", {}), key: {**before, **changes}}}


def merged(lesson: Lesson, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Way:
    """Of two ways through a lesson the one that went further."""
    return dict(theirs if share(lesson, theirs) > share(lesson, mine) else mine)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
