"""Words against other words: where each written word looked in the source, as a Plotly figure."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.heads import INK, LEAST_SAID, STRONG, WITH_GAPS, WITH_NUMBERS, from_clear_to, words_on_axis
from ui.charts.palette import BOTH

AXIS = {"showgrid": False, "zeroline": False, "tickfont": {"size": 11}, "automargin": True, "tickmode": "array"}
BRIGHT = "#3CC9A0"  # the same hue, light enough for a dark page


def pair_figure(
    weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], axes: tuple[str, str], title: str, dark: bool
) -> dict[str, Any]:
    """Weights (T, S), each row adding up to 1: `rows` look at `columns`; `axes` names both, columns first."""
    x, y = words_on_axis(columns), words_on_axis(rows)
    gap = 1 if max(len(x), len(y)) <= WITH_GAPS else 0
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": np.sqrt(np.clip(weights, 0, 1)),
        "customdata": weights,
        "zmin": 0,
        "zmax": 1,
        "xgap": gap,
        "ygap": gap,
        "showscale": False,
        "colorscale": from_clear_to(BRIGHT if dark else BOTH),
        "hovertemplate": "“%{y}” looks at “%{x}”<br>weight %{customdata:.3f}<extra></extra>",
    }
    layout = {
        "title": {
            "text": html.escape(title),
            "font": {"size": 15},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
        },
        "xaxis": {**AXIS, "tickvals": x, "title": {"text": axes[0], "font": {"size": 12}}, "tickangle": -60},
        "yaxis": {**AXIS, "tickvals": y, "title": {"text": axes[1], "font": {"size": 12}}, "autorange": "reversed"},
        "margin": {"l": 8, "r": 8, "t": 50, "b": 8},
        "height": int(np.clip(230 + 30 * len(y), 320, 860)),
    }
    numbers = [_numbers_of(weights, x, y, dark)] if max(len(x), len(y)) <= WITH_NUMBERS else []
    return {"data": [trace, *numbers], "layout": layout}


def _numbers_of(weights: np.ndarray, x: list[str], y: list[str], dark: bool) -> dict[str, Any]:
    """The larger weights, written into their cells in a colour that reads there."""
    shade = np.sqrt(np.clip(weights, 0, 1))
    t, s = np.nonzero(shade >= LEAST_SAID)
    colours = np.where(dark ^ (shade[t, s] >= STRONG), "#FFFFFF", INK).tolist()
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x[one] for one in s],
        "y": [y[one] for one in t],
        "text": [f"{weights[a, b]:.2f}".removeprefix("0") for a, b in zip(t, s, strict=True)],
        "hoverinfo": "skip",
        "showlegend": False,
        "textfont": {"size": 9, "color": colours},
    }
