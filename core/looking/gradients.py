"""How long the gradient is in each layer while a model learns: where it vanishes, where it explodes (Pascanu 2013).

Norms are taken before clipping, at about MOMENTS steps that depend on nothing but how many steps there will be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from core.events import Gradients

MOMENTS = 100  # of a run
STACKS = {
    "stack": "layer",
    "forward_stack": "left-to-right",
    "backward_stack": "right-to-left",
    "encoder.stacks.0": "encoder",
    "encoder.stacks.1": "right-to-left encoder",
    "decoder": "decoder",
    "decoder_back": "right-to-left decoder",
}
TABLES = ("words", "positions", "kinds", "sides", "norm")
LAYER = re.compile(r"(?P<stack>.+?)\.(?:blocks\.(?P<block>\d+)\.|cells\.\w+_l(?P<cell>\d+))")


def layer_of(parameter: str) -> str:
    """What a learner calls the part that a parameter belongs to: "layer 2", "embedding", "read-out"."""
    if parameter.startswith("partner."):  # the pretrained model that learns along
        return f"pretrained {layer_of(parameter.removeprefix('partner.'))}"
    if found := LAYER.match(parameter):
        stack = found["stack"]
        return f"{STACKS.get(stack, stack)} {int(found['block'] or found['cell']) + 1}"
    part = parameter.removeprefix("encoder.").split(".")[0]
    if part in TABLES:
        return "source embedding" if parameter.startswith("encoder.") else "embedding"
    return {"read_out": "read-out", "filler": "read-out", "pooler": "read-out", "former": "pretrained read-out"}.get(
        part, STACKS.get(part, part)
    )


class GradientWatch:
    """Takes the norms of each layer's gradient when asked to `look`, and tells them when asked to."""

    def __init__(self, model: nn.Module, steps: int, clip: float) -> None:
        self.every, self.clip = max(1, steps // MOMENTS), clip
        self.layers: dict[str, list[nn.Parameter]] = {}
        for name, parameter in model.named_parameters():
            self.layers.setdefault(layer_of(name), []).append(parameter)
        self.taken: list[tuple[int, Tensor]] = []  # (step, norms (L,)) since they were told

    @torch.no_grad()
    def look(self, step: int) -> None:
        """Take the norms before step `step` (1, 2, …) moves the weights, if it is one of the moments."""
        if step % self.every and step > 1:
            return
        norms = []
        for parameters in self.layers.values():
            there = [one.grad for one in parameters if one.grad is not None]
            norms.append(torch.stack(torch._foreach_norm(there)).norm() if there else torch.zeros(()))
        self.taken.append((step, torch.stack([one.float().cpu() for one in norms])))

    def told(self, until: int) -> Iterator[Gradients]:
        """What was taken up to step `until`, at most one event."""
        rows = [(step, norms.tolist()) for step, norms in self.taken if step <= until]
        self.taken = []
        if rows:
            kept = [self.kept(math.hypot(*norms)) for _, norms in rows]
            steps, norms = (list(column) for column in zip(*rows, strict=True))
            yield Gradients(until, list(self.layers), steps, norms, kept)

    def kept(self, norm: float) -> float:
        """The share of a gradient of this norm that clipping lets through."""
        return min(1.0, self.clip / (norm + 1e-6)) if self.clip else 1.0
