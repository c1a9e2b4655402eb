"""What a strategy did to the model: layers that moved, gradients, likeness of states, and what flowed back (Plotly)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.curves import Limit
from ui.charts.heads import Figure, from_clear_to
from ui.charts.spreads import layout, wrapped
from ui.words import tr

INK = "#1D2433"  # text on light cells
STRONG = 0.62  # shade from which white text reads best
MOST_NUMBERS = 90  # cells with a number in them, at most
MOST_STEPS = 60  # columns of a picture over steps


def grid_figure(
    title: str, rows: Sequence[str], columns: Sequence[str], values: np.ndarray, colour: str, most: float, dark: bool
) -> Figure:
    """`values` (rows, columns) as shades up to `most`, with their numbers; NaN: not measured. First row on top."""
    shade = np.clip(np.nan_to_num(values) / most, 0, 1)
    x, y = list(range(len(columns))), list(range(len(rows)))
    names = [[f"{html.escape(row)}, {html.escape(column)}" for column in columns] for row in rows]
    shown = {"z": np.where(np.isnan(values), np.nan, shade), "x": x, "y": y, "text": names, "customdata": values}
    look = {"zmin": 0, "zmax": 1, "xgap": 1, "ygap": 1, "showscale": False, "hoverongaps": False}
    told = "%{text}: %{customdata:.3f}<extra></extra>"
    data: list[dict[str, Any]] = [
        {"type": "heatmap", **shown, **look, "colorscale": from_clear_to(colour), "hovertemplate": told}
    ]
    if values.size <= MOST_NUMBERS:
        data.append(_numbers(values, shade, dark))
    across = {"tickvals": x, "ticktext": [html.escape(one) for one in columns], "showgrid": False, "tickangle": -40}
    down = {"tickvals": y, "ticktext": [wrapped(one) for one in rows], "showgrid": False, "autorange": "reversed"}
    return {"data": data, "layout": layout(title, across, down, 150 + 40 * len(rows))}


def _numbers(values: np.ndarray, shade: np.ndarray, dark: bool) -> dict[str, Any]:
    row, column = np.nonzero(~np.isnan(values))
    colours = np.where(shade[row, column] >= STRONG, "#FFFFFF", "#E8EBF1" if dark else INK).tolist()
    text = [f"{value:.2f}" for value in values[row, column]]
    look = {"mode": "text", "text": text, "textfont": {"size": 11, "color": colours}, "hoverinfo": "skip"}
    return {"type": "scatter", "x": column.tolist(), "y": row.tolist(), **look}


def gradients_figure(title: str, layers: Sequence[str], steps: Sequence[int], norms: np.ndarray, colour: str) -> Figure:
    """Gradient norms (layers, steps) as shades on a logarithmic scale; layers from bottom to top; 0: frozen."""
    every = -(-len(steps) // MOST_STEPS)
    kept, norms = list(steps)[::every], np.asarray(norms, float)[:, ::every]
    positive = norms[norms > 0]
    low, high = (np.log10(positive.min()), np.log10(positive.max())) if positive.size else (-1.0, 0.0)
    with np.errstate(divide="ignore"):
        z = np.where(norms > 0, np.log10(norms), np.nan)
    bar = {"title": {"text": tr("length")}, "thickness": 12, "len": 0.9, "outlinewidth": 0}
    ends = np.linspace(low, max(high, low + 0.1), 4)
    bar |= {"tickvals": ends.tolist(), "ticktext": [f"{10**one:.2g}" for one in ends]}
    shown = {"z": z, "x": kept, "y": list(layers), "customdata": norms, "zmin": low, "zmax": max(high, low + 0.1)}
    told = (
        tr("{layer}, step {step}: {length}", layer="%{y}", step="%{x}", length="%{customdata:.3g}") + "<extra></extra>"
    )
    look = {"colorscale": from_clear_to(colour), "colorbar": bar, "hoverongaps": False, "hovertemplate": told}
    data = [{"type": "heatmap", **shown, **look}]
    down = {"showgrid": False, "title": {"text": ""}}
    return {"data": data, "layout": layout(title, {"title": {"text": tr("step")}}, down, 170 + 30 * len(layers))}


@dataclass(frozen=True)
class Change:
    """One quantity of one strategy before and after, a seed each."""

    name: str
    colour: str
    sign: str
    before: Sequence[float]
    after: Sequence[float]


def change_figure(title: str, unit: str, changes: Sequence[Change], limits: Sequence[Limit] = ()) -> Figure:
    """Lines from before to after: seeds thin, their mean thick. `limits`: dashed lines."""
    data = []
    for one in changes:
        mean = (float(np.mean(one.before)), float(np.mean(one.after)))
        name = html.escape(one.name)
        for place, pair in enumerate([*zip(one.before, one.after, strict=True), mean]):
            last = place == len(one.before)
            line = {"color": one.colour, "width": 3 if last else 1}
            mark = {"color": one.colour, "symbol": one.sign, "size": 11 if last else 5}
            whose = tr("{name} (mean)", name=name) if last else name
            told = f"{whose}: %{{y:.4g}} {unit} %{{x}}<extra></extra>"
            trace = {"type": "scatter", "mode": "lines+markers", "x": [tr("before"), tr("after")], "y": list(pair)}
            look = {"line": line, "marker": mark, "opacity": 1 if last else 0.45, "showlegend": last}
            data.append(trace | look | {"name": name, "hovertemplate": told})
    shown = layout(title, {"showgrid": False}, {"title": {"text": unit}}, 360 + 11 * len(changes))
    where = {"x0": 0, "x1": 1, "xref": "paper", "layer": "below", "line": {"dash": "dash", "color": "#8C8C8C"}}
    shown["shapes"] = [{"type": "line", "y0": one.value, "y1": one.value, **where} for one in limits]
    label = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom", "showarrow": False, "font": {"size": 11}}
    shown["annotations"] = [{"text": html.escape(one.label), "y": one.value, **label} for one in limits]
    shown |= {"showlegend": len(changes) > 1, "legend": {"orientation": "h", "x": 0, "y": -0.15, "yanchor": "top"}}
    return {"data": data, "layout": shown}
