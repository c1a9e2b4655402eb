"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

GOAL, WITHIN = 0.5, 0.13  # of sentences that are drawn by chance


def consistent(words: int, rounds: int) -> float:
    """How often so many words keep to one dialect in so many rounds: 2^(1 − N/T)."""
    return float(2.0 ** (1 - words / rounds))


def once(record: Record) -> Grade:
    """Does one round write about half of the sentences rightly?"""
    written, words = record.extra["once"], record.settings["data.N"]
    numbers = {
        "written": Number(written),
        "expected": Number(consistent(words, 1)),
        "words": Number(words, "words"),
    }
    if abs(consistent(words, 1) - GOAL) > WITHIN:
        return Grade("mixes", numbers)
    return Grade(RIGHT if abs(written - GOAL) <= WITHIN else "not-yet", numbers)
