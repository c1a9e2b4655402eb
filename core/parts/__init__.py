"""The parts of an experiment that don't depend on its data: model, objective, training, fine-tuning."""

from core.parts.model import (
    ADDITIVE_JOINS,
    DIAL,
    DIRECTIONS,
    FAMILIES,
    JOINS,
    LATE_JOINS,
    LSTM_LAYERS,
    READERS,
    ModelSpec,
    Sizes,
)
from core.parts.objective import OBJECTIVE_OF, OBJECTIVES, PAIRED, ObjectiveSpec
from core.parts.train import TrainSpec
from core.parts.tune import TuneSpec

__all__ = [
    "ADDITIVE_JOINS", "DIAL", "DIRECTIONS", "FAMILIES", "JOINS", "LATE_JOINS", "LSTM_LAYERS", "OBJECTIVES",
    "OBJECTIVE_OF", "PAIRED", "READERS", "ModelSpec", "ObjectiveSpec", "Sizes", "TrainSpec", "TuneSpec",
]  # fmt: skip
