"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL = 0.95
ADDITIVE = ("concat", "sum", "mean", "scalar")


def repair(record: Record) -> Grade:
    """Does the stuck model now turn opinions round, with no layer added?"""
    join, read_out = record.settings["model.join"], record.settings["model.read_out"]
    numbers = {"accuracy": Number(record.accuracy), "ceiling": Number(record.ceiling or 0.0)}
    if read_out != "linear":
        return Grade("layer", numbers)
    if join in ADDITIVE:
        return Grade("still-a-sum", numbers)
    if record.accuracy < GOAL:
        return Grade("not-yet", numbers)
    return Grade(RIGHT, numbers)
