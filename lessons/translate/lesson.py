"""Translate: where a decoder looks while it writes, and how it knows the order."""

from core.spec import from_json
from lessons.lesson import (
    RIGHT,
    ChoiceGuess,
    Exercise,
    Formula,
    Knob,
    Lesson,
    Number,
    NumberGuess,
    Question,
    Reading,
    Records,
    Seen,
    Symbol,
    Trial,
)
from lessons.translate.check import GOAL, order

PLACED = from_json(
    {
        "data": {"task": "backwards"},
        "model": {"family": "encoder-decoder", "direction": "left-to-right"},
        "train": {"steps": 200, "evaluate_every": 10},
    }
)
BAG = PLACED.with_({"model.positions": "none"})
RECURRENT = PLACED.with_({"model.cells": "lstm"})
GAME = PLACED.data.settings
CLEAR = 0.6  # of all words look where they should


def where(records: Records) -> str:
    """The way in which the first model looks, by the share of words that look at their mirror image."""
    return "reversed" if records["placed"].extra["placed"] >= CLEAR else "everywhere"


LESSON = Lesson(
    slug="translate",
    minutes=8,
    runs={"placed": PLACED, "recurrent": RECURRENT, "bag": BAG},
    readings=(
        Reading("placed", "mirrored", {"count": 30}, "placed"),
        Reading("recurrent", "mirrored", {"count": 30}, "recurrent"),
        Reading("bag", "mirrored", {"count": 30}, "bag"),
    ),
    guesses=(
        ChoiceGuess("where", where, ("straight", "reversed", "everywhere")),
        NumberGuess("bag", lambda records: records["bag"].held_out["exact"], 0.0, 1.0, 0.05, near=0.08),
    ),
    seen=(
        Seen("placed", lambda records: records["placed"].held_out["exact"], 1.0, 0.05),
        Seen("recurrent", lambda records: records["recurrent"].held_out["exact"], 1.0, 0.05),
        Seen("bag", lambda records: records["bag"].held_out["exact"], 0.13, 0.1),
        Seen("looks", lambda records: records["placed"].extra["placed"], 0.9, 0.15),
    ),
    exercises=(
        Exercise(
            "order",
            BAG,
            (
                Knob("model.positions", ("none", "alibi", "sinusoidal", "rotary")),
                Knob("model.width", (64, 96)),
                Knob("train.steps", (200, 400)),
            ),
            order,
            hints=3,
            feedback=("bag", "sides"),
            kept=("data.task", "data.most", "model.family", "model.direction", "model.cells"),
            trials=(
                Trial({"model.positions": "sinusoidal"}, RIGHT, {"exact": 1.0}),
                Trial({"model.positions": "alibi"}, "sides", {"exact": 0.3}),
                Trial({"train.steps": 400}, "bag", {"exact": 0.16}),
                Trial({"model.width": 96}, "bag", {"exact": 0.15}),
            ),
        ),
    ),
    questions=(
        Question("fixed", ("crossing", "last", "random"), "crossing"),
        Question("teacher", ("same", "luck", "alone"), "alone"),
        Question("order", ("attention", "places", "training"), "places"),
    ),
    formulas=(
        Formula(
            "cross",
            r"\begin{gathered} a_{ts} = \frac{\exp(q_t \cdot k_s / \sqrt{D})}"
            r"{\sum_{s'} \exp(q_t \cdot k_{s'} / \sqrt{D})} \\[4pt] c_t = \sum_s a_{ts} v_s \end{gathered}",
            (
                Symbol("q_t", "q", "(B, T, D)"),
                Symbol("k_s", "k", "(B, S, D)"),
                Symbol("v_s", "v", "(B, S, D)"),
                Symbol("a_{ts}", "a", "(B, T, S)"),
                Symbol("c_t", "c", "(B, T, D)"),
            ),
            ("core/models/cross.py:CrossAttention",),
            "Vaswani et al. (2017), §3.2.1; Bahdanau, Cho & Bengio (2015), §3.1",
        ),
        Formula(
            "mirror",
            r"\frac{1}{T} \sum_{t=1}^{T} \big[\arg\max_s a_{ts} = S + 1 - t\big]",
            (Symbol("T", "t"), Symbol("S", "s"), Symbol("a_{ts}", "a")),
            ("core/runs/readings.py:mirrored",),
            "Bahdanau, Cho & Bengio (2015), §5.2.1",
        ),
    ),
    numbers={
        "most": Number(GAME.most, "words"),
        "shortest": Number(GAME.shortest, "number"),
        "animals": Number(GAME.V, "number"),
        "goal": Number(GOAL),
        "coin": Number(0.5),
    },
    knobs=(
        Knob("data.most", low=3, high=8, step=1),
        Knob("train.steps", (200, 400)),
    ),
    terms=("encoder-decoder", "cross-attention", "alignment", "teacher-forcing", "exact-match"),
    sources=(
        "Bahdanau, Cho & Bengio (2015), Neural machine translation by jointly learning to align and translate",
        "Vaswani et al. (2017), Attention is all you need, §3.2.3 and §3.5",
        "Sutskever, Vinyals & Le (2014), Sequence to sequence learning with neural networks, §3.3",
    ),
)
