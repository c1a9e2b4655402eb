"""Which of a game's ceilings binds a given model."""

from __future__ import annotations

from typing import cast

from core.data.contract import Ceilings
from core.parts.objective import OF_PAIRS
from core.spec import Experiment, ModelSpec

ABSOLUTE = ("learned", "sinusoidal")  # positions that tell how many words precede, even unseen ones
AT_FIRST = ("first", "pooler", "pooler-relu")  # a sentence's state is its first word's
SYMMETRIC_JOINS = ("sum", "mean", "product", "max")


def binding(model: ModelSpec, ceilings: Ceilings) -> float:
    """The best accuracy this kind of model can reach, in 0…1 (SCIENCE §1)."""
    if not model.two_way:
        return _one_sided(model, ceilings)
    limits = [ceilings.both]
    if model.additive and ceilings.additive is not None:
        limits.append(ceilings.additive)
    if mirrored(model) and ceilings.tied is not None:
        limits.append(ceilings.tied)
    if (
        model.family == "transformer"
        and not model.late
        and model.positions == "none"
        and ceilings.unordered is not None
    ):
        limits.append(ceilings.unordered)
    return min(limits)


def _one_sided(model: ModelSpec, ceilings: Ceilings) -> float:
    """A one-way model knows at the far end of a sentence only the word that stands there."""
    if model.direction == "left-to-right":
        return ceilings.first if ceilings.first is not None and model.pool in AT_FIRST else ceilings.left
    if ceilings.last is not None and model.pool == "last":
        return ceilings.last
    counts = model.family == "transformer" and model.positions in ABSOLUTE
    return ceilings.placed if ceilings.placed is not None and counts else ceilings.right


def mirrored(model: ModelSpec) -> bool:
    """Whether a sentence read backwards gives the same states backwards: such a model can't tell its sides apart.

    So it is with shared weights joined alike, unless positions tell the sides apart; and with ALiBi in one two-way
    stack, which knows how far a word stands, but not on which side.
    """
    if model.late:
        placeless = model.family == "lstm" or model.positions in ("none", "alibi")
        return model.tied and model.join in SYMMETRIC_JOINS and placeless
    return model.two_way and model.family == "transformer" and model.positions == "alibi"


def ceiling_of(experiment: Experiment) -> float | None:
    """The ceiling of a game's experiment, computed from the game's parameters; None for text."""
    if experiment.model.family == "encoder-decoder":
        settings = experiment.data.settings
        return cast(float, settings.taught(experiment.model.writes)) if experiment.data.is_made else None
    ceilings = None if experiment.objective_name == "masked-and-next" else ceilings_of(experiment)
    return None if ceilings is None else binding(experiment.model, ceilings)


def ceilings_of(experiment: Experiment) -> Ceilings | None:
    """What is known exactly by what a model may see; None for text and own files. Of pairs: by what they are asked."""
    settings = experiment.data.settings
    if experiment.objective_name in OF_PAIRS:
        asked = experiment.objective.resolved(experiment.objective_name)
        hides = asked.name == "masked-and-next"
        return cast(Ceilings, settings.ceilings(asked.name, asked.mask_rate * (asked.hidden + asked.swapped) * hides))
    return settings.ceilings() if experiment.data.is_made else None


def floor_of(experiment: Experiment) -> float | None:
    """The least possible loss of a game's experiment in nats; None where the game has none that is known."""
    floors: Ceilings | None = experiment.data.settings.floors() if experiment.data.is_made else None
    if floors is None:
        return None
    return {"left-to-right": floors.left, "right-to-left": floors.right, "both": floors.both}[
        experiment.model.direction
    ]
