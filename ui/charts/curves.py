"""Curves over training steps, as ECharts options. Arrays in, plain values out.

ECharts keeps its canvas while a keyed chart's option changes, so live curves neither flicker nor lose their place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.palette import CEILING, LABEL
from ui.words import tr

MOST_POINTS = 300  # per curve on screen: more than a chart has pixels to show
CLOSE = 0.12  # two limits nearer than this share of the upper one would hide each other's labels


@dataclass(frozen=True)
class Curve:
    """One line: `values` (N,) at `steps` (N,). Measured points are dotted; a faint line is the noisy background."""

    name: str
    colour: str
    steps: Sequence[float]
    values: Sequence[float]
    faint: bool = False
    dotted: bool = False


@dataclass(frozen=True)
class Limit:
    """A horizontal dashed line that can't be passed."""

    label: str
    value: float


@dataclass(frozen=True)
class Axis:
    """`unit` follows each number, written in printf's `format`; `low` and `high` None: as far as the data goes."""

    title: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False
    format: str = "%.4g"


def thinned(
    steps: Sequence[float], values: Sequence[float], most: int = MOST_POINTS
) -> tuple[list[float], list[float]]:
    """At most `most` points: the mean of equal bins, each at its bin's last step. Short curves come back unchanged."""
    if len(values) <= most:
        return list(steps), list(values)
    edges = np.linspace(0, len(values), most + 1).astype(int)
    sums = np.add.reduceat(np.asarray(values, dtype=float), edges[:-1])
    return [steps[edge - 1] for edge in edges[1:]], (sums / np.diff(edges)).tolist()


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Exponential moving average without the start's pull towards zero; weight 0 changes nothing."""
    result, total, mass = [], 0.0, 0.0
    for value in values:
        total = weight * total + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        result.append(total / mass)
    return result


def curves(
    title: str, axis: Axis, lines: Sequence[Curve], limits: Sequence[Limit] = (), last_step: int = 0
) -> dict[str, Any]:
    """An ECharts option: `lines` over steps 0…`last_step`, dashed `limits`, and a legend."""
    legend = [line.name for line in lines if not line.faint]
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": described(title, axis, lines, limits)}},
        "title": {
            "text": title,
            "left": 0,
            "top": 2,
            "padding": [4, 0],
            "textStyle": {"fontSize": 15, "fontWeight": 600},
        },
        "legend": {
            "data": legend,
            "bottom": 0,
            "type": "scroll",
            "icon": "roundRect",
            "itemWidth": 18,
            "itemHeight": 4,
        },
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": axis.format + axis.unit.replace("%", "%%")},
        "grid": {"left": 4, "right": 14, "top": 56, "bottom": 48, "containLabel": True},
        "xAxis": _steps_axis(last_step),
        "yAxis": _value_axis(axis),
        "series": [*map(_line, lines), *_limits(limits)],
    }


def _steps_axis(last_step: int) -> dict[str, Any]:
    return {
        "type": "value",
        "name": tr("step"),
        "nameLocation": "end",
        "nameGap": -4,
        "nameTextStyle": {"align": "right", "verticalAlign": "top", "padding": [26, 0, 0, 0]},
        "min": 0,
        "max": last_step or None,
        "splitLine": {"show": False},
        "axisLabel": {"hideOverlap": True},
    }


def _value_axis(axis: Axis) -> dict[str, Any]:
    return {
        "type": "log" if axis.log else "value",
        "name": axis.title,
        "nameTextStyle": {"align": "left", "padding": [0, 0, 2, 0]},
        "min": axis.low,
        "max": axis.high,
        "axisLabel": {
            "formatter": "{value} %" if axis.unit == " %" else "{value}",
            "showMaxLabel": axis.high is None or axis.high <= 100,
            "hideOverlap": True,
        },
    }


def _line(line: Curve) -> dict[str, Any]:
    steps, values = thinned(line.steps, line.values)
    pairs = zip(steps, values, strict=True)
    return {
        "type": "line",
        "name": line.name,
        "data": [[step, _rounded(value)] for step, value in pairs if math.isfinite(value)],
        "showSymbol": line.dotted,
        "symbol": "circle",
        "symbolSize": 5,
        "color": line.colour,
        "lineStyle": {"width": 1.2 if line.faint else 2.6, "opacity": 0.5 if line.faint else 1},
        "tooltip": {"show": not line.faint},
        "silent": line.faint,
        "z": 2 if line.faint else 3,
    }


def _limits(limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Dashed lines on a series of their own, labelled inside the chart so that no label is cut off.

    Of two lines that lie close together, the lower one is labelled below.
    """
    label = {"color": "#FFFFFF", "backgroundColor": LABEL, "padding": [3, 6], "borderRadius": 4, "fontSize": 11}
    marks = []
    for limit in limits:
        crowded = any(0 < other.value - limit.value < CLOSE * other.value for other in limits)
        position = "insideEndBottom" if crowded else "insideEndTop"
        where = {"yAxis": _rounded(limit.value), "label": {**label, "position": position, "formatter": limit.label}}
        marks.append(where)
    line = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dashed", "width": 2, "color": CEILING},
        "data": marks,
    }
    return [{"type": "line", "name": tr("ceilings"), "data": [], "markLine": line}] if marks else []


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def described(title: str, axis: Axis, lines: Sequence[Curve], limits: Sequence[Limit]) -> str:
    """The chart in words, for those who can't see it: each line's last value and each limit."""
    ends = [
        tr("{line} is at {value}{unit}", line=line.name, value=f"{line.values[-1]:.3g}", unit=axis.unit)
        for line in lines
        if not line.faint and len(line.values)
    ]
    lines_said = tr("; ").join(ends) or tr("Nothing measured yet")
    told = tr("{title}. {lines}.", title=title, lines=lines_said)
    return told + "".join(tr(" Dashed line: {limit}.", limit=limit.label) for limit in limits)
