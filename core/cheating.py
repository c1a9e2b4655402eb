"""Cheating: can a model read the very word that it is asked for? By search in its wiring, before anything is trained.

A place is (layer, pass, position). Layer 0 holds the words as they are given, the layer after the last one what the
answer is read from. A path from the answer's own word to the place that is asked for it is a leak: the model can then
copy its answer, and its loss says nothing about what it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np

from core.fields import SpecError
from core.models.direction import visible
from core.parts import OBJECTIVE_OF, ModelSpec
from core.spec import Experiment

Place = tuple[int, str, int]  # layer, pass, position
WORDS, ASKED = 4, 2  # a sentence long enough to have a word on both sides of the one that is asked, and its index
OFFSET = {"next-word": 1, "previous-word": -1}  # from the word that is asked to its answer
SHOWN = ""  # the pass of given words and of joined states


@dataclass(frozen=True)
class Leak:
    """The shortest way by which an answer reaches the place that is asked for it."""

    asked: int  # position whose state is read
    answer: int  # position of the word that it is asked for
    path: tuple[Place, ...]  # from the answer's word to the state
    family: str

    @property
    def hops(self) -> int:
        return len(self.path) - 1

    @property
    def sentence(self) -> str:
        """The path in plain words, up to where it has come to the asked word's own place."""
        arrives = next(i for i, (_, _, position) in enumerate(self.path) if position == self.asked)
        if self.path[-1][1]:  # the answer is read from one pass alone: how it comes into that one matters
            arrives = self.hops
        steps = [self._said(place) for place in self.path[: arrives + 1]]
        if self.family == "encoder-decoder":  # [start] stands at position 0, word n at position n
            told = " → ".join([*dict.fromkeys(steps), f"the state that word {self.answer} is written from"])
            return f"To write word {self.answer}, the decoder reads word {self.answer} itself: {told}."
        told = " → ".join([*dict.fromkeys(steps), f"word {self.asked + 1}’s state"])
        here, there = self.asked + 1, self.answer + 1
        return f"To guess word {there} at word {here}, the model reads word {there} itself: {told} → answer."

    def _said(self, place: Place) -> str:
        layer, way, position = place
        if self.family == "encoder-decoder":
            if layer == 0:
                return f"word {position}"
            return f"self-attention of the decoder’s layer {layer}"
        if layer == 0:
            return f"word {position + 1}"
        if self.family == "lstm":
            return f"forward pass of layer {layer}" if way == "forward" else f"backward pass of layer {layer}"
        stacks = {
            "": f"attention of layer {layer}",
            "forward": f"attention of layer {layer} (forward stack)",
            "backward": f"attention of layer {layer} (backward stack)",
        }
        return stacks[way]


def leak(experiment: Experiment) -> Leak | None:
    """How this model can read its own answer; None where it can't, as always for games and hidden words."""
    model = experiment.model
    if model.family == "encoder-decoder":
        if model.writes != "unmasked":
            return None  # a mask hides what is written later, or blanks stand for it
        path = shortest(model.decoder, (0, SHOWN, ASKED + 1), (model.sizes.layers + 1, SHOWN, ASKED))
        return Leak(ASKED, ASKED + 1, path, model.family)  # given [start] and the true words but the last
    for offset, goal in _questions(experiment):
        path = shortest(model, (0, SHOWN, ASKED + offset), goal)
        if path:
            return Leak(ASKED, ASKED + offset, path, model.family)
    return None


def _questions(experiment: Experiment) -> Iterator[tuple[int, Place]]:
    """(words from the asked one to its answer, the place that the answer is read from) of what is asked.

    Hidden words can't be read where they stand, nor words of a later turn in a random order, nor what follows a prefix
    under its mask: there is nothing to search.
    """
    name, layers = experiment.objective_name, experiment.model.sizes.layers
    if name == "two-way-lm":  # each direction's last states are read on their own
        yield from ((1, (layers, "forward", ASKED)), (-1, (layers, "backward", ASKED)))
    elif name in OFFSET or (name == "prefix-lm" and not experiment.objective.prefix_mask):
        yield OFFSET.get(name, 1), (layers + 1, SHOWN, ASKED)


