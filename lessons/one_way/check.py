"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL, WITHIN = 0.9, 0.02  # right answers of a reader that sees the left side only
ENOUGH = 0.02  # a run this far below its own ceiling has not learned yet


def line(record: Record) -> Grade:
    """Does a left-only reader come to 90 %, by a game whose line lies there?"""
    numbers = {"accuracy": Number(record.accuracy), "ceiling": Number(record.ceiling or 0.0)}
    if record.ceiling is not None and abs(record.ceiling - GOAL) > WITHIN / 2:
        return Grade("too-high" if record.ceiling > GOAL else "too-low", numbers)
    if abs(record.accuracy - GOAL) > WITHIN:
        return Grade("not-yet", numbers)
    return Grade(RIGHT, numbers)
