"""Long gaps: an LSTM must carry what it read over many words. What lets it, and what does not matter."""

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
    Records,
    Seen,
    Symbol,
    Trial,
)
from lessons.long_gaps.check import kept, reach

OPEN = from_json(
    {
        "data": {"task": "gap", "g": 10},
        "model": {"family": "lstm", "direction": "both", "join": "concat"},
        "train": {"steps": 160, "evaluate_every": 8},
    }
)
CLOSED = OPEN.with_({"model.forget_bias": -1.0})
ATTENTION = OPEN.with_({"model.family": "transformer", "model.join": "deep"})
FAR = OPEN.with_({"data.g": 20, "model.forget_bias": -1.0, "train.steps": 240, "train.evaluate_every": 12})
GAME = OPEN.data.settings
SOLVED = 0.97


def solved(records: Records) -> tuple[str, ...]:
    return tuple(name for name, one in records.items() if one.accuracy >= SOLVED)


LESSON = Lesson(
    slug="long-gaps",
    minutes=8,
    runs={"open": OPEN, "closed": CLOSED, "attention": ATTENTION},
    guesses=(
        ChoiceGuess("reach", solved, ("open", "closed", "attention"), several=True),
        NumberGuess("closed", lambda records: records["closed"].accuracy, 0.0, 1.0, 0.05, near=0.05),
    ),
    seen=(
        Seen("open", lambda records: records["open"].accuracy, 1.0, 0.02),
        Seen("closed", lambda records: records["closed"].accuracy, 1 / GAME.K, 0.05),
        Seen("attention", lambda records: records["attention"].accuracy, 1.0, 0.02),
    ),
    exercises=(
        Exercise(
            "reach",
            FAR,
            (
                Knob("model.forget_bias", low=-1.0, high=3.0, step=0.5),
                Knob("model.width", (64, 128)),
                Knob("train.clip", (0.0, 1.0, 10.0)),
            ),
            reach,
            hints=3,
            feedback=("forgets", "not-yet"),
            kept=("data.task", "data.g", "model.family", "model.direction"),
            trials=(
                Trial({"model.forget_bias": 1.0}, RIGHT, {"accuracy": 1.0}),
                Trial({"model.width": 128}, "forgets", {"accuracy": 0.25}),
                Trial({"train.clip": 0.0}, "forgets", {"accuracy": 0.25}),
                Trial({"train.clip": 10.0}, "forgets", {"accuracy": 0.25}),
            ),
        ),
    ),
    questions=(
        Question("clip", ("shorter", "longer", "both"), "shorter"),
        Question("sides", ("both-ways", "size", "steps"), "steps"),
        Question("attention", ("memory", "one-step", "larger"), "one-step"),
    ),
    formulas=(
        Formula(
            "cell",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
            (
                Symbol("c_t", "c", "(B, D)"),
                Symbol("f_t", "f", "(B, D)"),
                Symbol("i_t", "i", "(B, D)"),
                Symbol("g_t", "g", "(B, D)"),
            ),
            ("core/models/recurrent.py:LSTM",),
            "Hochreiter & Schmidhuber (1997); Gers, Schmidhuber & Cummins (2000)",
        ),
        Formula(
            "fading",
            r"\frac{\partial c_{t+n}}{\partial c_t} \approx \prod_{k=1}^{n} f_{t+k} \approx \sigma(2b)^{\,n}",
            (Symbol("n", "n"), Symbol("b", "b"), Symbol(r"\sigma", "sigma")),
            ("core/models/build.py:_initialise_lstm",),
            "Jozefowicz, Zaremba & Sutskever (2015), §2.1; Pascanu, Mikolov & Bengio (2013), §2",
        ),
        Formula(
            "clip",
            r"v \leftarrow v \cdot \min\!\left(1, \frac{m}{\lVert v \rVert}\right)",
            (Symbol("v", "v"), Symbol("m", "m")),
            ("core/optimiser.py:AdamW",),
            "Pascanu, Mikolov & Bengio (2013), §3.2",
        ),
    ),
    numbers={
        "g": Number(GAME.g, "words"),
        "far": Number(FAR.data.settings.g, "words"),
        "chance": Number(1 / GAME.K),
        "colours": Number(GAME.K, "number"),
        "open": Number(OPEN.model.forget_bias, "number"),
        "closed": Number(CLOSED.model.forget_bias, "number"),
        "gate-open": Number(kept(OPEN.model.forget_bias, 1)),
        "gate-closed": Number(kept(CLOSED.model.forget_bias, 1)),
        "left-open": Number(kept(OPEN.model.forget_bias, GAME.g)),
        "lost": Number(kept(CLOSED.model.forget_bias, 2)),
    },
    knobs=(
        Knob("data.g", low=5, high=25, step=1, unit="number"),
        Knob("train.clip", (0.0, 1.0, 10.0)),
        Knob("train.steps", (160, 320)),
    ),
    terms=("lstm", "forget-gate", "vanishing-gradient", "clipping", "attention", "ceiling"),
    sources=(
        "Hochreiter & Schmidhuber (1997), Long short-term memory",
        "Gers, Schmidhuber & Cummins (2000), Learning to forget",
        "Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network architectures",
        "Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks",
    ),
)
