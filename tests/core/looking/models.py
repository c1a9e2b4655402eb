"""Small models of every kind, untrained, to look into."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from core.data.registry import DATA
from core.models.build import Model, build
from core.spec import JOINS, DataSpec, Experiment, ModelSpec, TrainSpec

SIZES = {"width": 8, "heads": 2, "layers": 2, "feed_forward": 16}
WAYS = [("left-to-right", "deep"), ("right-to-left", "deep"), *(("both", join) for join in JOINS)]
KINDS = [
    {"family": family, "direction": d, "join": j} for family, (d, j) in itertools.product(("transformer", "lstm"), WAYS)
]
TRANSFORMERS = [kind for kind in KINDS if kind["family"] == "transformer"]
GAME = DATA["sense"](T=7)


def name_of(kind: dict[str, Any]) -> str:
    return "-".join(kind.values())


def small(kind: dict[str, Any], **more: Any) -> Model:
    """A model of this kind for the sense game with 7 words, as left by its initialisation."""
    spec = ModelSpec(**{**SIZES, **kind, **more})
    experiment = Experiment(DataSpec("sense", GAME), spec, train=TrainSpec(seed=3))
    return build(experiment, len(GAME.words), len(GAME.classes)).eval()


def some_tokens(seed: int = 0) -> np.ndarray:
    """One sentence of the game, (7,)."""
    return GAME.sample(np.random.default_rng(seed), 1).tokens[0]
