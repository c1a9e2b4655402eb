"""Where each written word looked in the source, row by row as it was written: a Plotly figure that plays by itself."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.heads import Figure, readable, words_on_axis
from ui.words import tr

MILLISECONDS = 500  # between two words while it plays
UNWRITTEN = "·"
LONGEST = 14  # letters of a word on the axis of a phone


@dataclass(frozen=True)
class Moment:
    """The translation so far: T words ("" where none stands yet), how sure each is, and where it looked (T, S)."""

    said: str
    words: tuple[str, ...]
    sure: tuple[float, ...]
    looked: np.ndarray | None  # NaN in the rows of unwritten words


def alignment_figure(moments: Sequence[Moment], source: Sequence[str], colour: str, dark: bool) -> Figure:
    """Rows: written words from top to bottom; columns: source words. Opens at the last moment; ▶ writes it again."""
    frames = [
        {
            "name": str(number),
            "data": [_map(one, source, colour, dark)],
            "layout": {"yaxis": {"ticktext": _labels(one.words)}},
        }
        for number, one in enumerate(moments)
    ]
    last = moments[-1]
    figure: Figure = {"data": [_map(last, source, colour, dark)], "layout": _layout(last, moments), "frames": frames}
    return figure


def _map(moment: Moment, source: Sequence[str], colour: str, dark: bool) -> dict[str, Any]:
    T, S = len(moment.words), len(source)
    looked = np.full((T, S), np.nan) if moment.looked is None else moment.looked
    faint = "rgba(255,255,255,0.04)" if dark else "rgba(0,0,0,0.03)"
    names = [[html.escape(readable(word)) or UNWRITTEN] * S for word in moment.words]
    return {
        "type": "heatmap",
        "x": words_on_axis(source),
        "y": list(range(T)),
        "z": looked,
        "customdata": names,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, faint], [1, colour]],
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": tr("“%{customdata}” looked at “%{x}” with %{z:.2f} of its attention") + "<extra></extra>",
    }


def _labels(words: Sequence[str]) -> list[str]:
    shown = (readable(word) for word in words)
    return [html.escape(one[:LONGEST] + ("…" if len(one) > LONGEST else "")) or UNWRITTEN for one in shown]


def _layout(last: Moment, moments: Sequence[Moment]) -> dict[str, Any]:
    T = len(last.words)
    axis = {"showgrid": False, "zeroline": False, "automargin": True, "tickfont": {"size": 12}, "fixedrange": True}
    rows = {"tickmode": "array", "tickvals": list(range(T)), "ticktext": _labels(last.words)}
    layout: dict[str, Any] = {
        "xaxis": {**axis, "title": {"text": tr("source word that is read")}, "tickangle": -50, "side": "top"},
        "yaxis": {**axis, **rows, "range": [T - 0.5, -0.5], "title": {"text": tr("word that is written")}},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "height": 250 + 30 * T,
    }
    if len(moments) > 1:
        layout |= {"sliders": [_slider(moments)], "updatemenus": [_play()]}
    return layout


def _slider(moments: Sequence[Moment]) -> dict[str, Any]:
    move = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    steps = [
        {"label": one.said, "method": "animate", "args": [[str(number)], move]} for number, one in enumerate(moments)
    ]
    where = {"x": 0.16, "len": 0.82, "y": -0.04, "yanchor": "top", "pad": {"t": 0, "b": 0}}
    # The ticks' own labels would overlap on a phone: the current one stands above the slider.
    return {
        "active": len(moments) - 1,
        "steps": steps,
        "currentvalue": {"prefix": "", "font": {"size": 13, "color": "#8A8F98"}},
        "font": {"color": "rgba(0,0,0,0)", "size": 1},
        "tickcolor": "rgba(128,128,128,0.6)",
        **where,
    }


def _play() -> dict[str, Any]:
    timing = {"duration": MILLISECONDS, "redraw": True}
    move = {"mode": "immediate", "frame": timing, "transition": {"duration": 0}, "fromcurrent": False}
    button = {"label": "▶", "method": "animate", "args": [None, move]}
    where = {"x": 0, "xanchor": "left", "y": -0.07, "yanchor": "top", "pad": {"t": 0, "l": 0}}
    return {"type": "buttons", "showactive": False, "buttons": [button], **where}
