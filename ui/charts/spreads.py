"""Strategies beside each other as Plotly figures: every seed, the mean with its interval, and what it cost.

Figures are plain dictionaries (`data`, `layout`): light to build, and checked by Plotly when they are shown.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ui.charts.curves import Limit
from ui.charts.heads import Figure
from ui.charts.palette import CEILING
from ui.words import later, tr

NAME_LETTERS = 16  # of a strategy's name on an axis before it breaks: a phone's width
SHARES = (later("on sentences like those it learned from"), later("on sentences of words that had no labels"))
PAIR = 0.17  # how far the two kinds of test stand apart, in rows


@dataclass(frozen=True)
class Spread:
    """One strategy's measurements of one quantity: `values` a seed each; `low` and `high` of the mean's interval."""

    name: str
    colour: str
    sign: str
    values: Sequence[float]
    mean: float
    low: float | None = None
    high: float | None = None


def wrapped(name: str) -> str:
    """A name on as many lines as it needs beside a figure."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(name, NAME_LETTERS))


def layout(title: str, x: dict[str, Any], y: dict[str, Any], height: int) -> dict[str, Any]:
    """What all these figures share. `title` breaks where a phone needs it."""
    lines = textwrap.wrap(title, 44)
    axis = {"showgrid": True, "zeroline": False, "gridcolor": "rgba(128,128,128,0.2)", "automargin": True}
    told = {"text": "<br>".join(map(html.escape, lines)), "font": {"size": 15}, "x": 0, "xanchor": "left", "y": 1}
    return {
        "title": {**told, "yanchor": "top", "pad": {"t": 10}},
        "xaxis": axis | x,
        "yaxis": axis | y,
        "margin": {"l": 8, "r": 14, "t": 26 + 20 * len(lines), "b": 8},
        "height": height,
        "hovermode": "closest",
        "showlegend": False,
    }


def spread_figure(
    title: str,
    unit: str,
    spreads: Sequence[Spread],
    shifted: Sequence[Spread | None] = (),
    limits: Sequence[Limit] = (),
) -> Figure:
    """Rows: strategies, the first on top; small dots: seeds; the large sign: their mean, with its interval.

    `shifted`: a second test of the same strategies, drawn hollow below the first. `limits`: dashed lines.
    """
    data = []
    for row, one in enumerate(spreads):
        second = shifted[row] if row < len(shifted) else None
        data += _row(one, row - PAIR * bool(shifted), unit, SHARES[0] if shifted else "", hollow=False)
        if second is not None:
            data += _row(second, row + PAIR, unit, SHARES[1], hollow=True)
    n = len(spreads)
    rows = {"tickvals": list(range(n)), "ticktext": [wrapped(one.name) for one in spreads]}
    y = {**rows, "range": [n - 0.5, -0.5], "showgrid": False, "fixedrange": True}
    every = [*spreads, *(one for one in shifted if one is not None)]
    x = {"title": {"text": unit}, "range": _reach(every, [limit.value for limit in limits], "%" in unit)}
    shown = layout(title, x, y, 150 + (54 if shifted else 44) * n + 18 * len(limits))
    shown["shapes"] = [_line(limit) for limit in limits]
    middle = sum(x["range"]) / 2
    shown["annotations"] = [_label(limit, place, limit.value > middle) for place, limit in enumerate(limits)]
    shown["margin"]["t"] += 18 * len(limits)
    return {"data": data, "layout": shown}


def _reach(spreads: Sequence[Spread], more: Sequence[float], shares: bool) -> list[float]:
    """The ends of an axis: everything that was measured, and no share beyond what there can be."""
    ends = [end for one in spreads for end in (one.low, one.high) if end is not None]
    values = [*more, *ends, *(value for one in spreads for value in (*one.values, one.mean))]
    low, high = min(values), max(values)
    room = 0.05 * max(high - low, 1e-3)
    if not shares:
        return [low - room, high + room]
    return [max(low - room, -1.0), min(high + room, 101.0)]


def _row(one: Spread, y: float, unit: str, test: str, hollow: bool) -> list[dict[str, Any]]:
    """The seeds and the mean of one strategy."""
    sign = f"{one.sign}-open" if hollow else one.sign
    name = html.escape(one.name)
    said = f"{name}{tr(', ')}{tr(test)}" if test else name
    each, mean_of = tr("one seed"), tr("mean of {n}", n=len(one.values))
    seeds = {
        "type": "scatter",
        "mode": "markers",
        "x": list(one.values),
        "y": [y] * len(one.values),
        "marker": {"color": one.colour, "size": 6, "opacity": 0.55, "symbol": "circle-open" if hollow else "circle"},
        "hovertemplate": f"{said}<br>{each}: %{{x:.4g}} {unit}<extra></extra>",
    }
    line = {"width": 1.5, "color": one.colour}
    mean: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": [one.mean],
        "y": [y],
        "marker": {"color": one.colour, "size": 12, "symbol": sign, "line": line},
        "hovertemplate": f"{said}<br>{mean_of}: %{{x:.4g}} {unit}<extra></extra>",
    }
    if one.low is not None and one.high is not None:
        whisker = {"type": "data", "symmetric": False, "color": one.colour, "thickness": 1.6, "width": 5}
        mean["error_x"] = {**whisker, "array": [one.high - one.mean], "arrayminus": [one.mean - one.low]}
    return [seeds, mean]


