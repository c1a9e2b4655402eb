"""One direction: how often can a reader be right that sees only what stands to the left?"""

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
from lessons.one_way.check import GOAL, line

START = from_json({"data": {"task": "sense", "p": 0.8}, "train": {"steps": 300, "evaluate_every": 10}})
GAME = START.data.settings
LEFT = GAME.ceilings().left
SAME = 0.03  # two measured shares this near are the same line
LARGER = {"model.width": 96, "train.steps": 600, "train.evaluate_every": 20}


def does_more_help(records: Records) -> str:
    gain = records["larger"].accuracy - records["left"].accuracy
    return "same" if abs(gain) < SAME else "much" if gain > 0.2 else "little"


LESSON = Lesson(
    slug="one-way",
    minutes=6,
    runs={"left": START, "larger": START.with_(LARGER)},
    guesses=(
        NumberGuess("share", lambda records: records["left"].accuracy, 0.0, 1.0, 0.05),
        ChoiceGuess("more", does_more_help, ("much", "little", "same")),
    ),
    seen=(
        Seen("left", lambda records: records["left"].accuracy, LEFT, 0.03),
        Seen("larger", lambda records: records["larger"].accuracy, LEFT, 0.03),
    ),
    exercises=(
        Exercise(
            "line",
            START,
            (Knob("data.p", low=0.0, high=1.0, step=0.05, unit="percent"), Knob("train.steps", (300, 600, 1200))),
            line,
            hints=3,
            feedback=("too-high", "too-low", "not-yet"),
            kept=("data.task", "data.K", "data.epsilon", "model.direction"),
            trials=(
                Trial({"data.p": 0.2}, RIGHT, {"accuracy": 0.9}),
                Trial({"data.p": 0.9}, "too-low", {"accuracy": 0.55}),
                Trial({"data.p": 0.8, "train.steps": 1200}, "too-low", {"accuracy": 0.6}),
                Trial({"data.p": 0.1}, "too-high", {"accuracy": 0.95}),
            ),
        ),
    ),
    questions=(
        Question("cure", ("training", "size", "sight"), "sight"),
        Question("guess", ("zero", "half", "all"), "half"),
    ),
    formulas=(
        Formula(
            "line",
            r"\text{left} = (1-p)\cdot 1 + p\cdot\tfrac{1}{K}",
            (Symbol("p", "p"), Symbol("K", "k")),
            ("core/data/tasks/sense.py:Sense.ceilings",),
            "Bayes classifier: Duda, Hart & Stork (2001), §2.2",
        ),
        Formula(
            "mask",
            r"M_{ts} = \begin{cases} 1 & s \le t \\ 0 & s > t \end{cases}",
            (Symbol("M", "m", "(T, S)"), Symbol("t", "t"), Symbol("s", "s")),
            ("core/models/direction.py:visible",),
            "Vaswani et al. (2017), §3.2.3",
        ),
    ),
    numbers={
        "p": Number(GAME.p),
        "before": Number(1 - GAME.p),
        "chance": Number(1 / GAME.K),
        "left": Number(LEFT),
        "goal": Number(GOAL),
        "all": Number(1.0),
    },
    knobs=(Knob("data.p", low=0.0, high=1.0, step=0.05, unit="percent"), Knob("model.family", ("transformer", "lstm"))),
    terms=("direction", "causal-mask", "ceiling", "held-out"),
    sources=("Vaswani et al. (2017), Attention is all you need, §3.2.3", "Duda, Hart & Stork (2001), §2.2"),
)
