"""What a strategy will touch, before anything runs: who learns when, and how many numbers that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from core.models.counts import FLOAT
from core.models.shapes import shapes
from core.spec import Experiment, from_json
from core.tuning.registry import STRATEGIES
from core.tuning.strategy import FORMER, HEAD, Phase, Shapes, layer_of, part_of

MOMENTS = 2  # numbers that AdamW remembers of each that learns (Loshchilov & Hutter 2019)


@dataclass(frozen=True)
class Plan:
    """`parameters` (name -> shape) of the whole model, what is inserted included; `groups` of them ever learn."""

    parameters: Shapes
    added: Shapes
    groups: Mapping[str, tuple[str, ...]]
    phases: tuple[Phase, ...]
    layers: int

    @property
    def learning(self) -> int:
        """Numbers that ever learn."""
        return sum(prod(self.parameters[name]) for names in self.groups.values() for name in names)

    @property
    def total(self) -> int:
        return sum(map(prod, self.parameters.values()))

    @property
    def optimiser_bytes(self) -> int:
        return MOMENTS * FLOAT * self.learning

    def rows(self) -> tuple[str, ...]:
        """The rows of a picture, from the bottom up: embedding, layers, top, head, and what stands beside."""
        found = {layer_of(name, self.layers) for name in self.parameters}
        order = ["embedding", *(f"layer {n}" for n in range(1, self.layers + 1)), "top", "head"]
        learns = {layer_of(name, self.layers) for names in self.groups.values() for name in names}
        former = [FORMER] if FORMER in learns else []  # else it is kept only to measure what was forgotten
        return tuple(row for row in [*order, *former, "pretrained model"] if row in found)

    def picture(self) -> dict[str, list[dict[str, int]]]:
        """For each row and phase how many of its numbers are "frozen", "trained", or "added" and trained."""
        return {row: [self._cell(row, phase) for phase in self.phases] for row in self.rows()}

    def _cell(self, row: str, phase: Phase) -> dict[str, int]:
        learns = {name for group in phase.rates for name in self.groups.get(group, ())}
        cell = dict.fromkeys(("frozen", "trained", "added"), 0)
        for name, shape in self.parameters.items():
            if layer_of(name, self.layers) == row:
                kind = "frozen" if name not in learns else "added" if name in self.added else "trained"
                cell[kind] += prod(shape)
        return cell


def plan(experiment: Experiment, words: int, classes: int, past: Mapping[str, Any]) -> Plan:
    """The plan of an experiment's strategy. V `words`, K `classes`; `past`: see `Start.past`."""
    strategy = STRATEGIES[experiment.tune.strategy]
    base = dict(shapes(experiment, words, classes))
    pretrained = from_json(past["experiment"])
    heads = shapes(pretrained, words, past["classes"])
    former = {n.replace("read_out.", "former.", 1): shape for n, shape in heads.items() if n.startswith("read_out.")}
    body = {**base, **former}
    if strategy.prompts:
        body = {name: shape for name, shape in body.items() if part_of(name) != HEAD}
    added = strategy.added(experiment, body)
    everything = {**body, **added}
    return Plan(
        everything,
        added,
        strategy.groups(experiment, tuple(everything)),
        strategy.phases(experiment),
        experiment.model.sizes.layers,
    )
