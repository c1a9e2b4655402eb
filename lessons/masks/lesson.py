"""Masks: paint who sees whom, and let the model's own derivatives check it."""

from core.spec import from_json
from lessons.lesson import (
    RIGHT,
    Exercise,
    Formula,
    Knob,
    Lesson,
    MaskGuess,
    Number,
    Question,
    Record,
    Seen,
    Symbol,
    Trial,
)
from lessons.masks.check import hear

WORDS, WINDOW, LAYERS = 7, 1, 2
START = from_json(
    {
        "data": {"task": "sense", "p": 0.8, "T": WORDS},
        "model": {"direction": "left-to-right", "size": "tiny", "layers": LAYERS},
        "train": {"steps": 100, "evaluate_every": 10},
    }
)
NARROW = START.with_({"model.direction": "both", "model.window": WINDOW})


def seen(record: Record) -> float:
    """How many cells of the square are not exactly zero."""
    return float(sum(value > 0 for row in record.influence for value in row))


def later(record: Record) -> float:
    """The largest influence of a later word on an earlier one."""
    return max(value for t, row in enumerate(record.influence) for s, value in enumerate(row) if s > t)


def within(reach: int, back_only: bool = False) -> tuple[tuple[float, ...], ...]:
    """The influence of a model that sees `reach` words far: one where it sees, zero elsewhere."""
    places = range(WORDS)
    return tuple(tuple(float(abs(t - s) <= reach and (s <= t or not back_only)) for s in places) for t in places)


CAUSAL = WORDS * (WORDS + 1) / 2
REACH = sum(map(sum, within(WINDOW * LAYERS)))

LESSON = Lesson(
    slug="masks",
    minutes=8,
    runs={"causal": START, "narrow": NARROW},
    guesses=(MaskGuess("causal", "causal", WORDS), MaskGuess("narrow", "narrow", WORDS)),
    seen=(
        Seen("causal", lambda records: seen(records["causal"]), CAUSAL, 0.5, "number"),
        Seen("later", lambda records: later(records["causal"]), 0.0, 0.0, "number"),
        Seen("narrow", lambda records: seen(records["narrow"]), REACH, 0.5, "number"),
    ),
    exercises=(
        Exercise(
            "hear",
            NARROW,
            (
                Knob("model.layers", (1, 2, 3, 4, 5, 6, 7, 8)),
                Knob("model.direction", ("left-to-right", "right-to-left", "both")),
                Knob("model.width", (32, 64)),
                Knob("train.steps", (100, 300)),
            ),
            hear,
            hints=3,
            feedback=("wrong-side", "too-short"),
            kept=("data.task", "data.T", "model.window", "model.family"),
            trials=(
                Trial({"model.layers": 6}, RIGHT, {"influence": within(6)}),
                Trial({"model.layers": 3}, "too-short", {"influence": within(3)}),
                Trial({"model.width": 64, "train.steps": 300}, "too-short", {"influence": within(2)}),
                Trial(
                    {"model.layers": 8, "model.direction": "left-to-right"},
                    "wrong-side",
                    {"influence": within(8, back_only=True)},
                ),
            ),
        ),
    ),
    questions=(
        Question("zero", ("small", "exact", "train"), "exact"),
        Question("layers", ("same", "adds", "doubles"), "adds"),
    ),
    formulas=(
        Formula(
            "influence",
            r"J_{ts} = \left\lVert \frac{\partial h_t}{\partial e_s} \right\rVert_F",
            (
                Symbol("h_t", "h", "(D)"),
                Symbol("e_s", "e", "(D)"),
                Symbol("J", "j", "(T, S)"),
            ),
            ("core/looking/influence.py:influence", "core/looking/influence.py:vector_jacobian_squares"),
            "Baehrens et al. (2010), §2; Simonyan et al. (2014), §3",
        ),
        Formula(
            "reach",
            r"t \text{ hears of } s \iff (M^L)_{ts} > 0",
            (Symbol("M", "m", "(T, S)"), Symbol("L", "layers")),
            ("core/models/direction.py:visible", "core/looking/influence.py:reach"),
            "Beltagy et al. (2020), Longformer, §3.1",
        ),
    ),
    numbers={
        "words": Number(WORDS, "words"),
        "layers": Number(LAYERS, "number"),
        "window": Number(WINDOW, "number"),
        "cells": Number(WORDS**2, "number"),
    },
    knobs=(
        Knob("model.direction", ("left-to-right", "right-to-left", "both")),
        Knob("model.layers", (1, 2, 3)),
    ),
    terms=("causal-mask", "attention", "window", "hidden-state", "derivative"),
    looks=("causal", "narrow"),
    sources=(
        "Vaswani et al. (2017), Attention is all you need, §3.2.3",
        "Beltagy et al. (2020), Longformer, §3.1",
        "Baehrens et al. (2010), How to explain individual classification decisions",
    ),
)
