"""Fine-tuning: how much of a pretrained model must learn, for a question that is far from what it knows?"""

from core.spec import from_json
from lessons.fine_tune.check import GOAL, spare
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

HEAD = from_json({"data": {"task": "transfer", "question": "xor"}, "tune": {"strategy": "head"}})
RUNS = {
    "head": HEAD,
    "lora": HEAD.with_({"tune.strategy": "lora"}),
    "full": HEAD.with_({"tune.strategy": "full"}),
}
LEARNED = 0.8  # above it the far question has been learned
ADDED = 9_216  # parameters that LoRA of rank 4 adds beside the head


def who_learns(records: Records) -> tuple[str, ...]:
    return tuple(name for name in RUNS if records[name].accuracy >= LEARNED)


def added(records: Records) -> float:
    return float(records["lora"].parameters - records["head"].parameters)


LESSON = Lesson(
    slug="fine-tune",
    minutes=9,
    runs=RUNS,
    guesses=(
        ChoiceGuess("who", who_learns, tuple(RUNS), several=True),
        NumberGuess("head", lambda records: records["head"].accuracy, 0.0, 1.0, 0.05, near=0.05),
    ),
    seen=(
        Seen("head", lambda records: records["head"].accuracy, 0.51, 0.06),
        Seen("lora", lambda records: records["lora"].accuracy, 0.92, 0.07),
        Seen("full", lambda records: records["full"].accuracy, 0.93, 0.05),
        Seen("shifted", lambda records: records["full"].extra["shifted"], 0.9, 0.08),
        Seen("added", added, ADDED, 0.5, "parameters"),
    ),
    exercises=(
        Exercise(
            "spare",
            HEAD,
            (
                Knob("tune.strategy", ("head", "bitfit", "soft-prompt", "lora", "adapters", "full")),
                Knob("train.steps", (300, 500)),
            ),
            spare,
            hints=3,
            feedback=("many", "too-little", "not-yet"),
            kept=("data.task", "data.question", "tune.labels", "tune.start"),
            trials=(
                Trial({"tune.strategy": "lora"}, RIGHT, {"accuracy": 0.92, "extra": {"shifted": 0.88}}),
                Trial({"tune.strategy": "full"}, "many", {"accuracy": 0.93, "extra": {"shifted": 0.9}}),
                Trial({"train.steps": 500}, "too-little", {"accuracy": 0.52, "extra": {"shifted": 0.5}}),
                Trial({"tune.strategy": "bitfit"}, "too-little", {"accuracy": 0.62, "extra": {"shifted": 0.6}}),
                Trial({"tune.strategy": "adapters"}, "not-yet", {"accuracy": 0.8, "extra": {"shifted": 0.7}}),
            ),
        ),
    ),
    questions=(
        Question("head", ("near", "far", "never"), "near"),
        Question("standard", ("top", "all", "new"), "all"),
        Question("few", ("same", "top", "spread"), "spread"),
    ),
    formulas=(
        Formula(
            "lora",
            r"W' = W + \tfrac{\alpha}{r}\, B A",
            (
                Symbol("W", "w", "(D, D)"),
                Symbol("A", "a", "(r, D)"),
                Symbol("B", "b", "(D, r)"),
                Symbol("r", "r"),
                Symbol(r"\alpha", "alpha"),
            ),
            ("core/tuning/lora.py:Lora", "core/tuning/inserts_lora.py"),
            "Hu et al. (2022), LoRA, §4.1",
        ),
        Formula(
            "head",
            r"\hat{y} = \text{softmax}(U\,\bar{h} + c) \qquad \bar{h} = \tfrac{1}{T}\sum_t h_t",
            (
                Symbol(r"\bar{h}", "h", "(B, D)"),
                Symbol("U", "u", "(K, D)"),
                Symbol("c", "c", "(K)"),
            ),
            ("core/tuning/head.py:Head", "core/models/build.py:Model.pool"),
            "Devlin et al. (2019), §4; Kumar et al. (2022), §2",
        ),
    ),
    numbers={
        "labels": Number(512, "number"),
        "goal": Number(GOAL),
        "chance": Number(0.5),
        "rank": Number(4, "number"),
        "tenth": Number(0.1),
    },
    knobs=(
        Knob("data.question", ("xor", "mood", "topic")),
        Knob("tune.labels", (16, 64, 512)),
    ),
    terms=("pretraining", "fine-tuning", "lora", "linear-probe", "held-out", "exclusive-or"),
    game=False,
    sources=(
        "Devlin et al. (2019), BERT, §4",
        "Hu et al. (2022), LoRA: Low-rank adaptation of large language models",
        "Houlsby et al. (2019), Parameter-efficient transfer learning for NLP",
        "Kumar et al. (2022), Fine-tuning can distort pretrained features",
    ),
)
