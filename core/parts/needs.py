"""What an objective needs of the model that it is put to: each need in plain words, with a change that meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.parts.model import ModelSpec
from core.parts.objective import OBJECTIVE_OF


@dataclass(frozen=True)
class Need:
    """`met`: has the model what is needed? `works`: changes that give it."""

    met: Callable[[ModelSpec], bool]
    reason: str
    works: dict[str, Any]


def sees(direction: str) -> Callable[[ModelSpec], bool]:
    return lambda model: model.direction != direction


_BOTH = {"model.direction": "both"}
_DEEP = Need(lambda m: not m.late, "It is one stack with its own mask, not two joined on top.", {"model.join": "deep"})
_ATTENTION = Need(
    lambda m: m.family == "transformer",
    "It says for each word which words it may see. Only attention can be told so; an LSTM reads word by word.",
    {"model.family": "transformer"},
)
NEEDS: dict[str, tuple[Need, ...]] = {
    "masked-word": (
        Need(
            sees("left-to-right"),
            "Filling a blank needs both sides; a left-to-right model can't see what follows.",
            {"objective.name": OBJECTIVE_OF["left-to-right"]},
        ),
        Need(
            sees("right-to-left"),
            "Filling a blank needs both sides; a right-to-left model can't see what precedes.",
            {"objective.name": OBJECTIVE_OF["right-to-left"]},
        ),
    ),
    "masked-and-next": (
        Need(lambda m: m.two_way, "Filling a blank needs both sides; this model reads one way only.", _BOTH),
    ),
    "two-way-lm": (
        Need(lambda m: m.two_way, "It is two models, one for each direction; this one reads one way only.", _BOTH),
        Need(
            lambda m: m.join == "concat" or (m.family == "lstm" and not m.late),
            "It reads each direction on its own, so the two must stand side by side, neither mixed nor added.",
            {"model.join": "concat"},
        ),
    ),
    "prefix-lm": (
        _ATTENTION,
        Need(lambda m: m.two_way, "The prefix is read both ways; this model reads one way only.", _BOTH),
        _DEEP,
    ),
    "permutation-lm": (
        _ATTENTION,
        Need(lambda m: m.two_way, "A random order needs words from both sides; this model reads one way only.", _BOTH),
        _DEEP,
        Need(
            lambda m: m.positions in ("learned", "sinusoidal"),
            "A blank must know its place from itself alone, so positions must be added to the words.",
            {"model.positions": "learned"},
        ),
        Need(
            lambda m: m.window is None,
            "Words and blanks stand side by side, so a window would count the wrong distance.",
            {"model.window": None},
        ),
    ),
}


def unmet(objective: str, model: ModelSpec) -> Need | None:
    """The first need of an objective that a model doesn't meet."""
    return next((need for need in NEEDS.get(objective, ()) if not need.met(model)), None)
