"""A way through a lesson: nothing is run before it is predicted, and what was measured first is kept."""

from __future__ import annotations

import json

import pytest

from lessons.catalogue import COURSE
from lessons.lesson import (
    RIGHT,
    STAGES,
    ChoiceGuess,
    CurveGuess,
    Grade,
    Lesson,
    MaskGuess,
    NumberGuess,
    Record,
    verdict,
)
from lessons.progress import merged, open_stages, parts, share, stage, with_exercise, with_found, with_grade
from lessons.record import as_html, as_json
from lessons.texts import Text

LESSON = COURSE[0]
GUESSES = {"share": 0.8, "more": "same"}


def run(accuracy: float, status: str = "finished") -> Record:
    point = {"accuracy": accuracy, "loss": 0.5, "n": 2000}
    return Record({}, status, ({"step": 300, "train": point, "held_out": point},))


def test_stages_open_one_after_the_other() -> None:
    assert open_stages(LESSON, {}) == ("question", "predict")
    assert open_stages(LESSON, {"guesses": GUESSES}) == ("question", "predict", "run")
    done = {"guesses": GUESSES, "measured": {one.key: 0.6 for one in LESSON.seen}}
    assert open_stages(LESSON, done) == STAGES
    assert stage(LESSON, {}, "check") == "predict"
    assert stage(LESSON, done, "nonsense") == "question"
    assert stage(LESSON, {**done, "step": "explain"}) == "explain"


def test_the_first_finished_runs_are_noted_once_and_for_all() -> None:
    way = {"guesses": GUESSES}
    records = {"left": run(0.61), "larger": run(0.59, "running")}
    assert with_found(LESSON, way, records) is way
    records["larger"] = run(0.59)
    found = with_found(LESSON, way, records)
    assert found["measured"] == {"left": 0.61, "larger": 0.59}
    assert found["found"] == {"share": 0.61, "more": "same"}
    assert with_found(LESSON, found, {"left": run(0.9), "larger": run(0.9)}) is found


def test_an_exercise_once_passed_stays_passed() -> None:
    way = with_grade({}, "line", Grade(RIGHT))
    way = with_exercise(with_grade(way, "line", Grade("too-low")), "line", hints=2)
    assert way["exercises"]["line"] == {"said": "too-low", "numbers": {}, "passed": True, "hints": 2}
    assert parts(LESSON, way)["exercise.line"]


def test_of_two_ways_the_one_that_went_further_is_kept() -> None:
    near, far = {"guesses": GUESSES}, {"guesses": GUESSES, "read": True}
    assert merged(LESSON, near, far) == far == merged(LESSON, far, near)
    assert share(LESSON, {}) == 0


@pytest.mark.parametrize(
    ("guess", "said", "measured", "told"),
    [
        (NumberGuess("a", lambda _: 0.0, 0, 1, 0.05), 0.6, 0.59, "hit"),
        (NumberGuess("a", lambda _: 0.0, 0, 1, 0.05), 0.7, 0.62, "close"),
        (NumberGuess("a", lambda _: 0.0, 0, 1, 0.05), 0.9, 0.6, "far"),
        (ChoiceGuess("a", lambda _: "x", ("x", "y")), "x", "x", "hit"),
        (ChoiceGuess("a", lambda _: "x", ("x", "y")), "y", "x", "far"),
        (ChoiceGuess("a", lambda _: (), ("x", "y", "z"), True), ["y", "x"], ("x", "y"), "hit"),
        (ChoiceGuess("a", lambda _: (), ("x", "y", "z"), True), ["y"], ("x", "y"), "close"),
        (ChoiceGuess("a", lambda _: (), ("x", "y", "z"), True), ["z"], ("x", "y"), "far"),
        (CurveGuess("a", "r", (0, 10)), [0.5, 0.5], (0.52, 0.45), "hit"),
        (CurveGuess("a", "r", (0, 10)), [0.0, 0.0], (1.0, 1.0), "far"),
        (MaskGuess("a", "r", 2), [[True, False], [True, True]], ((True, False), (True, True)), "hit"),
        (MaskGuess("a", "r", 2), [[False, True], [False, False]], ((True, False), (True, True)), "far"),
    ],
)
def test_the_distance_is_told_in_one_word(guess: object, said: object, measured: object, told: str) -> None:
    assert verdict(guess, said, measured) == told  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_record_tells_what_was_predicted_and_measured(language: str) -> None:
    way = with_found(LESSON, {"guesses": GUESSES}, {"left": run(0.61), "larger": run(0.59)})
    page = as_html({LESSON.slug: way}, language, Text("page", language))
    assert "61" in page
    assert "80" in page
    assert f'lang="{language}"' in page
    told = json.loads(as_json({LESSON.slug: way}))["lessons"][LESSON.slug]
    assert told["guesses"] == GUESSES
    assert told["done"] == round(share(LESSON, way), 4)


def test_the_record_shows_learners_words_as_words() -> None:
    way = {"guesses": {"share": 0.5, "more": "much"}, "found": {"share": 0.5, "more": "much"}}
    lesson: Lesson = LESSON
    assert "<script" not in as_html({lesson.slug: way}, "en", Text("page", "en"))
