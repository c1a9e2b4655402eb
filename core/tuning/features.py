"""Frozen features: the pretrained model is read as it is, all of its layers at once (Peters et al. 2018, ELMo)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Shapes, Strategy, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model


class Features(Strategy):
    name = "features"
    title = "Frozen features"
    story = "Nothing of the pretrained model learns. The new read-out reads a learned mix of what all its layers say."
    source = "Peters et al. 2018, equation 1; Peters, Ruder & Smith 2019, To tune or not to tune?"
    same_at_first = False
    head_follows = True
    mixes = True

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        stacks = dict.fromkeys(name.split(".")[0] for name in body if ".blocks." in name)
        depth = experiment.model.sizes.layers + 1
        return {f"{stack}.{what}": shape for stack in stacks for what, shape in (("mix", (depth,)), ("gain", ()))}

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": tuple(name for name in names if name.endswith((".mix", ".gain")))}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("the mix and the head learn", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.inserts_mix import add_mix

        add_mix(model)
