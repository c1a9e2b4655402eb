"""Pretraining questions: what does a model know of the next sentence? It knows what it was asked."""

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
from lessons.next_sentence.check import certain

ORDER = from_json(
    {
        "data": {"task": "two-sentences"},
        "model": {"direction": "both"},
        "objective": {"name": "sentence-order"},
        "train": {"steps": 200, "batch": 64, "evaluate_every": 10},
    }
)
ERASED = ORDER.with_({"data.cue": 0.5})
NEXT = ORDER.with_(
    {"objective.name": "next-sentence", "train.steps": 600, "train.batch": 128, "train.evaluate_every": 20}
)
GAME = ORDER.data.settings
TOPICS = 6
CHANCE = 0.5
LEARNED = 0.15  # above chance


def learned(records: Records) -> tuple[str, ...]:
    """The runs that do clearly better than a coin."""
    return tuple(name for name, one in records.items() if one.accuracy > CHANCE + LEARNED)


LESSON = Lesson(
    slug="next-sentence",
    minutes=9,
    runs={"next": NEXT, "order": ORDER, "erased": ERASED},
    guesses=(
        ChoiceGuess("learned", learned, ("next", "order", "erased"), several=True),
        NumberGuess("erased", lambda records: records["erased"].accuracy, 0.0, 1.0, 0.05, near=0.05),
    ),
    seen=(
        Seen("next", lambda records: records["next"].accuracy, 0.84, 0.08),
        Seen("order", lambda records: records["order"].accuracy, GAME.cue, 0.03),
        Seen("erased", lambda records: records["erased"].accuracy, CHANCE, 0.05),
    ),
    exercises=(
        Exercise(
            "certain",
            ORDER,
            (
                Knob("objective.name", ("next-sentence", "sentence-order")),
                Knob("data.cue", low=0.5, high=1.0, step=0.05, unit="percent"),
                Knob("train.steps", (200, 600)),
            ),
            certain,
            hints=3,
            feedback=("topic", "toss-up", "not-yet"),
            kept=("data.task", "model.direction", "model.width"),
            trials=(
                Trial({"data.cue": 1.0}, RIGHT, {"accuracy": 1.0}),
                Trial({"train.steps": 600}, "toss-up", {"accuracy": 0.9}),
                Trial({"objective.name": "next-sentence", "data.cue": 1.0}, "topic", {"accuracy": 0.6}),
                Trial({"data.cue": 1.0, "train.steps": 200}, "not-yet", {"accuracy": 0.8}),
            ),
        ),
    ),
    questions=(
        Question("swap", ("masked", "next", "order"), "order"),
        Question("useless", ("yes", "topic", "luck"), "topic"),
        Question("masked", ("all", "none", "some"), "some"),
    ),
    formulas=(
        Formula(
            "order",
            r"q^2 + q\,(1 - q) = q",
            (Symbol("q", "q"),),
            ("core/data/documents.py:TwoSentences.ceilings",),
            "Lan et al. (2020), ALBERT, §3.1",
        ),
        Formula(
            "next",
            r"\tfrac{1}{2} + \tfrac{1}{2}\left(1 - \tfrac{1}{Z}\right)",
            (Symbol("Z", "z"),),
            ("core/data/documents.py:by_topic",),
            "Devlin et al. (2019), BERT, §3.1",
        ),
        Formula(
            "pair",
            r"L = -\log p(\text{verdict} \mid A, B)",
            (Symbol("A", "a"), Symbol("B", "b"), Symbol("p", "p", "(B, K)")),
            ("core/data/batches.py:paired",),
            "Devlin et al. (2019), BERT, §3.1",
        ),
    ),
    numbers={
        "cue": Number(GAME.cue),
        "stray": Number(1 - GAME.cue),
        "topics": Number(TOPICS, "number"),
        "same": Number(1 / TOPICS),
        "next": Number(0.5 + 0.5 * (1 - 1 / TOPICS)),
        "coin": Number(CHANCE),
        "rate": Number(0.15),
        "blank": Number(0.8),
        "swapped": Number(0.1),
    },
    knobs=(
        Knob("data.cue", low=0.5, high=1.0, step=0.05, unit="percent"),
        Knob("model.layers", (1, 2)),
        Knob("train.seed", (0, 1, 2)),
    ),
    terms=("pretraining", "next-sentence", "sentence-order", "masked-word", "ceiling"),
    sources=(
        "Devlin et al. (2019), BERT: pre-training of deep bidirectional transformers, §3.1 and §5.1",
        "Lan et al. (2020), ALBERT: a lite BERT for self-supervised learning, §3.1",
        "Liu et al. (2019), RoBERTa: a robustly optimized BERT pretraining approach, §4.2",
        "Wettig, Gao, Zhong & Chen (2023), Should you mask 15% in masked language modeling?",
    ),
)
