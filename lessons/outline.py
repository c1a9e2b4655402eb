"""Which sections the words of a lesson must have: the page asks for these and no others."""

from __future__ import annotations

from lessons.lesson import RIGHT, ChoiceGuess, Exercise, Lesson, Number, Question


def folder_of(lesson: Lesson) -> str:
    return lesson.slug.replace("-", "_")


def outline(lesson: Lesson) -> list[str]:
    """Every section's key, in the order in which a learner meets them."""
    keys = ["lesson", "question"]
    for guess in lesson.guesses:
        options = guess.options if isinstance(guess, ChoiceGuess) else ()
        keys += [f"guess.{guess.key}", *(f"guess.{guess.key}.{option}" for option in options), f"guess.{guess.key}.far"]
    keys += ["run", *(f"run.{name}" for name in lesson.runs), *(f"seen.{one.key}" for one in lesson.seen), "see"]
    keys += [f"reading.{one.key}" for one in lesson.readings]
    keys += ["explain", "misconception"]
    for formula in lesson.formulas:
        keys += [f"formula.{formula.key}", *(f"formula.{formula.key}.{one.key}" for one in formula.symbols)]
    for exercise in lesson.exercises:
        keys += _of_exercise(exercise)
    for question in lesson.questions:
        keys += _of_question(question)
    return keys


def _of_exercise(exercise: Exercise) -> list[str]:
    name = f"exercise.{exercise.key}"
    hints = [f"{name}.hint.{number}" for number in range(1, exercise.hints + 1)]
    return [name, *hints, *(f"{name}.{key}" for key in (RIGHT, *exercise.feedback))]


def _of_question(question: Question) -> list[str]:
    return [f"check.{question.key}", *(f"check.{question.key}.{option}" for option in question.options)]


def numbers_of(lesson: Lesson) -> dict[str, Number]:
    """The numbers that the words may name before anything is measured: the lesson's own, and what should be seen."""
    return {**lesson.numbers, **{f"stated.{one.key}": Number(one.stated, one.unit) for one in lesson.seen}}


def measured_of(lesson: Lesson, values: dict[str, float]) -> dict[str, Number]:
    """What a learner's own runs measured, as numbers of the words."""
    return {f"measured.{one.key}": Number(values[one.key], one.unit) for one in lesson.seen if one.key in values}