def _line(limit: Limit) -> dict[str, Any]:
    where = {"x0": limit.value, "x1": limit.value, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return {"type": "line", **where, "line": {"dash": "dash", "width": 1.8, "color": CEILING}}


def _label(limit: Limit, place: int, right: bool) -> dict[str, Any]:
    """Above the figure, each limit on a line of its own, ending or beginning at its line."""
    where = {"x": limit.value, "y": 1, "yref": "paper", "yshift": 10 + 17 * place, "showarrow": False}
    return {"text": html.escape(limit.label), **where, "xanchor": "right" if right else "left", "font": {"size": 11}}


def pareto_figure(title: str, unit: str, cost: str, spreads: Sequence[Spread], costs: Sequence[float]) -> Figure:
    """Score against cost (logarithmic); the line joins those that no other beats in both."""
    data = []
    front = frontier([one.mean for one in spreads], costs)
    if len(front) > 1:
        points = [(costs[i], spreads[i].mean) for i in front]
        line = {"color": CEILING, "width": 1.6, "dash": "dot", "shape": "hv"}
        joined = {"x": [x for x, _ in points], "y": [y for _, y in points], "line": line, "hoverinfo": "skip"}
        data.append({"type": "scatter", "mode": "lines", "name": tr("no other is better and cheaper"), **joined})
    for one, spent in zip(spreads, costs, strict=True):
        words = tr("{score} for {cost}", score=f"%{{y:.4g}} {unit}", cost=f"%{{x:.4g}} {cost}")
        told = f"{html.escape(one.name)}<br>{words}<extra></extra>"
        mark: dict[str, Any] = {"color": one.colour, "size": 12, "symbol": one.sign}
        trace = {"type": "scatter", "mode": "markers", "name": html.escape(one.name), "marker": mark}
        if one.low is not None and one.high is not None:
            bar = {"type": "data", "symmetric": False, "thickness": 1.3, "width": 4}
            trace["error_y"] = {**bar, "array": [one.high - one.mean], "arrayminus": [one.mean - one.low]}
        data.append(trace | {"x": [spent], "y": [one.mean], "hovertemplate": told})
    y = {"title": {"text": unit}, "range": _reach(spreads, (), "%" in unit)}
    shown = layout(title, _decades(cost, costs), y, 430 + 11 * len(spreads))
    shown |= {"showlegend": True, "legend": {"orientation": "h", "x": 0, "y": -0.28, "yanchor": "top"}}
    return {"data": data, "layout": shown}


def _decades(title: str, values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis whose ends are named even where the values span less than ten times."""
    low, high = min(values), max(values)
    room = 0.06 * max(math.log10(high / low), 0.3)
    ends = [math.log10(low) - room, math.log10(high) + room]
    steps = [m * 10.0**e for e in range(math.floor(ends[0]), math.ceil(ends[1]) + 1) for m in (1, 2, 5)]
    ticks = [one for one in steps if ends[0] <= math.log10(one) <= ends[1]] or [low]
    if len(ticks) > 7:
        ticks = [one for one in ticks if f"{one:e}"[0] == "1"]
    names = [f"{one:,.0f}" if one >= 1 else f"{one:g}" for one in ticks]
    return {"type": "log", "range": ends, "tickvals": ticks, "ticktext": names, "title": {"text": title}}


def frontier(scores: Sequence[float], costs: Sequence[float]) -> list[int]:
    """The places, cheapest first, of those that nothing at most as dear reaches (Pareto 1906)."""
    order = sorted(range(len(costs)), key=lambda i: (costs[i], -scores[i]))
    best, found = -math.inf, []
    for i in order:
        if scores[i] > best:
            best = scores[i]
            found.append(i)
    return found


@dataclass(frozen=True)
class Sweep:
    """One strategy's validation scores at the learning rates tried, and the rate that was chosen (None: not yet)."""

    name: str
    colour: str
    sign: str
    rates: Sequence[float]
    scores: Sequence[float]
    chosen: float | None = None


def sweep_figure(title: str, unit: str, sweeps: Sequence[Sweep]) -> Figure:
    """Validation score over learning rate, a line each; a ring around the rate that was chosen."""
    data = []
    for one in sweeps:
        rings = [18 if rate == one.chosen else 9 for rate in one.rates]
        edges = [2.5 if rate == one.chosen else 0 for rate in one.rates]
        mark = {"color": one.colour, "symbol": one.sign, "size": 9}
        words = tr("{score} at learning rate {rate}", score=f"%{{y:.4g}} {unit}", rate="%{x:.3g}")
        told = f"{html.escape(one.name)}<br>{words}<extra></extra>"
        points = {"x": list(one.rates), "y": list(one.scores), "hovertemplate": told}
        trace = {"type": "scatter", "mode": "lines+markers", "name": html.escape(one.name), "marker": mark}
        data.append(trace | points | {"line": {"color": one.colour, "width": 2}})
        ring = {"color": "rgba(0,0,0,0)", "size": rings, "line": {"color": one.colour, "width": edges}}
        data.append({"type": "scatter", "mode": "markers", "marker": ring, **points, "showlegend": False})
    rates = [rate for one in sweeps for rate in one.rates]
    shown = layout(title, _decades(tr("learning rate"), rates), {"title": {"text": unit}}, 440 + 11 * len(sweeps))
    shown |= {"showlegend": True, "legend": {"orientation": "h", "x": 0, "y": -0.34, "yanchor": "top"}}
    return {"data": data, "layout": shown}
