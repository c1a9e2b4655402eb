"""Prefix tuning: in each layer the words can look at a few learned keys and values (Li & Liang 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Shapes, Strategy, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model


class Prefix(Strategy):
    name = "prefix"
    title = "Prefix tuning"
    story = "In every layer each word can also look at a few places that stand for no word; what is there learns."
    source = "Li & Liang 2021, section 4, without the network of section 4.3"
    same_at_first = False

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        sizes = experiment.model.sizes
        groups, each = experiment.model.key_heads or sizes.heads, sizes.width // sizes.heads
        layers = [name.removesuffix("output.weight") for name in body if name.endswith("attention.output.weight")]
        names = [f"{path}prefix_{what}" for path in layers for what in ("keys", "values")]
        return dict.fromkeys(names, (groups, experiment.tune.prompt, each))

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": tuple(name for name in names if ".prefix_" in name)}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("the prefix and the head learn", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.inserts_prefix import add_prefix

        add_prefix(model, experiment.tune.prompt, draw)
