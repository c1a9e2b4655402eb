"""Grades what a learner's own run measured."""

from __future__ import annotations

import math

from lessons.lesson import RIGHT, Grade, Number, Record

ENOUGH = 0.03  # below the ceiling
NOTHING = 0.1  # above a blind guess: it has found nothing yet


def kept(bias: float, words: int) -> float:
    """What is left after so many words of a memory whose two forget-gate biases stand at `bias`, before training."""
    return float((1 / (1 + math.exp(-2 * bias))) ** words)


def reach(record: Record) -> Grade:
    """Does an LSTM remember over the gap?"""
    g, K = record.settings["data.g"], record.settings["data.K"]
    left = Number(kept(record.settings["model.forget_bias"], g))
    numbers = {"accuracy": Number(record.accuracy), "left": left}
    if record.accuracy >= (record.ceiling or 1.0) - ENOUGH:
        return Grade(RIGHT, numbers)
    return Grade("forgets" if record.accuracy < 1 / K + NOTHING else "not-yet", numbers)