def honest(experiment: Experiment) -> list[dict[str, Any]]:
    """Changes after which nothing leaks: what is asked, or who may be seen. Empty where nothing leaks now."""
    if leak(experiment) is None:
        return []
    if experiment.model.family == "encoder-decoder":
        return [{"model.direction": "left-to-right"}, {"model.writing": "agreement"}]
    asks = {"objective.name": OBJECTIVE_OF[experiment.model.direction]}
    closes: dict[str, dict[str, Any]] = {
        "two-way-lm": {"model.join": "concat"},
        "prefix-lm": {"objective.prefix_mask": True},
        **{objective: {"model.direction": direction} for direction, objective in OBJECTIVE_OF.items()},
    }
    return [asks, _with_repair(experiment, closes[experiment.objective_name])]


def _with_repair(experiment: Experiment, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes and what must change along with them."""
    try:
        experiment.with_(changes)
    except SpecError as error:
        return changes | error.works
    return changes


def shortest(model: ModelSpec, start: Place, goal: Place) -> tuple[Place, ...]:
    """The shortest path along the wires, both ends included; of several the one that goes across early. () for none."""
    readers: dict[Place, list[Place]] = {}
    for source, reader in wires(model):
        readers.setdefault(source, []).append(reader)
    came_from: dict[Place, Place] = {}
    waiting = [(0, 0, start, start)]  # wires so far, words away from the goal so far, place, place before
    while waiting and goal not in came_from:
        hops, away, here, before = heappop(waiting)
        if here in came_from:
            continue
        came_from[here] = before
        for place in readers.get(here, []):
            heappush(waiting, (hops + 1, away + abs(place[2] - goal[2]), place, here))
    if goal not in came_from:
        return ()
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))


def wires(model: ModelSpec) -> Iterator[tuple[Place, Place]]:
    """Every (read, reader) pair of places of a model that reads WORDS words."""
    layers = model.sizes.layers
    for layer in range(1, layers + 1):
        for way, direction in _passes(model).items():
            for lower in _below(model, layer, way):
                yield from _between(model, layer, lower, way, direction)
    for way in _passes(model):
        yield from (((layers, way, t), (layers + 1, SHOWN, t)) for t in range(WORDS))


def _passes(model: ModelSpec) -> dict[str, str]:
    """The passes of every layer with their directions: a forward and a backward one, or one for full attention."""
    both = {"forward": "left-to-right", "backward": "right-to-left"}
    if model.late or (model.two_way and model.family == "lstm"):
        return both
    if model.family == "lstm":
        return {way: direction for way, direction in both.items() if direction == model.direction}
    return {SHOWN: model.direction}


def _below(model: ModelSpec, layer: int, way: str) -> list[str]:
    """The passes of the layer below that a pass reads: its own, or all where layers are interleaved."""
    if layer == 1:
        return [SHOWN]
    return [way] if model.late else list(_passes(model))


def _between(model: ModelSpec, layer: int, lower: str, way: str, direction: str) -> Iterator[tuple[Place, Place]]:
    """The wires of one pass of a layer: attention looks at many words, a memory at its word and its own last state."""
    if model.family == "transformer":
        seen = visible(direction, WORDS, model.window)
        yield from (((layer - 1, lower, int(s)), (layer, way, int(t))) for t, s in np.argwhere(seen))
        return
    yield from (((layer - 1, lower, t), (layer, way, t)) for t in range(WORDS))
    for t in range(1, WORDS):
        before, after = (layer, way, t - 1), (layer, way, t)
        yield (before, after) if direction == "left-to-right" else (after, before)
