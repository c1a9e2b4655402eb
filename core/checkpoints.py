"""Weights and whole training states on disk, as safetensors: nothing but arrays and plain text, no pickle."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.models.build import Network, build_network
from core.spec import Experiment, from_json
from core.tuning.build import build_tuned, edit


@dataclass(frozen=True)
class TrainingState:
    """All that a run needs to go on as if it had never stopped, after `step` steps. Tensors are copies, on the CPU."""

    experiment: Experiment
    words: int  # V
    classes: int  # K
    step: int
    weights: dict[str, Tensor]
    source_words: int = 0  # what an encoder reads
    past: dict[str, Any] | None = None  # of a fine-tuned model: what it was pretrained as (see core.tuning.build)
    optimiser: dict[str, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] = field(default_factory=dict)  # weights of `best_step`, while early stopping watches
    best_step: int | None = None
    best_loss: float = float("inf")
    waited: int = 0  # evaluations since `best_step`
    learning_rate_factor: float = 1.0
    seconds: float = 0.0
    ended: bool = False

    def save(self, path: Path) -> None:
        """Write to a temporary name, then rename: a reader never sees half a file."""
        groups = {"weights": self.weights, "optimiser": self.optimiser, "best": self.best}
        tensors = {f"{group}/{name}": value for group, part in groups.items() for name, value in part.items()}
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in (*groups, "experiment")}
        about = json.dumps({**plain, "experiment": self.experiment.to_json()})
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        save_file(tensors, beside, metadata={"state": about})
        os.replace(beside, path)

    @staticmethod
    def load(path: Path) -> TrainingState:
        """Read what `save` wrote. Raises OSError or safetensors' error where the file is missing or damaged."""
        groups: dict[str, dict[str, Tensor]] = {"weights": {}, "optimiser": {}, "best": {}}
        with safe_open(path, framework="pt") as file:
            about: dict[str, Any] = json.loads(file.metadata()["state"])
            for key in file.keys():  # noqa: SIM118 (not a dict)
                group, _, name = key.partition("/")
                groups[group][name] = file.get_tensor(key)
        plain = {**about, "experiment": from_json(about["experiment"])}
        return TrainingState(**plain, weights=groups["weights"], optimiser=groups["optimiser"], best=groups["best"])


def load_model(path: Path) -> Network:
    """The model of a saved state, ready to be looked into: on the CPU, float32, dropout off."""
    state = TrainingState.load(path)
    model: Network
    if state.past is None:
        model = build_network(state.experiment, state.words, state.classes, state.source_words)
    else:
        model = build_tuned(state.experiment, state.words, state.classes, state.past)
        edit(model, state.experiment)
    model.load_state_dict(state.weights)
    return model.eval()


def copy_weights(model: torch.nn.Module) -> dict[str, Tensor]:
    """A copy of all weights by name, on the CPU."""
    return {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}
