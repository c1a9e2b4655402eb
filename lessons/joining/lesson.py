"""Joining: which ways to put two directions together fail at an exclusive-or?"""

from core.spec import from_json
from lessons.joining.check import ADDITIVE, GOAL, repair
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
    Records,
    Seen,
    Symbol,
    Trial,
)

START = from_json(
    {
        "data": {"task": "negate", "r": 0.3},
        "model": {"family": "lstm", "direction": "both", "join": "sum"},
        "train": {"steps": 200, "evaluate_every": 10},
    }
)
CEILINGS = START.data.settings.ceilings()
JOINS = ("sum", "concat", "product", "gated")
STUCK = 0.85  # below it a join has not learned the exclusive-or


def stuck(records: Records) -> tuple[str, ...]:
    return tuple(join for join in JOINS if records[join].accuracy < STUCK)


LESSON = Lesson(
    slug="joining",
    minutes=8,
    runs={join: START.with_({"model.join": join}) for join in JOINS},
    guesses=(
        ChoiceGuess("stuck", stuck, JOINS, several=True),
        NumberGuess("line", lambda records: records["sum"].accuracy, 0.0, 1.0, 0.05),
    ),
    seen=(
        Seen("sum", lambda records: records["sum"].accuracy, CEILINGS.additive, 0.03),
        Seen("concat", lambda records: records["concat"].accuracy, CEILINGS.additive, 0.03),
        Seen("product", lambda records: records["product"].accuracy, 1.0, 0.02),
        Seen("gated", lambda records: records["gated"].accuracy, 1.0, 0.02),
    ),
    exercises=(
        Exercise(
            "repair",
            START,
            (
                Knob("model.join", (*ADDITIVE, "max", "product")),
                Knob("model.width", (64, 128)),
                Knob("model.read_out", ("linear", "mlp")),
                Knob("train.steps", (200, 400)),
            ),
            repair,
            hints=3,
            feedback=("still-a-sum", "layer", "not-yet"),
            kept=("data.task", "data.r", "model.family", "model.direction", "model.layers"),
            trials=(
                Trial({"model.join": "product"}, RIGHT, {"accuracy": 1.0}),
                Trial({"model.join": "max"}, RIGHT, {"accuracy": 1.0}),
                Trial({"model.join": "concat"}, "still-a-sum", {"accuracy": 0.7}),
                Trial({"model.width": 128, "train.steps": 400}, "still-a-sum", {"accuracy": 0.7}),
                Trial({"model.read_out": "mlp"}, "layer", {"accuracy": 1.0}),
            ),
        ),
    ),
    questions=(
        Question("concat", ("keeps", "linear", "width"), "linear"),
        Question("easy", ("sense", "negate", "both"), "sense"),
    ),
    formulas=(
        Formula(
            "additive",
            r"\text{logit}_k = w_k \cdot (f + b) = w_k \cdot f + w_k \cdot b",
            (
                Symbol("f", "f", "(B, T, D)"),
                Symbol("b", "b", "(B, T, D)"),
                Symbol("w_k", "w", "(D)"),
                Symbol(r"\text{logit}_k", "logit", "(B, T, K)"),
            ),
            ("core/models/fusion.py:Join.forward", "core/models/heads.py:ReadOut"),
            "Minsky & Papert (1969), ch. 2; Goodfellow et al. (2016), §6.1",
        ),
        Formula(
            "gate",
            r"\begin{aligned} g &= \sigma(W[f;b]) \\ h &= g \odot f + (1-g) \odot b \end{aligned}",
            (
                Symbol("g", "g", "(B, T, D)"),
                Symbol("W", "weights", "(D, 2D)"),
                Symbol("h", "h", "(B, T, D)"),
            ),
            ("core/models/fusion.py:Join.forward",),
            "Arevalo et al. (2017), Gated multimodal units",
        ),
    ),
    numbers={
        "r": Number(0.3),
        "kept": Number(0.7),
        "line": Number(CEILINGS.additive or 0.0),
        "goal": Number(GOAL),
        "chance": Number(0.5),
    },
    knobs=(
        Knob("data.r", low=0.1, high=0.5, step=0.1, unit="percent"),
        Knob("model.width", (32, 64, 128)),
        Knob("model.read_out", ("linear", "mlp")),
    ),
    terms=("join", "logit", "exclusive-or", "ceiling", "lstm"),
    sources=(
        "Minsky & Papert (1969), Perceptrons",
        "Schuster & Paliwal (1997), Bidirectional recurrent neural networks",
        "Arevalo et al. (2017), Gated multimodal units for information fusion",
        "Peters et al. (2018), Deep contextualized word representations, §3.2",
    ),
)
