"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

MOST = 110_000  # parameters


def nothing_lost(record: Record) -> Grade:
    """Is every Chinese character kept, by a model that stays small?"""
    unknown = record.extra["unknown"]
    numbers = {"unknown": Number(unknown), "parameters": Number(record.parameters, "parameters")}
    if unknown > 0:
        return Grade("lost", numbers)
    return Grade("dear" if record.parameters > MOST else RIGHT, numbers)
