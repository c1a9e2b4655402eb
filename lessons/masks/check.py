"""Grades what was measured inside a learner's own run."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record


def hear(record: Record) -> Grade:
    """Does the first word's state depend on the last word, although no layer looks further than one word?"""
    first, layers = record.influence[0], int(record.settings["model.layers"])
    farthest = max(place for place, value in enumerate(first) if value > 0)
    numbers = {
        "farthest": Number(farthest, "words"),
        "wanted": Number(len(first) - 1, "words"),
        "layers": Number(layers, "number"),
    }
    if record.settings["model.direction"] == "left-to-right":
        return Grade("wrong-side", numbers)
    if first[-1] <= 0:
        return Grade("too-short", numbers)
    return Grade(RIGHT, numbers)
