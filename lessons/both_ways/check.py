"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

TWO_WAY_PARAMETERS = 69_890  # of the two-way LSTM of this lesson
ALIKE = 0.1  # a one-way model with so little more or less is as large
NEAR = 0.03


def match(record: Record) -> Grade:
    """Is the one-way model as large as the two-way one, and trained to its line?"""
    numbers = {
        "parameters": Number(record.parameters, "parameters"),
        "accuracy": Number(record.accuracy),
        "ceiling": Number(record.ceiling or 0.0),
    }
    share = record.parameters / TWO_WAY_PARAMETERS
    if abs(share - 1) > ALIKE:
        return Grade("too-small" if share < 1 else "too-large", numbers)
    if record.ceiling is None or abs(record.accuracy - record.ceiling) > NEAR:
        return Grade("not-yet", numbers)
    return Grade(RIGHT, numbers)
