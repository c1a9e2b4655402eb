"""A pretrained model becomes one that is fine-tuned: the old read-out stays beside, a new one on top, and an edit."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor

from core.hub import CheckpointError
from core.models.build import Model, initialise
from core.models.heads import ReadOut
from core.spec import Experiment, from_json
from core.tuning.registry import STRATEGIES

DRAW = 1_000_003  # what is inserted is drawn apart, so that the head begins alike under every strategy


def build_tuned(experiment: Experiment, words: int, classes: int, past: Mapping[str, Any]) -> Model:
    """The fine-tuned model with drawn weights, nothing inserted yet. V `words`, K `classes` of the task.

    `past`: of the pretrained model its "experiment" as plain values, "classes" of its read-out, "length", and "kinds"
    of tokens.
    """
    pretrained = from_json(past["experiment"])
    model = Model(experiment.model, words, classes, past["length"], past["kinds"], experiment.objective_name)
    initialise(model, experiment.train.seed)
    states = (model.read_out.hidden or model.read_out.scores).weight.shape[1]
    if pretrained.objective_name == "two-way-lm":  # it read one direction at a time
        states = pretrained.model.sizes.width
    shared = model.words if pretrained.model.tied_words else None
    model.former = ReadOut(pretrained.model, states, past["classes"], shared)
    return model


def fill(model: Model, weights: Mapping[str, Tensor], body: bool = True) -> None:
    """Put a pretrained model's weights into the body (unless it starts from scratch) and into the old read-out.

    Raises CheckpointError where they don't fit.
    """
    ours = model.state_dict()
    found = {name.replace("read_out.", "former.", 1): one for name, one in weights.items()}
    found = {name: one for name, one in found.items() if name in ours and (body or name.startswith("former."))}
    wrong = [name for name, one in found.items() if one.shape != ours[name].shape and not name.startswith("pooler.")]
    lacks = [name for name in ours if body and name not in found and not name.startswith(("read_out.", "pooler."))]
    if wrong or lacks:
        name = (wrong or lacks)[0]
        raise CheckpointError(
            f"The starting point and this model don't fit: “{name}” differs. Choose the starting point once more."
        )
    model.load_state_dict({name: one for name, one in found.items() if one.shape == ours[name].shape}, strict=False)


def edit(model: Model, experiment: Experiment) -> None:
    """Insert what the strategy adds; the pretrained weights are in place before."""
    draw = torch.Generator().manual_seed(experiment.train.seed + DRAW)
    STRATEGIES[experiment.tune.strategy].edit(model, experiment, draw)


def beside(model: Model) -> Model:
    """The pretrained model as it is, with its own read-out, to learn along."""
    partner = deepcopy(model)
    assert partner.former is not None
    partner.read_out, partner.former = partner.former, None
    return partner
