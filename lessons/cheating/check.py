"""Grades what a learner's own run measured."""

from __future__ import annotations

from lessons.lesson import RIGHT, Grade, Number, Record

LEAST_RIGHT = 0.12  # share of words that a model which has learned something guesses
LUCK = 0.05  # nats by which an honest loss may come out below the least possible one


def repair(record: Record) -> Grade:
    """Is the two-way model honest now, and does it still learn?"""
    floor = record.floor or 0.0
    numbers = {"loss": Number(record.loss, "nats"), "floor": Number(floor, "nats"), "accuracy": Number(record.accuracy)}
    if record.cheats:
        return Grade("hidden" if record.loss > floor else "still", numbers)
    if record.loss < floor - LUCK:
        return Grade("still", numbers)
    if record.accuracy < LEAST_RIGHT:
        return Grade("not-yet", numbers)
    return Grade(RIGHT, numbers)
