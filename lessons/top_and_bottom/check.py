"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL, MOST_FORGOTTEN = 0.88, 0.15  # right answers; nats


def remember(record: Record) -> Grade:
    """Is the far question learned, and is what was known before still known?"""
    forgotten = record.extra.get("after", 0.0) - record.extra.get("before", 0.0)
    numbers = {"accuracy": Number(record.accuracy), "forgotten": Number(forgotten, "nats")}
    if record.accuracy < GOAL:
        return Grade("not-learned", numbers)
    if forgotten > MOST_FORGOTTEN:
        return Grade("forgot", numbers)
    return Grade(RIGHT, numbers)
