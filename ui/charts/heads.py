"""Words against words: one attention head in detail, as a Plotly figure. Blue is left context, orange right context.

Figures are plain dictionaries (`data`, `layout`): light to build, and checked by Plotly when they are shown.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.mask import SELF, numbered
from ui.charts.palette import FUTURE, PAST

HIDDEN = "rgba(128,128,128,0.22)"
WITH_NUMBERS = 14  # words, at most, for numbers to fit into the cells on a phone
TICKS = 20  # words named along an axis, at most
LEAST_SCALE = 0.25  # a head that spreads evenly over many words stays pale
LEAST_SAID = 0.25  # shade from which a cell's number is written
STRONG = 0.75  # shade from which white text reads best on a light page
INK = "#1D2433"  # text on light cells
ON_DARK = {PAST: "#56B4E9", FUTURE: "#F28A3C", SELF: "#B4B4B4"}  # the same hues, light enough for a dark page
WITH_GAPS = 32  # words, at most, for lines between the cells
SIDES = (("left context", PAST), ("the word itself", SELF), ("right context", FUTURE))
Figure = dict[str, Any]


def head_figure(
    weights: np.ndarray, allowed: np.ndarray, tokens: Sequence[str], name: str, dark: bool = False
) -> Figure:
    """One head's weights (T, S), words on both axes; `allowed` (T, S) bool: what its direction lets it see."""
    data = side_traces(weights, allowed, tokens, "weight %{customdata:.3f}", strongest(weights), dark)
    return words_figure(data, tokens, name)


def strongest(weights: np.ndarray) -> float:
    """The weight that is drawn in full colour."""
    return max(float(weights.max()), LEAST_SCALE)


def side_traces(
    values: np.ndarray, allowed: np.ndarray, tokens: Sequence[str], said: str, most: float, dark: bool
) -> list[dict[str, Any]]:
    """Heat maps of values (T, S) in 0…`most`, one for each side of the reading word, and one of what is hidden from it.

    Colour grows with the square root, so that small values stay visible; `said` tells the value (%{customdata});
    `dark`: the page is dark. Values above `most` have its colour.
    """
    t, s = np.indices(values.shape)
    shade = np.sqrt(np.clip(values / most, 0, 1))
    labels, gap = words_on_axis(tokens), 1 if len(tokens) <= WITH_GAPS else 0
    shared = {"type": "heatmap", "x": labels, "y": labels, "customdata": values, "zmin": 0, "zmax": 1}
    shared |= {"xgap": gap, "ygap": gap, "hoverongaps": False, "showscale": False}
    traces = []
    for (side, colour), here in zip(SIDES, (s < t, s == t, s > t), strict=True):
        trace = {
            "name": side,
            "z": np.where(here & allowed, shade, np.nan),
            "colorscale": from_clear_to(ON_DARK[colour] if dark else colour),
        }
        traces.append(shared | trace | {"hovertemplate": f"“%{{y}}” reads “%{{x}}”, {side}<br>{said}<extra></extra>"})
    if not allowed.all():
        hidden = {"name": "hidden", "z": np.where(allowed, np.nan, 1.0), "colorscale": [[0, HIDDEN], [1, HIDDEN]]}
        traces.append(shared | hidden | {"hovertemplate": f"“%{{x}}” is hidden from “%{{y}}”<br>{said}<extra></extra>"})
    if len(tokens) <= WITH_NUMBERS:
        traces.append(_numbers(values, allowed & (shade >= LEAST_SAID), shade, labels, dark))
    return traces


def words_figure(data: list[dict[str, Any]], tokens: Sequence[str], title: str) -> Figure:
    """Heat maps of words against words, high enough for all words; a title this short (30 letters) fits a phone."""
    labels = words_on_axis(tokens)
    ticks = labels[:: -(-len(labels) // TICKS)]
    axis = {
        "tickmode": "array",
        "tickvals": ticks,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 11},
        "automargin": True,
    }
    layout = {
        "title": {
            "text": html.escape(title),
            "font": {"size": 15},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 10},
        },
        "xaxis": {**axis, "title": {"text": "word that is read", "font": {"size": 12}}, "tickangle": -60},
        "yaxis": {**axis, "title": {"text": "word that reads", "font": {"size": 12}}, "autorange": "reversed"},
        "margin": {"l": 8, "r": 8, "t": 50, "b": 8},
        "height": int(np.clip(230 + 22 * len(tokens), 340, 860)),
    }
    return {"data": data, "layout": layout}


def words_on_axis(tokens: Sequence[str]) -> list[str]:
    """Words with their places, so that equal words stay apart; line ends made visible; safe as labels."""
    return [html.escape(label) for label in numbered([readable(token) for token in tokens])]


def readable(token: str) -> str:
    """A token that can be seen: line ends and a lone space become signs."""
    return "␣" if token == " " else token.replace("\n", "⏎").replace("\t", "⇥")


def from_clear_to(colour: str) -> list[list[Any]]:
    """A colour scale that works on light and dark pages: nothing is clear, much is opaque."""
    channels = ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return [[0, f"rgba({channels},0.02)"], [1, f"rgba({channels},1)"]]


def _numbers(values: np.ndarray, told: np.ndarray, shade: np.ndarray, labels: list[str], dark: bool) -> dict[str, Any]:
    """Short numbers in the cells that are `told`, in a colour that reads on each."""
    t, s = np.nonzero(told)
    form = ".2f" if 0.1 <= values.max() <= 1 else ".2g"
    cells = {"x": [labels[one] for one in s], "y": [labels[one] for one in t]}
    cells["text"] = [format(value, form).removeprefix("0") or "0" for value in values[told]]
    colours = np.where(dark ^ (shade[told] >= STRONG), "#FFFFFF", INK).tolist()  # on a dark page strong cells are light
    style = {"type": "scatter", "mode": "text", "hoverinfo": "skip", "showlegend": False, "name": "numbers"}
    return {**style, **cells, "textfont": {"size": 9, "color": colours}}
