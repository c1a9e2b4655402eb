"""Adapters: two small networks in each layer learn, all that was there is frozen (Houlsby et al. 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Shapes, Strategy, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model


class Adapters(Strategy):
    name = "adapters"
    title = "Adapters"
    story = "Behind attention and behind the feed-forward maps of each layer a small network with a bottleneck learns."
    source = "Houlsby et al. 2019, section 2.1"

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        found, b = dict[str, tuple[int, ...]](), experiment.tune.bottleneck
        for name, (width, *_) in body.items():
            if name.endswith(("attention.output.weight", "feed_forward.outer.weight")):
                path = f"{name.removesuffix('weight')}adapter."
                found |= {f"{path}down.weight": (b, width), f"{path}down.bias": (b,)}
                found |= {f"{path}up.weight": (width, b), f"{path}up.bias": (width,)}
        return found

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": tuple(name for name in names if ".adapter." in name)}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("the adapters and the head learn", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.inserts_adapters import add_adapters

        add_adapters(model, experiment.tune.bottleneck, draw)
