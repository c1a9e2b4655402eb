"""Tokens: what a model reads at all, how English and Chinese fall apart, and what a vocabulary costs."""

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
from lessons.tokens.check import MOST, nothing_lost

WORDS = from_json({"data": {"task": "text"}, "train": {"steps": 200, "evaluate_every": 10}})
PIECES = WORDS.with_({"data.tokenizer": "bpe"})
CHARACTERS = WORDS.with_({"data.tokenizer": "character"})
QUICK = WORDS.with_({"train.steps": 30, "train.evaluate_every": 10})
ENGLISH, CHINESE = "The sailors gladly paint these lovely boats.", "我喜欢学习"
SAMPLE = 20_000  # characters of the text whose tokens are counted


def per_character(records: Records, run: str) -> float:
    """The loss of a run in nats for each character of the text."""
    return records[run].loss / records[run].extra[f"{run}-length"]


def least_per_token(records: Records) -> str:
    return min(records, key=lambda run: records[run].loss)


def most_per_character(records: Records) -> str:
    return max(records, key=lambda run: per_character(records, run))


LESSON = Lesson(
    slug="tokens",
    minutes=8,
    runs={"words": WORDS, "pieces": PIECES, "characters": CHARACTERS},
    readings=(
        Reading("words-english", "fertility", {"sentence": ENGLISH}, "words"),
        Reading("pieces-english", "fertility", {"sentence": ENGLISH}, "pieces"),
        Reading("characters-english", "fertility", {"sentence": ENGLISH}, "characters"),
        Reading("words-chinese", "unknown", {"sentence": CHINESE}, "words"),
        Reading("pieces-chinese", "fertility", {"sentence": CHINESE}, "pieces"),
        Reading("words-length", "characters", {"characters": SAMPLE}, "words"),
        Reading("pieces-length", "characters", {"characters": SAMPLE}, "pieces"),
        Reading("characters-length", "characters", {"characters": SAMPLE}, "characters"),
    ),
    guesses=(
        NumberGuess(
            "chinese", lambda records: records["pieces"].extra["pieces-chinese"], 0.5, 6.0, 0.5, "number", near=0.5
        ),
        ChoiceGuess("token", least_per_token, ("words", "pieces", "characters")),
        ChoiceGuess("text", most_per_character, ("words", "pieces", "characters")),
    ),
    seen=(
        Seen("chinese", lambda records: records["pieces"].extra["pieces-chinese"], 3.0, 0.01, "number"),
        Seen("lost", lambda records: records["words"].extra["words-chinese"], 1.0, 0.01),
        Seen("words", lambda records: records["words"].loss, 2.86, 0.15, "nats"),
        Seen("pieces", lambda records: records["pieces"].loss, 2.56, 0.12, "nats"),
        Seen("characters", lambda records: records["characters"].loss, 1.39, 0.15, "nats"),
        Seen("words-text", lambda records: per_character(records, "words"), 0.46, 0.03, "nats"),
        Seen("pieces-text", lambda records: per_character(records, "pieces"), 0.45, 0.03, "nats"),
        Seen("characters-text", lambda records: per_character(records, "characters"), 1.39, 0.15, "nats"),
    ),
    exercises=(
        Exercise(
            "nothing-lost",
            QUICK,
            (
                Knob("data.tokenizer", ("word", "character", "wordpiece", "bpe", "byte")),
                Knob("data.vocabulary", (300, 1000, 4000)),
            ),
            nothing_lost,
            hints=3,
            feedback=("lost", "dear"),
            kept=("data.task", "model.family", "model.width"),
            readings=(Reading("unknown", "unknown", {"sentence": CHINESE}),),
            trials=(
                Trial({"data.tokenizer": "byte"}, RIGHT, {"extra": {"unknown": 0.0}, "parameters": 102_531}),
                Trial(
                    {"data.tokenizer": "bpe", "data.vocabulary": 300},
                    RIGHT,
                    {"extra": {"unknown": 0.0}, "parameters": 107_820},
                ),
                Trial({"data.tokenizer": "bpe"}, "dear", {"extra": {"unknown": 0.0}, "parameters": 186_897}),
                Trial({"data.vocabulary": 4000}, "lost", {"extra": {"unknown": 1.0}, "parameters": 101_757}),
                Trial({"data.tokenizer": "character"}, "lost", {"extra": {"unknown": 1.0}, "parameters": 73_119}),
            ),
        ),
    ),
    questions=(
        Question("compare", ("text", "loss", "accuracy"), "text"),
        Question("bytes", ("harder", "alphabet", "rare"), "alphabet"),
        Question("size", ("free", "better", "trade"), "trade"),
    ),
    formulas=(
        Formula(
            "fertility",
            r"\text{fertility} = \frac{\text{tokens}}{\text{words}}",
            (Symbol(r"\text{tokens}", "tokens"), Symbol(r"\text{words}", "words")),
            ("core/cutting.py:Cut",),
            "Rust et al. (2021), How good is your tokenizer?, §3.1",
        ),
        Formula(
            "pair",
            r"\begin{gathered} (a, b) \leftarrow \arg\max_{a,\,b} \; \text{count}(a\,b) \\ "
            r"V \leftarrow V + 1 \end{gathered}",
            (Symbol("a, b", "ab"), Symbol("V", "v")),
            ("core/text.py:_byte_pairs",),
            "Sennrich, Haddow & Birch (2016), §3.2",
        ),
        Formula(
            "cost",
            r"V \cdot D + V \cdot (D + 1)",
            (Symbol("V", "v"), Symbol("D", "d")),
            ("core/models/counts.py:vocabulary_cost",),
            "Bengio et al. (2003), A neural probabilistic language model, §2",
        ),
    ),
    numbers={"most": Number(MOST, "parameters"), "per-word": Number(1.0, "number")},
    knobs=(Knob("train.steps", (200, 400)), Knob("data.vocabulary", (300, 1000, 4000))),
    terms=("token", "tokenizer", "fertility", "loss", "parameter"),
    chart="loss",
    sources=(
        "Sennrich, Haddow & Birch (2016), Neural machine translation of rare words with subword units",
        "Rust et al. (2021), How good is your tokenizer?",
        "Petrov et al. (2023), Language model tokenizers introduce unfairness between languages",
        "Radford et al. (2019), Language models are unsupervised multitask learners, §2.2",
    ),
)
