"""The charts of a lesson: its runs beside what the learner predicted, in the learner's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.curves import Axis, Curve, Limit, curves
from ui.charts.mask import mask_option
from ui.charts.palette import CUE


@dataclass(frozen=True)
class Told:
    """The words of a chart: its title, the names of its axes."""

    title: str
    value: str
    step: str


@dataclass(frozen=True)
class Line:
    """One run: held-out values in 0…1 or nats at steps."""

    name: str
    colour: str
    steps: Sequence[int]
    values: Sequence[float]


def runs_chart(
    lines: Sequence[Line],
    what: str,
    told: Told,
    limits: Mapping[str, float],
    last_step: int,
    sketch: tuple[str, Sequence[int], Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Curves of `what` ("accuracy" or "loss") with dashed `limits` by their words; `sketch`: name, steps, values."""
    scale = 100 if what == "accuracy" else 1
    drawn = [
        Curve(one.name, one.colour, one.steps, [scale * value for value in one.values], dotted=True) for one in lines
    ]
    if sketch:
        name, steps, values = sketch
        drawn.append(Curve(name, CUE, steps, [scale * value for value in values]))
    shown = [value for one in drawn for value in one.values] + [scale * value for value in limits.values()]
    axis = _shares(told.value, shown) if what == "accuracy" else Axis(told.value, low=0)
    dashed = [Limit(words, scale * value) for words, value in limits.items()]
    option = curves(told.title, axis, drawn, dashed, last_step)
    option["xAxis"] = {**option["xAxis"], "name": told.step}
    if sketch:  # the sketch is dashed, unlike what was measured
        option["series"][len(drawn) - 1]["lineStyle"] = {"width": 2.6, "type": "dashed", "opacity": 0.9}
    return option


def _shares(name: str, shown: Sequence[float]) -> Axis:
    """An axis of percents with room for all that is shown, and for the label of a limit at the top."""
    low = max(0, 10 * int(min(shown, default=0) / 10 - 0.5))
    return Axis(name, " %", low, 110 if max(shown, default=0) > 93 else 100, format="%.1f")


def mask_chart(
    cells: Sequence[Sequence[bool]], tokens: Sequence[str], says: str, sides: Sequence[str], axes: tuple[str, str]
) -> dict[str, Any]:
    """Who sees whom, painted or measured, as a square. `sides`: hidden, left, itself, right; `axes`: column, row."""
    option = mask_option(np.asarray(cells, dtype=bool), tokens, "both", says=says)
    option["visualMap"]["pieces"] = [
        {**piece, "label": sides[int(piece["value"])]} for piece in option["visualMap"]["pieces"]
    ]
    for axis, name in zip(("xAxis", "yAxis"), axes, strict=True):
        option[axis] = {**option[axis], "name": name}
    for cell in option["series"][0]["data"]:
        s, t, kind = cell["value"]
        cell["name"] = f"{tokens[t]} ({t + 1}) – {tokens[s]} ({s + 1}): {sides[kind]}"
    return option
