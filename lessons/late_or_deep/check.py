"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL = 0.97


def look_up(record: Record) -> Grade:
    """Does a model of so few parameters as allowed look pets up? Only depth in both directions does it."""
    numbers = {
        "accuracy": Number(record.accuracy),
        "ceiling": Number(record.ceiling or 0.0),
        "pairs": Number(record.settings["data.n"], "number"),
    }
    if record.settings["model.join"] != "deep":
        return Grade("late", numbers)
    if record.settings["model.positions"] == "none":
        return Grade("no-order", numbers)
    if record.accuracy < GOAL:
        return Grade("not-yet", numbers)
    return Grade(RIGHT, numbers)
