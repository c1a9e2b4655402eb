"""Top and bottom in turn, two models aligned: what came back, and what it cost."""

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
from lessons.top_and_bottom.check import GOAL, MOST_FORGOTTEN, remember

FULL = from_json({"data": {"task": "transfer", "question": "xor"}, "tune": {"strategy": "full"}})
RUNS = {
    "full": FULL,
    "turns": FULL.with_({"tune.strategy": "alternating"}),
    "aligned": FULL.with_({"tune.strategy": "alignment"}),
}
ALIKE = 0.03  # scores this near are not told apart by one run
BEFORE = 0.54  # what a probe tells of the task before fine-tuning


def forgotten(records: Records, name: str) -> float:
    return records[name].extra["after"] - records[name].extra["before"]


def best(records: Records) -> str:
    """Full or in turn, whichever is ahead by enough."""
    gap = records["turns"].accuracy - records["full"].accuracy
    return "same" if abs(gap) < ALIKE else "turns" if gap > 0 else "full"


LESSON = Lesson(
    slug="top-and-bottom",
    minutes=10,
    runs=RUNS,
    guesses=(
        ChoiceGuess("best", best, ("turns", "full", "same")),
        NumberGuess("back", lambda records: records["aligned"].extra["partner.task"], 0.4, 1.0, 0.05, near=0.07),
    ),
    seen=(
        Seen("full", lambda records: records["full"].accuracy, 0.93, 0.05),
        Seen("turns", lambda records: records["turns"].accuracy, 0.93, 0.05),
        Seen("aligned", lambda records: records["aligned"].accuracy, 0.92, 0.05),
        Seen("back", lambda records: records["aligned"].extra["partner.task"], 0.92, 0.07),
        Seen("lost", lambda records: forgotten(records, "full"), 0.35, 0.2, "nats"),
        Seen("lost-turns", lambda records: forgotten(records, "turns"), 0.33, 0.2, "nats"),
        Seen("paid", lambda r: r["aligned"].extra["partner"] - r["aligned"].extra["before"], 0.14, 0.12, "nats"),
        Seen("third", lambda records: records["aligned"].extra["partner.third"], 0.82, 0.12),
        Seen("third-before", lambda records: records["aligned"].extra["start.third"], 0.98, 0.02),
    ),
    exercises=(
        Exercise(
            "remember",
            FULL,
            (
                Knob("tune.strategy", ("full", "lora", "alternating", "gradual", "rehearsal")),
                Knob("train.learning_rate", (0.001, 0.0001, 0.00001)),
                Knob("train.steps", (300, 500)),
            ),
            remember,
            hints=3,
            feedback=("not-learned", "forgot"),
            kept=("data.task", "data.question", "tune.labels", "tune.start"),
            trials=(
                Trial(
                    {"tune.strategy": "rehearsal"}, RIGHT, {"accuracy": 0.92, "extra": {"before": 1.7, "after": 1.75}}
                ),
                Trial({"tune.strategy": "lora"}, "forgot", {"accuracy": 0.92, "extra": {"before": 1.7, "after": 2.7}}),
                Trial({"train.steps": 500}, "forgot", {"accuracy": 0.93, "extra": {"before": 1.7, "after": 2.1}}),
                Trial(
                    {"train.learning_rate": 0.00001},
                    "not-learned",
                    {"accuracy": 0.6, "extra": {"before": 1.7, "after": 1.72}},
                ),
            ),
        ),
    ),
    questions=(
        Question("flow", ("free", "paid", "none"), "paid"),
        Question("few", ("fewer", "detach", "never"), "detach"),
    ),
    formulas=(
        Formula(
            "align",
            r"\begin{gathered} L = L_{\text{task}} + \tfrac{\lambda}{2}"
            r"\left[\text{CE}(S, I) + \text{CE}(S^\top, I)\right]"
            r"\\ S_{ij} = \tfrac{1}{\tau}\,f_i \cdot p_j \end{gathered}",
            (
                Symbol("f", "f", "(B, D)"),
                Symbol("p", "p", "(B, D)"),
                Symbol("S", "s", "(B, B)"),
                Symbol(r"\tau", "tau"),
                Symbol(r"\lambda", "lambda"),
            ),
            ("core/tuning/alignment.py:Alignment", "core/tuning/terms.py:Closeness"),
            "van den Oord et al. (2018), InfoNCE",
        ),
        Formula(
            "turns",
            r"\begin{gathered} \theta_{\text{top}} \leftarrow \theta_{\text{top}} - \eta \nabla L \\"
            r"\theta_{\text{bottom}} \leftarrow \theta_{\text{bottom}} - \eta \nabla L \end{gathered}",
            (Symbol(r"\theta", "theta"), Symbol(r"\eta", "eta")),
            ("core/tuning/alternating.py:Alternating",),
            "Felbo et al. (2017), chain-thaw; Howard & Ruder (2018), §3.3",
        ),
    ),
    numbers={
        "before": Number(BEFORE),
        "chance": Number(0.5),
        "goal": Number(GOAL),
        "least": Number(MOST_FORGOTTEN, "nats"),
        "labels": Number(512, "number"),
    },
    knobs=(
        Knob("data.question", ("xor", "mood", "topic")),
        Knob("tune.labels", (64, 512)),
    ),
    terms=("fine-tuning", "forgetting", "linear-probe", "contrast", "pretraining"),
    game=False,
    sources=(
        "Felbo et al. (2017), Using millions of emoji occurrences (chain-thaw)",
        "Howard & Ruder (2018), Universal language model fine-tuning, §3.3",
        "van den Oord et al. (2018), Representation learning with contrastive predictive coding",
        "Kirkpatrick et al. (2017), Overcoming catastrophic forgetting",
    ),
)
