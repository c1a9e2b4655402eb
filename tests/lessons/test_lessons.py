"""Every lesson: both languages say the same sections, no number is typed into prose, and no exercise passes by luck."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from core.cheating import leak
from core.limits import ceiling_of, floor_of
from core.spec import differences
from lessons.__main__ import folders, stale
from lessons.catalogue import COURSE, LESSONS, PARTS
from lessons.claims.claim import VERDICTS, outcome
from lessons.claims.docket import DOCKET
from lessons.lesson import LANGUAGES, RIGHT, UNITS, Exercise, Lesson, Record, Trial
from lessons.outline import folder_of, numbers_of, outline
from lessons.texts import NUMBER, TERM, Text, filled, read
from ui.panels.code import excerpt

EXERCISES = [(lesson, exercise) for lesson in COURSE for exercise in lesson.exercises]
NOT_PROSE = re.compile(r"`[^`]*`|\$[^$]*\$|\{\{[^}]*\}\}|\[\[[^\]|]*\|?|\]\(.*?\)")
DIGIT = re.compile(r"[0-9½¼¾％%]")
NAMES = re.compile(r"GPT-\d|T5|BERT-\d|UTF-8")  # names that are spelled with a digit


def ids(pair: tuple[Lesson, Exercise]) -> str:
    return f"{pair[0].slug}-{pair[1].key}"


def record(exercise: Exercise, trial: Trial) -> Record:
    """The run that a trial is, with what it says such a run measures."""
    experiment = exercise.start.with_(trial.changes)
    told = {"accuracy": 0.5, "loss": 1.0, **trial.outcome}
    held_out = {name: told.pop(name) for name in ("accuracy", "loss", "exact") if name in told}
    made = Record(
        settings=experiment.plain(),
        status="finished",
        evaluations=({"step": 1, "train": held_out, "held_out": held_out},),
        ceiling=ceiling_of(experiment),
        floor=None if experiment.data.is_text else floor_of(experiment),
        cheats=leak(experiment) is not None,
    )
    return replace(made, **told)


def test_the_course_is_one_table() -> None:
    assert len(LESSONS) == len(COURSE) > 0
    text = read("page", "en")
    for part in PARTS:
        assert text[f"part.{part}"].title


@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_the_words_have_exactly_the_sections_that_the_lesson_needs(lesson: Lesson) -> None:
    for language in LANGUAGES:
        found = read(folder_of(lesson), language)
        assert list(found) == outline(lesson) or set(found) == set(outline(lesson))
        for key, section in found.items():
            assert section.title or section.body, key


@pytest.mark.parametrize("folder", folders())
def test_every_translation_is_there_and_up_to_date(folder: str) -> None:
    for language in LANGUAGES:
        if language != "en":
            assert stale(folder, language) == []


@pytest.mark.parametrize("folder", folders())
def test_no_number_stands_in_prose(folder: str) -> None:
    for language in LANGUAGES:
        for key, section in read(folder, language).items():
            for words in (section.title, section.body):
                plain = NAMES.sub("", NOT_PROSE.sub("", words))
                assert not DIGIT.search(plain), f"{folder}/{language}.md {key}: {words}"


@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_every_number_and_term_of_the_words_is_known(lesson: Lesson) -> None:
    glossary = read("glossary", "en")
    measured = {f"measured.{one.key}": numbers_of(lesson)[f"stated.{one.key}"] for one in lesson.seen}
    before, after = numbers_of(lesson), {**numbers_of(lesson), **measured}
    late = ("see", "explain", "misconception")
    for language in LANGUAGES:
        for key, section in read(folder_of(lesson), language).items():
            known = after if key in late or key.endswith(".far") or key.startswith(("exercise", "check")) else before
            named = set(NUMBER.findall(section.title + section.body))
            feedback = key.startswith("exercise.") and key.count(".") == 2
            assert named <= set(known) or feedback, (key, named - set(known))
            assert {term for term, _ in TERM.findall(section.title + section.body)} <= set(glossary), key
    assert set(lesson.terms) <= set(glossary)


def test_the_terms_of_the_glossary_are_linked_and_used() -> None:
    used = {term for lesson in COURSE for term in lesson.terms}
    linked = {
        term
        for lesson in COURSE
        for section in read(folder_of(lesson), "en").values()
        for term, _ in TERM.findall(section.body)
    }
    assert set(read("glossary", "en")) == used | linked


def test_the_claims_have_their_words_and_compare_what_they_name() -> None:
    for language in LANGUAGES:
        text = read("claims", language)
        for claim in DOCKET:
            assert text[f"claim.{claim.key}"].body
            assert claim.verdict in VERDICTS
            assert claim.sources
            for one in claim.comparisons:
                assert all(text[f"claim.{claim.key}.{one.key}{side}"].title for side in ("", ".first", ".second"))
                assert differences(one.first, one.second)
    assert {claim.verdict for claim in DOCKET} == set(VERDICTS)


@pytest.mark.parametrize(
    ("first", "second", "clear", "told"),
    [
        ((0.9, 0.9), (0.5, 0.5), True, "first"),
        ((0.5, 0.5), (0.9, 0.9), True, "second"),
        ((0.9, 0.9), (0.5, 0.5), False, "same"),
        ((0.91, 0.91), (0.9, 0.9), True, "same"),
    ],
)
def test_an_outcome_must_be_clear_and_large_enough(
    first: tuple[float, ...], second: tuple[float, ...], clear: bool, told: str
) -> None:
    assert outcome(DOCKET[0].comparisons[0], first, second, clear) == told


@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_formulas_show_code_that_is_there(lesson: Lesson) -> None:
    for formula in lesson.formulas:
        for reference in formula.code:
            assert excerpt(reference)[0]
        assert formula.source
    assert lesson.sources


@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_what_is_stated_has_units_that_the_page_can_write(lesson: Lesson) -> None:
    for number in numbers_of(lesson).values():
        assert number.unit in UNITS
    assert {one.key for one in lesson.guesses}
    for one in lesson.questions:
        assert one.right in one.options


@pytest.mark.parametrize("pair", EXERCISES, ids=ids)
def test_an_exercise_passes_by_its_solution_alone(pair: tuple[Lesson, Exercise]) -> None:
    _, exercise = pair
    told: dict[str, Any] = {}
    for trial in exercise.trials:
        grade = exercise.grade(record(exercise, trial))
        assert grade.key == trial.feedback, trial
        told[grade.key] = told.get(grade.key, 0) + 1
    assert told.pop(RIGHT) >= 1
    assert sum(told.values()) >= 2
    assert set(told) <= set(exercise.feedback)


@pytest.mark.parametrize("pair", EXERCISES, ids=ids)
def test_the_start_of_an_exercise_is_no_solution(pair: tuple[Lesson, Exercise]) -> None:
    _, exercise = pair
    starts = [trial for trial in exercise.trials if not trial.changes]
    assert all(trial.feedback != RIGHT for trial in starts)
    assert not {knob.name for knob in exercise.knobs} & set(exercise.kept)


@pytest.mark.parametrize("pair", EXERCISES, ids=ids)
def test_the_feedback_names_only_numbers_that_the_grade_gives(pair: tuple[Lesson, Exercise]) -> None:
    lesson, exercise = pair
    for trial in exercise.trials:
        grade = exercise.grade(record(exercise, trial))
        for language in LANGUAGES:
            text = Text(folder_of(lesson), language)
            words = text.body(f"exercise.{exercise.key}.{grade.key}")
            said = filled(words, {**lesson.numbers, **grade.numbers}, language, lambda _, shown: shown)
            assert "{{" not in said


@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_every_open_knob_has_its_words_and_works(lesson: Lesson) -> None:
    page = read("page", "en")
    opened = [(next(iter(lesson.runs.values())), knob) for knob in lesson.knobs]
    opened += [(exercise.start, knob) for exercise in lesson.exercises for knob in exercise.knobs]
    for start, knob in opened:
        assert f"knob.{knob.name}" in page, knob.name
        for value in knob.options or (knob.low, knob.high):
            told = {f"value.{value}", f"value.{knob.name}.{value}"} & set(page)
            assert not isinstance(value, str) or told, value
            assert start.with_({knob.name: value})  # one knob alone never leads into a conflict
