"""Cheating: a two-way model that is asked for the next word reads it off, and learns nothing."""

from core.spec import from_json
from lessons.cheating.check import repair
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
        "data": {"task": "text"},
        "model": {"direction": "left-to-right"},
        "train": {"steps": 300, "evaluate_every": 15},
    }
)
CHEAT = START.with_({"model.direction": "both", "objective.name": "next-word"})
MASKED = START.with_({"model.direction": "both", "objective.name": "masked-word"})
FLOOR = 2.205  # nats: the least possible loss of the next word of the built-in text


def below(records: Records) -> tuple[str, ...]:
    """The runs whose loss is lower than the text allows."""
    return tuple(name for name, one in records.items() if one.floor is not None and one.loss < one.floor)


LESSON = Lesson(
    slug="cheating",
    minutes=8,
    runs={"causal": START, "cheat": CHEAT, "masked": MASKED},
    guesses=(
        NumberGuess("loss", lambda records: records["cheat"].loss, 0.0, 4.0, 0.1, "nats", near=0.2),
        ChoiceGuess("below", below, ("causal", "cheat", "masked"), several=True),
    ),
    seen=(
        Seen("floor", lambda records: records["causal"].floor or 0.0, FLOOR, 0.02, "nats"),
        Seen("causal", lambda records: records["causal"].loss, 2.6, 0.15, "nats"),
        Seen("cheat", lambda records: records["cheat"].loss, 0.13, 0.1, "nats"),
        Seen("masked", lambda records: records["masked"].loss, 4.0, 0.35, "nats"),
    ),
    exercises=(
        Exercise(
            "repair",
            CHEAT,
            (
                Knob("objective.name", ("next-word", "previous-word", "masked-word")),
                Knob("model.dropout", (0.0, 0.3)),
                Knob("train.steps", (30, 300, 600)),
            ),
            repair,
            hints=3,
            feedback=("still", "hidden", "not-yet"),
            kept=("data.task", "model.direction", "model.family"),
            trials=(
                Trial({"objective.name": "masked-word"}, RIGHT, {"loss": 4.1, "accuracy": 0.2, "floor": 1.64}),
                Trial({"objective.name": "previous-word"}, "still", {"loss": 0.13, "accuracy": 0.97, "floor": 2.2}),
                Trial({"model.dropout": 0.3}, "still", {"loss": 0.4, "accuracy": 0.9, "floor": 2.2}),
                Trial({"train.steps": 30}, "hidden", {"loss": 3.4, "accuracy": 0.15, "floor": 2.2}),
            ),
        ),
    ),
    questions=(
        Question("low", ("great", "leak", "luck"), "leak"),
        Question("mask", ("hard", "hidden", "short"), "hidden"),
        Question("last", ("shy", "nothing", "noise"), "nothing"),
    ),
    formulas=(
        Formula(
            "loss",
            r"L = -\frac{1}{N}\sum_{t} \log p(x_{t+1} \mid \text{seen}_t) \;\ge\; H",
            (
                Symbol("x_{t+1}", "x"),
                Symbol("p", "p", "(B, T, V)"),
                Symbol("H", "h"),
                Symbol("N", "n"),
            ),
            ("core/objectives.py:answer", "core/data/floors.py:least_loss"),
            "Shannon (1951); Cover & Thomas (2006), §5.4",
        ),
        Formula(
            "masked",
            r"L_{\text{mask}} = -\frac{1}{|M|}\sum_{i \in M} \log p(x_i \mid \tilde{x})",
            (Symbol("M", "m"), Symbol(r"\tilde{x}", "x", "(B, T)"), Symbol("x_i", "xi")),
            ("core/data/batches.py:masked",),
            "Devlin et al. (2019), §3.1",
        ),
    ),
    numbers={
        "floor": Number(FLOOR, "nats"),
        "rate": Number(0.15),
        "blank": Number(0.8),
        "swapped": Number(0.1),
    },
    knobs=(
        Knob("model.dropout", (0.0, 0.1, 0.3)),
        Knob("train.steps", (100, 300, 600)),
        Knob("objective.mask_rate", low=0.05, high=0.6, step=0.05, unit="percent"),
    ),
    terms=("loss", "entropy-floor", "leak", "masked-word", "causal-mask"),
    chart="loss",
    game=False,
    writes=("causal", "cheat"),
    sources=(
        "Shannon (1951), Prediction and entropy of printed English",
        "Devlin et al. (2019), BERT, §3.1",
        "Vaswani et al. (2017), Attention is all you need, §3.2.3",
    ),
)
