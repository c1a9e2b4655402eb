"""The course to a learner who reads Chinese: every step of every lesson, with nothing left in English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.events import Sampled
from core.runs.failures import MEMORY
from core.runs.readings import Example, Found
from core.runs.store import Store
from lessons.catalogue import COURSE
from lessons.claims.claim import Claim
from lessons.claims.docket import DOCKET
from lessons.lesson import STAGES, ChoiceGuess, CurveGuess, Guess, Lesson, NumberGuess
from tests.ui.chinese import english_drawn, english_left
from tests.ui.records import OWNER, Score, events
from tests.ui.test_lessons_page import visit
from ui.panels import lesson_readings, lesson_steps


def guessed(guess: Guess) -> Any:
    """Some prediction."""
    if isinstance(guess, NumberGuess):
        return guess.low
    if isinstance(guess, ChoiceGuess):
        return list(guess.options[:1]) if guess.several else guess.options[0]
    if isinstance(guess, CurveGuess):
        return [guess.high / 2] * len(guess.moments)
    return [[False] * guess.words] * guess.words


def ran(store: Store, lesson: Lesson) -> dict[str, str]:
    """The lesson's runs as a worker would have written them."""
    ids = {}
    for name, experiment in lesson.runs.items():
        ids[name] = store.create(experiment, owner=OWNER)
        wrote = Sampled(100, ["the", "flat"], ["is"], [0.9], ["was"])
        store.append(ids[name], [one.to_json() for one in [*events(Score(0.6))[:-1], wrote, events(Score(0.6))[-1]]])
        store.set_status(ids[name], "finished")
    return ids


def way_of(store: Store, lesson: Lesson, **more: Any) -> dict[str, Any]:
    """All that can be done in a lesson, done otherwise than most do."""
    said = {guess.key: guessed(guess) for guess in lesson.guesses}
    way = {"guesses": said, "runs": ran(store, lesson), "found": said, "read": True}
    way["measured"] = {one.key: one.stated + 2 * one.within + 1 for one in lesson.seen}
    way["exercises"] = {
        one.key: {"hints": one.hints, "tries": 1, "run": next(iter(way["runs"].values())), "said": "kept-changed"}
        for one in lesson.exercises
    }
    way["answers"] = {one.key: [one.right] for one in lesson.questions}
    return {**way, **more}


@pytest.fixture(autouse=True)
def _as_if_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process looks into the runs: what would have been found is given."""
    monkeypatch.setattr(lesson_steps, "note_found", lambda _, way: (way, ""))
    found = Found(0.5, (Example(("piso", "camión"), ("flat", "truck"), ("flat", "lorry")),))
    monkeypatch.setattr(lesson_readings, "read_off", lambda *_: found)


def data_of(lesson: Lesson) -> Iterator[str]:
    """What stays English: sources, names in the code, the words of a lesson's games and of what its runs wrote."""
    yield from ("softmax logit sigmoid transformer", "piso camión flat truck lorry")
    yield from lesson.sources
    for formula in lesson.formulas:
        yield from (formula.source, *formula.code)
    yield from (str(one.options.get("sentence", "")) for one in lesson.readings)
    for experiment in lesson.runs.values():
        yield from map(str, getattr(experiment.data.settings, "classes", ()))


def words_of(lesson: Lesson) -> Iterator[str]:
    """What pictures of its sentences show: the words of its games; a sketch is told its unit."""
    yield "percent"
    for experiment in lesson.runs.values():
        yield from map(str, getattr(experiment.data.settings, "words", ()))


@pytest.mark.parametrize("step", STAGES)
@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_every_step_of_every_lesson(store: Store, lesson: Lesson, step: str) -> None:
    store.progress.keep(OWNER, lesson.slug, {} if step in STAGES[:2] else way_of(store, lesson))
    app = visit(lesson=lesson.slug, step=step, lang="zh")
    assert not app.exception, [one.value for one in app.exception]
    names = list(data_of(lesson))
    assert english_left(app, *names) == []
    assert english_drawn(app, *names, *words_of(lesson)) == []


def test_the_overview_the_glossary_and_the_claims(store: Store) -> None:
    for lesson in COURSE:
        store.progress.keep(OWNER, lesson.slug, way_of(store, lesson))
    judged = {claim.key: {"said": claim.verdict, **measured_of(claim)} for claim in DOCKET}
    store.progress.keep(OWNER, "claims", judged)
    sources = [source for claim in DOCKET for source in claim.sources]
    for link in ({}, {"show": "glossary"}, {"show": "claims"}):
        app = visit(lang="zh", **link)
        assert not app.exception, [one.value for one in app.exception]
        assert english_left(app, "softmax logit transformer dropout json", *sources) == []


def measured_of(claim: Claim) -> dict[str, Any]:
    """Each of its trials with three seeds."""
    return {one.key: {"found": {"first": [0.9, 0.91, 0.92], "second": [0.5, 0.52, 0.7]}} for one in claim.comparisons}


@pytest.mark.parametrize("status", ["queued", "running", "failed", "stopped"])
def test_runs_that_wait_or_ended_early_and_settings_that_do_not_fit(store: Store, status: str) -> None:
    lesson = COURSE[0]
    way = way_of(store, lesson, measured={}, step="run")
    for run_id in way["runs"].values():
        store.set_status(run_id, status, MEMORY.format(limit=" (512 MB)") if status == "failed" else "")
    store.progress.keep(OWNER, lesson.slug, way)
    app = visit(lesson=lesson.slug, step="run", lang="zh")
    assert not app.exception, [one.value for one in app.exception]
    assert english_left(app, *data_of(lesson)) == []
