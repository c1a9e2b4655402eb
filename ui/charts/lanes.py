"""One strategy's lane in a race: its score under the ceiling and its loss, every seed thin and their mean thick.

ECharts options, because a keyed chart keeps its canvas while the numbers come in: nothing flickers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ui.charts.curves import Limit, thinned
from ui.charts.palette import CEILING, LABEL
from ui.words import later, tr

EVERY = 20  # per cent between two labels of the score's axis
TOP = 116  # per cent at which the score's axis ends: room for the label of a ceiling
RIGHT = (later("right, %"), later("{share} % right"))  # how a score is told that counts right answers
MOST_POINTS = 120  # per curve: a lane is narrow


@dataclass(frozen=True)
class Seed:
    """One seed of a strategy: scores (N,) in 0…1 measured at `tested` (N,), losses (M,) in nats at `steps` (M,)."""

    name: str
    tested: Sequence[int]
    scores: Sequence[float]
    steps: Sequence[int]
    losses: Sequence[float]


@dataclass(frozen=True)
class Lane:
    """A strategy's seeds so far; `ceiling` and `chance` in 0…1; `score` says what is counted.

    `alike` False: the curves are of different learning rates, so their mean would mean nothing.
    """

    name: str
    colour: str
    seeds: Sequence[Seed]
    last_step: int
    ceiling: float | None = None
    chance: float = 0.0
    score: str = "share right"
    alike: bool = True


def mean_curve(curves: Sequence[tuple[Sequence[int], Sequence[float]]]) -> tuple[list[int], list[float]]:
    """The mean of several curves at the steps that all of them have; nothing where they share none."""
    if not curves:
        return [], []
    known = [dict(zip(steps, values, strict=True)) for steps, values in curves]
    shared = sorted(set(known[0]).intersection(*known[1:]))
    return shared, [sum(one[step] for one in known) / len(known) for step in shared]


def lane_option(lane: Lane, low: float | None = None, most_loss: float | None = None) -> dict[str, Any]:
    """The lane as an ECharts option; `low` and `most_loss` are the axes' ends, to be shared by all lanes of a race."""
    scores = [(seed.tested, [100 * one for one in seed.scores]) for seed in lane.seeds]
    losses = [thinned(seed.steps, seed.losses, MOST_POINTS) for seed in lane.seeds]
    name = f"{lane.score}, %"
    series = [*_lines(lane, scores, 0), *_lines(lane, losses, 1)]
    if lane.ceiling is not None:
        series.append(_ceiling(Limit(tr("at most {share} %", share=f"{100 * lane.ceiling:.1f}"), 100 * lane.ceiling)))
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": said(lane)}},
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.4g"},
        "grid": [
            {"left": 4, "right": 12, "top": 24, "height": "42%", "containLabel": True},
            {"left": 4, "right": 12, "top": "62%", "bottom": 22, "containLabel": True},
        ],
        "xAxis": [_steps(lane.last_step, 0, ""), _steps(lane.last_step, 1, tr("step"))],
        "yAxis": [_values(tr(name), 0, low, TOP), _values(tr("loss, nats"), 1, 0, most_loss)],
        "series": series,
    }


def said(lane: Lane) -> str:
    """The lane in words, for those who can't see it."""
    _, means = mean_curve([(seed.tested, seed.scores) for seed in lane.seeds])
    reached = f"{100 * means[-1]:.1f} % {lane.score}" if means else ""
    parts = {"name": lane.name, "reached": tr(reached), "n": len(lane.seeds)}
    if not means:
        here = tr("{name}: nothing measured yet.", name=lane.name)
    elif lane.alike:
        here = tr("{name}: at {reached}, mean of {n} seeds.", **parts)
    else:
        here = tr("{name}: at {reached}, mean of {n} learning rates.", **parts)
    if lane.ceiling is None:
        return here
    line = tr("Dashed line: at most {share} %.", share=f"{100 * lane.ceiling:.1f}")
    return tr("{first} {then}", first=here, then=line)


def _lines(lane: Lane, curves: Sequence[tuple[Sequence[float], Sequence[float]]], place: int) -> list[dict[str, Any]]:
    """Each seed thin, the mean of what all have measured thick."""
    lines = [
        _line(seed.name, lane.colour, *curve, place, thin=len(curves) > 1 or not lane.alike)
        for seed, curve in zip(lane.seeds, curves, strict=True)
    ]
    if len(curves) > 1 and lane.alike:
        lines.append(_line(tr("mean"), lane.colour, *mean_curve(curves), place, thin=False))  # type: ignore[arg-type]
    return lines


def _line(
    name: str, colour: str, steps: Sequence[float], values: Sequence[float], place: int, thin: bool
) -> dict[str, Any]:
    pairs = zip(steps, values, strict=True)
    return {
        "type": "line",
        "name": name,
        "data": [[step, float(f"{value:.5g}")] for step, value in pairs if math.isfinite(value)],
        "xAxisIndex": place,
        "yAxisIndex": place,
        "showSymbol": False,
        "color": colour,
        "lineStyle": {"width": 1 if thin else 2.6, "opacity": 0.45 if thin else 1},
        "z": 2 if thin else 3,
    }


def _steps(last: int, place: int, name: str) -> dict[str, Any]:
    axis = {"type": "value", "gridIndex": place, "min": 0, "max": last or None, "splitLine": {"show": False}}
    end = {"align": "right", "verticalAlign": "top", "padding": [22, 0, 0, 0]}
    labels = {"show": bool(name), "hideOverlap": True, "fontSize": 10}
    return {**axis, "name": name, "nameGap": -4, "nameTextStyle": end, "axisLabel": labels}


def _values(name: str, place: int, low: float | None, high: float | None) -> dict[str, Any]:
    axis = {"type": "value", "gridIndex": place, "name": name, "min": low, "max": high, "splitNumber": 3}
    axis |= {"interval": EVERY} if high == TOP else {}
    text = {"align": "left", "padding": [0, 0, -4, 0], "fontSize": 11}
    return {**axis, "nameTextStyle": text, "axisLabel": {"showMaxLabel": False, "fontSize": 10}}


def _ceiling(limit: Limit) -> dict[str, Any]:
    label = {"color": "#FFFFFF", "backgroundColor": LABEL, "padding": [2, 5], "borderRadius": 4, "fontSize": 10}
    mark = {"yAxis": limit.value, "label": {**label, "position": "insideStartTop", "formatter": limit.label}}
    line = {"type": "dashed", "width": 1.6, "color": CEILING}
    return {
        "type": "line",
        "name": tr("ceiling"),
        "data": [],
        "xAxisIndex": 0,
        "yAxisIndex": 0,
        "markLine": {"silent": True, "symbol": "none", "lineStyle": line, "data": [mark]},
    }


def shared_axes(lanes: Sequence[Lane]) -> tuple[float | None, float | None]:
    """Where the score's axis begins (in %) and where the loss's ends, over all lanes, so that they can be compared."""
    scores = [one for lane in lanes for seed in lane.seeds for one in seed.scores]
    losses = [one for lane in lanes for seed in lane.seeds for one in seed.losses if math.isfinite(one)]
    chances = [lane.chance for lane in lanes]
    low = max(0.0, EVERY * math.floor(100 / EVERY * min([*scores, *chances]) - 0.1)) if scores else 0.0
    high = math.ceil(10 * max(losses)) / 10 if losses else None
    return low, high
