"""What a model is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from core.fields import SpecError, check, setting, settings_of

OBJECTIVES = (
    "answer",
    "next-word",
    "previous-word",
    "two-way-lm",
    "masked-word",
    "prefix-lm",
    "permutation-lm",
    "next-sentence",
    "sentence-order",
    "masked-and-next",
    "classify",
    "tag",
    "translate",
    "span-corruption",
)
PAIRED = ("translate", "span-corruption")  # something is read and something else is written: for encoder–decoders
OF_PAIRS = ("next-sentence", "sentence-order", "masked-and-next")  # of two sentences: does the second follow the first?
OF_WHOLE = ("classify", *OF_PAIRS)  # one state answers for the whole sequence
OBJECTIVE_OF = {"left-to-right": "next-word", "right-to-left": "previous-word", "both": "masked-word"}
OF_OBJECTIVES: dict[str, tuple[str, ...]] = {  # settings of an objective's own: without effect for any other
    "masked-word": ("mask_rate", "hidden", "swapped", "whole_words"),
    "masked-and-next": ("mask_rate", "hidden", "swapped"),
    "prefix-lm": ("prefix_mask",),
    "permutation-lm": ("predicted",),
    "tag": ("spans",),
}


@dataclass(frozen=True)
class ObjectiveSpec:
    """What the model is asked for. `name` None: the game's answer, or the word that the direction leaves unseen."""

    name: str | None = setting(None, "Objective", "What the model learns to predict.", choices=OBJECTIVES)
    mask_rate: float = setting(
        0.15,
        "Masking rate",
        "Share of words hidden for the model to fill (masked words only).",
        low=0.01,
        high=0.9,
        deeper=True,
    )
    hidden: float = setting(
        0.8,
        "Shown as a blank",
        "Of the chosen words, the share that is shown as [mask]. BERT takes 80 %.",
        low=0.0,
        high=1.0,
        deeper=True,
    )
    swapped: float = setting(
        0.1,
        "Swapped for another",
        "Of the chosen words, the share that a random word stands for; the rest stays as it is. BERT takes 10 %.",
        low=0.0,
        high=1.0,
        deeper=True,
    )
    whole_words: bool = setting(
        False,
        "Whole words",
        "Hide all pieces of a word together, so that none gives the others away.",
        deeper=True,
    )
    prefix_mask: bool = setting(
        True,
        "Hide what follows",
        "Words after the prefix can't see the words that follow them. Off, the model can copy its answers.",
        deeper=True,
    )
    predicted: float = setting(
        0.5,
        "Guessed share",
        "Of each random order, the share at its end that is guessed; the words before are only read. XLNet takes 1/6.",
        low=0.01,
        high=1.0,
        deeper=True,
    )
    spans: str = setting(
        "repaired",
        "Names from tags",
        "Each word's likeliest tag, made legal afterwards; or the likeliest of all legal rows of tags (Viterbi).",
        choices=("repaired", "likeliest legal"),
        deeper=True,
    )

    def __post_init__(self) -> None:
        check(self, "objective")
        if self.hidden + self.swapped > 1 + 1e-6:
            reason = f"With {self.swapped:g} swapped, {1 - self.swapped:g} of the chosen words are left to be hidden."
            raise SpecError(
                "objective.hidden",
                self.hidden,
                reason,
                {"objective.hidden": math.floor(1e6 * (1 - self.swapped)) / 1e6},
            )

    def resolved(self, name: str) -> ObjectiveSpec:
        """By its name, settings without effect at their default: equal objectives are then equal."""
        kept = ("name", *OF_OBJECTIVES.get(name, ()))
        others: dict[str, Any] = {one.name: one.default for one, _ in settings_of(self) if one.name not in kept}
        return replace(self, **others, name=name)
