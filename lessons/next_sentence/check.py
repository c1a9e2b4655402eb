"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL = 0.97  # of all verdicts


def certain(record: Record) -> Grade:
    """Is a model always right of a pair of sentences? Only where the question can be answered with certainty."""
    numbers = {"accuracy": Number(record.accuracy), "ceiling": Number(record.ceiling or 0.0)}
    if record.accuracy >= GOAL:
        return Grade(RIGHT, numbers)
    if (record.ceiling or 0.0) >= GOAL:
        return Grade("not-yet", numbers)
    return Grade("topic" if record.settings["objective.name"] == "next-sentence" else "toss-up", numbers)
