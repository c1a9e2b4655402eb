"""LoRA: the pretrained maps stay, and beside each a product of two thin matrices learns (Hu et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Shapes, Strategy, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model

ATTENTION = ("attention.query_key_value.weight", "attention.output.weight")
ALL = (*ATTENTION, "feed_forward.inner.weight", "feed_forward.outer.weight")


class Lora(Strategy):
    name = "lora"
    title = "LoRA"
    story = "Each map W stays and learns a change of low rank beside it: W + BA, which can be added in or taken off."
    source = "Hu et al. 2022, section 4.1"

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        found, r = dict[str, tuple[int, ...]](), experiment.tune.rank
        for name, shape in body.items():
            if name.endswith(ATTENTION if experiment.tune.where == "attention" else ALL):
                path = name.removesuffix("weight")
                found |= {f"{path}down": (r, shape[1]), f"{path}up": (shape[0], r)}
        return found

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": tuple(name for name in names if name.endswith((".down", ".up")))}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("LoRA and the head learn", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.inserts_lora import add_lora

        add_lora(model, experiment.tune.rank, experiment.tune.alpha, experiment.tune.where, draw)
