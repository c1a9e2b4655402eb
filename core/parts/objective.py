"""What a model is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from core.fields import check, setting

OBJECTIVES = ("answer", "next-word", "previous-word", "masked-word", "classify", "tag", "translate")
PAIRED = ("translate",)  # something is read and something else is written: for encoder–decoders
OBJECTIVE_OF = {"left-to-right": "next-word", "right-to-left": "previous-word", "both": "masked-word"}


@dataclass(frozen=True)
class ObjectiveSpec:
    """What the model is asked for. `name` None: the game's answer, or the word that the direction leaves unseen."""

    name: str | None = setting(None, "Objective", "What the model learns to predict.", choices=OBJECTIVES)
    mask_rate: float = setting(
        0.15,
        "Masking rate",
        "Share of words hidden for the model to fill (masked word only).",
        low=0.01,
        high=0.9,
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
