"""Decode both ways: from the left, from the right, by agreement, and all words at once in several rounds."""

from typing import Any

from core.spec import from_json
from lessons.decode_both_ways.check import GOAL, consistent, once
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

BLANKS = from_json(
    {
        "data": {"task": "dialects", "N": 4},
        "model": {"family": "encoder-decoder", "direction": "both", "writing": "mask-predict"},
        "train": {"steps": 240, "evaluate_every": 20},
    }
)
PAIR = BLANKS.with_({"model.writing": "agreement"})
GAME = BLANKS.data.settings
DRAWN: dict[str, Any] = {"count": 100, "temperature": 1.0}
MORE: dict[str, Any] = {**DRAWN, "count": 200}  # where luck decides
GOOD = 0.85


def ways(records: Records) -> dict[str, float]:
    return {**records["pair"].extra, **records["blanks"].extra}


def good(records: Records) -> tuple[str, ...]:
    """The ways to write that get most sentences right."""
    found = ways(records)
    return tuple(name for name in ("from-left", "from-right", "one", "four") if found[name] >= GOOD)


LESSON = Lesson(
    slug="decode-both-ways",
    minutes=9,
    runs={"pair": PAIR, "blanks": BLANKS},
    readings=(
        Reading("from-left", "whole", {**DRAWN, "decoder": "sampling", "direction": "left-to-right"}, "pair"),
        Reading("from-right", "whole", {**DRAWN, "decoder": "sampling", "direction": "right-to-left"}, "pair"),
        Reading("agreed", "whole", {"count": 40, "decoder": "agreement"}, "pair"),
        Reading("one", "whole", {**MORE, "rounds": 1}, "blanks"),
        Reading("two", "whole", {**MORE, "rounds": 2}, "blanks"),
        Reading("four", "whole", {**DRAWN, "rounds": 4}, "blanks"),
    ),
    guesses=(
        ChoiceGuess("good", good, ("from-left", "from-right", "one", "four"), several=True),
        NumberGuess("one", lambda records: ways(records)["one"], 0.0, 1.0, 0.05, near=0.07),
        NumberGuess("two", lambda records: ways(records)["two"], 0.0, 1.0, 0.05, near=0.12),
    ),
    seen=(
        Seen("from-left", lambda records: ways(records)["from-left"], 0.97, 0.06),
        Seen("from-right", lambda records: ways(records)["from-right"], 0.97, 0.06),
        Seen("agreed", lambda records: ways(records)["agreed"], 1.0, 0.05),
        Seen("one", lambda records: ways(records)["one"], consistent(GAME.N, 1), 0.1),
        Seen("two", lambda records: ways(records)["two"], 0.6, 0.22),
        Seen("four", lambda records: ways(records)["four"], 0.97, 0.1),
    ),
    exercises=(
        Exercise(
            "once",
            BLANKS,
            (
                Knob("data.N", low=2, high=6, step=1),
                Knob("model.width", (64, 96)),
                Knob("train.steps", (240, 480)),
            ),
            once,
            hints=3,
            feedback=("mixes", "not-yet"),
            kept=("data.task", "model.direction", "model.writing"),
            readings=(Reading("once", "whole", {**MORE, "rounds": 1}),),
            trials=(
                Trial({"data.N": 2}, RIGHT, {"extra": {"once": 0.52}}),
                Trial({"data.N": 3}, "mixes", {"extra": {"once": 0.24}}),
                Trial({"train.steps": 480}, "mixes", {"extra": {"once": 0.12}}),
                Trial({"model.width": 96}, "mixes", {"extra": {"once": 0.13}}),
                Trial({"data.N": 2, "train.steps": 240}, "not-yet", {"extra": {"once": 0.3}}),
            ),
        ),
    ),
    questions=(
        Question("words", ("untrained", "language", "apart"), "apart"),
        Question("rounds", ("two", "four", "eight"), "four"),
        Question("leak", ("blank", "causal", "small"), "blank"),
    ),
    formulas=(
        Formula(
            "rounds",
            r"P(\text{one dialect}) \gtrsim 2^{\,1 - N/T}",
            (Symbol("N", "n"), Symbol("T", "t")),
            ("core/data/pairs/dialects.py:Dialects.consistent", "core/decoding/mask_predict.py:fill"),
            "Ghazvininejad et al. (2019), Mask-predict, §3",
        ),
        Formula(
            "agreement",
            r"\begin{gathered} \hat y = \arg\max_y \; \big(\log \overrightarrow{p}(y \mid x) \\ "
            r"+ \log \overleftarrow{p}(y \mid x)\big) "
            r"\end{gathered}",
            (
                Symbol("x", "x"),
                Symbol("y", "y"),
                Symbol(r"\overrightarrow{p}", "right"),
                Symbol(r"\overleftarrow{p}", "left"),
            ),
            ("core/decoding/agreement.py:agree",),
            "Liu, Utiyama, Finch & Sumita (2016), Agreement on target-bidirectional neural machine translation, §3",
        ),
    ),
    numbers={
        "n": Number(GAME.N, "words"),
        "half": Number(0.5),
        "goal": Number(GOAL),
        "one-expected": Number(consistent(GAME.N, 1)),
        "two-expected": Number(consistent(GAME.N, 2)),
        "long": Number(8, "words"),
    },
    knobs=(Knob("data.N", low=2, high=6, step=1), Knob("train.steps", (240, 480))),
    terms=("encoder-decoder", "mask-predict", "exact-match", "leak"),
    sources=(
        "Ghazvininejad, Levy, Liu & Zettlemoyer (2019), Mask-predict: parallel decoding of conditional masked "
        "language models",
        "Liu, Utiyama, Finch & Sumita (2016), Agreement on target-bidirectional neural machine translation",
        "Zhou, Zhang & Zong (2019), Synchronous bidirectional neural machine translation",
        "Gu et al. (2018), Non-autoregressive neural machine translation",
    ),
)
