"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL = 0.85
MANY = ("full", "top", "bottom", "scratch")  # these move a quarter of the weights or more


def spare(record: Record) -> Grade:
    """Does it reach the goal on the far question, with most weights left as they are?"""
    strategy = record.settings["tune.strategy"]
    numbers = {"accuracy": Number(record.accuracy), "shifted": Number(record.extra.get("shifted", 0.0))}
    if strategy in MANY:
        return Grade("many", numbers)
    if record.accuracy < GOAL:
        return Grade("too-little" if strategy in ("head", "bitfit", "soft-prompt") else "not-yet", numbers)
    return Grade(RIGHT, numbers)
