"""Both directions: does reading both sides pass the line, and what does it cost?"""

from core.spec import from_json
from lessons.both_ways.check import TWO_WAY_PARAMETERS, match
from lessons.lesson import (
    RIGHT,
    Exercise,
    Formula,
    Knob,
    Lesson,
    Number,
    NumberGuess,
    Question,
    Records,
    Seen,
    Symbol,
    Trial,
)

START = from_json(
    {
        "data": {"task": "sense", "p": 0.8},
        "model": {"family": "lstm", "direction": "left-to-right"},
        "train": {"steps": 300, "evaluate_every": 10},
    }
)
CEILINGS = START.data.settings.ceilings()


def cost(records: Records) -> float:
    """How many times longer a step takes when two passes are read instead of one."""
    return records["one"].tokens_per_second / records["both"].tokens_per_second


LESSON = Lesson(
    slug="both-ways",
    minutes=7,
    runs={"one": START, "both": START.with_({"model.direction": "both", "model.join": "concat"})},
    guesses=(
        NumberGuess("share", lambda records: records["both"].accuracy, 0.0, 1.0, 0.05),
        NumberGuess("cost", cost, 0.5, 5.0, 0.25, "times", near=0.4),
    ),
    seen=(
        Seen("one", lambda records: records["one"].accuracy, CEILINGS.left, 0.03),
        Seen("both", lambda records: records["both"].accuracy, CEILINGS.both, 0.02),
        Seen("cost", cost, 1.9, 0.9, "times"),
        Seen("size", lambda records: records["both"].parameters, TWO_WAY_PARAMETERS, 0.5, "parameters"),
    ),
    exercises=(
        Exercise(
            "match",
            START,
            (Knob("model.width", low=32, high=128, step=4), Knob("train.steps", (300, 600))),
            match,
            hints=3,
            feedback=("too-small", "too-large", "not-yet"),
            kept=("data.task", "data.p", "model.family", "model.direction", "model.layers"),
            trials=(
                Trial({"model.width": 92}, RIGHT, {"accuracy": 0.6, "parameters": 73_050}),
                Trial({"model.width": 128}, "too-large", {"accuracy": 0.6, "parameters": 138_000}),
                Trial({"train.steps": 600}, "too-small", {"accuracy": 0.6, "parameters": 36_482}),
                Trial({"model.width": 92}, "not-yet", {"accuracy": 0.53, "parameters": 73_050}),
            ),
        ),
    ),
    questions=(
        Question("size", ("twice", "sides", "luck"), "sides"),
        Question("writing", ("both", "one", "same"), "one"),
        Question("needless", ("always", "left", "never"), "left"),
    ),
    formulas=(
        Formula(
            "passes",
            r"\begin{aligned} \overrightarrow{h}_t &= f(x_t, \overrightarrow{h}_{t-1}) \\"
            r"\overleftarrow{h}_t &= g(x_t, \overleftarrow{h}_{t+1}) \\"
            r"h_t &= [\overrightarrow{h}_t ; \overleftarrow{h}_t] \end{aligned}",
            (
                Symbol("x_t", "x", "(B, D)"),
                Symbol(r"\overrightarrow{h}_t", "onward", "(B, D)"),
                Symbol(r"\overleftarrow{h}_t", "back", "(B, D)"),
                Symbol("h_t", "h", "(B, 2D)"),
            ),
            ("core/models/recurrent.py:LSTM.read", "core/models/fusion.py:Join.forward"),
            "Schuster & Paliwal (1997), §III",
        ),
        Formula(
            "memory",
            r"\begin{aligned} c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\ h_t &= o_t \odot \tanh c_t \end{aligned}",
            (
                Symbol("c_t", "c", "(B, D)"),
                Symbol("f_t", "f", "(B, D)"),
                Symbol("i_t, g_t", "i", "(B, D)"),
                Symbol("o_t", "o", "(B, D)"),
            ),
            ("core/models/recurrent.py:LSTM._pass",),
            "Hochreiter & Schmidhuber (1997); Gers et al. (2000)",
        ),
    ),
    numbers={
        "p": Number(0.8),
        "left": Number(CEILINGS.left),
        "both": Number(CEILINGS.both),
        "size": Number(TWO_WAY_PARAMETERS, "parameters"),
    },
    knobs=(
        Knob("data.p", low=0.0, high=1.0, step=0.1, unit="percent"),
        Knob("model.width", (32, 64, 96)),
        Knob("train.steps", (150, 300, 600)),
    ),
    terms=("direction", "lstm", "hidden-state", "ceiling", "parameter"),
    sources=(
        "Schuster & Paliwal (1997), Bidirectional recurrent neural networks",
        "Graves & Schmidhuber (2005), Framewise phoneme classification with bidirectional LSTM",
        "Hochreiter & Schmidhuber (1997), Long short-term memory",
    ),
)
