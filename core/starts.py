"""Where fine-tuning starts: a pretrained model, what it was trained on, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.contract import Source
from core.hub import Folder
from core.spec import Experiment


@dataclass(frozen=True)
class Start:
    """`experiment` and `source` are those of the pretraining; `length` and `kinds` (of tokens) what the model reads."""

    title: str
    experiment: Experiment
    source: Source
    classes: int  # answers of its own read-out
    length: int
    kinds: int
    weights: Path | Folder  # a training state of ours, or an imported checkpoint
    order: np.ndarray | None = None  # (V,) an imported checkpoint's id of each of our tokens

    @property
    def words(self) -> tuple[str, ...]:
        """(V,) its vocabulary."""
        return self.source.words

    @property
    def past(self) -> dict[str, Any]:
        """What a fine-tuned model has to remember of it, as plain values."""
        return {
            "experiment": self.experiment.to_json(),
            "classes": self.classes,
            "length": self.length,
            "kinds": self.kinds,
        }
