"""Late or deep: why BERT isn't two one-way models glued together."""

from core.spec import from_json
from lessons.late_or_deep.check import GOAL, look_up
from lessons.lesson import (
    RIGHT,
    ChoiceGuess,
    CurveGuess,
    Exercise,
    Formula,
    Knob,
    Lesson,
    Number,
    Question,
    Records,
    Seen,
    Symbol,
    Trial,
)

START = from_json(
    {
        "data": {"task": "recall", "n": 2},
        "model": {"direction": "both", "join": "deep"},
        "train": {"steps": 300, "evaluate_every": 10, "schedule": "constant"},
    }
)
CEILINGS = START.data.settings.ceilings()
LATE = START.with_({"model.join": "concat"})
STUCK = 0.75


def who_learns(records: Records) -> str:
    late, rich = records["late"].accuracy >= STUCK, records["rich"].accuracy >= STUCK
    return "all" if late and rich else "rich" if rich else "deep"


LESSON = Lesson(
    slug="late-or-deep",
    minutes=8,
    runs={"deep": START, "late": LATE, "rich": LATE.with_({"model.read_out": "mlp"})},
    guesses=(
        CurveGuess("curve", "deep", (0, 60, 120, 180, 240, 300)),
        ChoiceGuess("who", who_learns, ("deep", "rich", "all")),
    ),
    seen=(
        Seen("deep", lambda records: records["deep"].accuracy, CEILINGS.both, 0.03),
        Seen("late", lambda records: records["late"].accuracy, CEILINGS.additive, 0.04),
        Seen("rich", lambda records: records["rich"].accuracy, 0.5, 0.05),
    ),
    exercises=(
        Exercise(
            "three",
            LATE.with_({"data.n": 3, "train.steps": 500}),
            (
                Knob("model.join", ("concat", "gated", "product", "deep")),
                Knob("model.read_out", ("linear", "mlp")),
                Knob("model.positions", ("learned", "none")),
                Knob("train.steps", (500, 800)),
            ),
            look_up,
            hints=3,
            feedback=("late", "no-order", "not-yet"),
            kept=("data.task", "data.n", "model.direction", "model.family"),
            trials=(
                Trial({"model.join": "deep"}, RIGHT, {"accuracy": 1.0}),
                Trial({"model.read_out": "mlp", "train.steps": 800}, "late", {"accuracy": 0.34}),
                Trial({"model.join": "deep", "model.positions": "none"}, "no-order", {"accuracy": 0.33}),
                Trial({"model.join": "gated"}, "late", {"accuracy": 0.33}),
            ),
        ),
    ),
    questions=(
        Question("line", ("coin", "one-of", "zero"), "one-of"),
        Question("bert", ("glue", "every", "order"), "every"),
    ),
    formulas=(
        Formula(
            "attention",
            r"\text{softmax}\!\left(\frac{QK^\top}{\sqrt{d}} + M\right)V",
            (
                Symbol("Q", "q", "(B, H, T, d)"),
                Symbol("K", "k", "(B, H, S, d)"),
                Symbol("V", "v", "(B, H, S, d)"),
                Symbol("M", "m", "(T, S)"),
                Symbol("d", "d"),
            ),
            ("core/models/attention.py:attend",),
            "Vaswani et al. (2017), §3.2.1",
        ),
        Formula(
            "line",
            r"\text{late, additive} = \tfrac{1}{n}",
            (Symbol("n", "n"),),
            ("core/data/tasks/recall.py:Recall.ceilings",),
            "Peters et al. (2018), §3.1; Devlin et al. (2019), §3.1",
        ),
    ),
    numbers={
        "n": Number(2, "number"),
        "line": Number(CEILINGS.additive or 0.0),
        "right": Number(CEILINGS.right),
        "goal": Number(GOAL),
        "three": Number(3, "number"),
        "steps": Number(300, "steps"),
    },
    knobs=(
        Knob("data.n", (2, 3)),
        Knob("train.steps", (300, 600, 1000)),
    ),
    terms=("join", "attention", "query-key-value", "deep-two-way", "ceiling"),
    sources=(
        "Peters et al. (2018), Deep contextualized word representations (ELMo)",
        "Devlin et al. (2019), BERT, §3.1",
        "Vaswani et al. (2017), Attention is all you need, §3.2.1",
    ),
)
