"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL = 0.9  # of the sentences, right from the first word to the last
MIRRORED = "alibi"  # tells how far a word is, and not on which side


def order(record: Record) -> Grade:
    """Does it write whole sentences rightly, so that it must know their order?"""
    exact = record.held_out["exact"]
    numbers = {"exact": Number(exact), "words": Number(record.accuracy)}
    if exact >= GOAL:
        return Grade(RIGHT, numbers)
    return Grade("sides" if record.settings["model.positions"] == MIRRORED else "bag", numbers)
