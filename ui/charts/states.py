"""Hidden states as a flat picture that steps through the layers in the browser, as a Plotly figure."""

from __future__ import annotations

import html
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.heads import Figure, readable
from ui.charts.palette import CUE

COLOURS = ("#56B4E9", "#CC79A7", "#999933", "#44AA99", "#AA4499", "#DDCC77")  # one a class, none that means a side
SIGNS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
REST = "#9A9A9A"
NAMED_WORDS = 20  # words of the sentence looked at that get a label
SHORT = {"embedding": "start", "before the answer": "end", "layer": "", "left-to-right": "→", "right-to-left": "←"}


def states_figure(
    points: np.ndarray,
    own: np.ndarray,
    explained: np.ndarray,
    labels: np.ndarray,
    tokens: Sequence[str],
    notes: dict[str, Any],
    asked: Sequence[int] = (),
    cues: Sequence[int] = (),
) -> Figure:
    """points (L, N, C), own (L, T, C), explained (L, C), labels (N,); `notes` as core.looking.states gives.

    Of the sentence's own words those at the places `asked` (larger) and `cues` are named, or all where there are none.
    Each layer is drawn in units of its own spread, so that layers can be compared by shape. Begins at the last layer.
    """
    spread = np.sqrt((points**2).sum(-1).mean(-1))[:, None, None]  # (L, 1, 1)
    scale = np.where(spread > 0, spread, 1)
    points, own = points / scale, own / scale
    groups = grouped(labels, notes["classes"])
    layers = notes["layers"]
    titles = [
        f"{layer}: this picture holds {100 * share.sum():.0f} % of the spread"
        for layer, share in zip(layers, explained, strict=True)
    ]
    clouds = [_clouds(one, groups, notes["sentences"]) for one in points]
    words = [_words(one, tokens, asked, cues) for one in own]
    shown = [[*clouds[i], words[i], _caption(titles[i])] for i in range(len(layers))]
    frames = [{"name": str(i), "data": traces} for i, traces in enumerate(shown)]
    return {"data": shown[-1], "layout": _layout(points, own, layers), "frames": frames}


def grouped(labels: np.ndarray, classes: Sequence[str]) -> list[tuple[str, str, str, np.ndarray]]:
    """(name, colour, sign, mask (N,)) of each class, the most frequent first; from the seventh on they share one."""
    order = [label for label, _ in Counter(labels.tolist()).most_common()]
    if len(order) <= len(COLOURS):
        order.sort()
    groups = [
        (readable(classes[label]), colour, sign, labels == label)
        for label, colour, sign in zip(order, COLOURS, SIGNS, strict=False)
    ]
    rest = np.isin(labels, order[len(COLOURS) :])
    return [*groups, ("other answers", REST, "circle-open", rest)] if rest.any() else groups


def _clouds(
    points: np.ndarray, groups: list[tuple[str, str, str, np.ndarray]], sentences: Sequence[str]
) -> list[dict[str, Any]]:
    """The held-out words of one layer, a trace for each answer."""
    told = np.array([html.escape(readable(one)) for one in sentences])
    traces = []
    for name, colour, sign, here in groups:
        line = {"width": 0.5, "color": "rgba(60,60,60,0.6)"}
        marker = {"color": colour, "symbol": sign, "size": 7, "opacity": 0.75, "line": line}
        answer = html.escape(name)
        hover = {"text": told[here].tolist(), "hovertemplate": f"%{{text}}<br>answer: {answer}<extra></extra>"}
        place = {"x": points[here, 0], "y": points[here, 1]}
        traces.append({"type": "scatter", "mode": "markers", "name": answer, "marker": marker, **hover, **place})
    return traces


def _words(own: np.ndarray, tokens: Sequence[str], asked: Sequence[int], cues: Sequence[int]) -> dict[str, Any]:
    """The sentence's own words: the asked ones large, cues in their colour."""
    words = [html.escape(readable(token)) for token in tokens]
    named = {*asked, *cues} or set(range(min(len(words), NAMED_WORDS)))
    marker = {
        "symbol": "x",
        "size": [13 if t in asked else 8 for t in range(len(words))],
        "color": [CUE if t in cues else REST for t in range(len(words))],
        "line": {"width": 1, "color": "rgba(60,60,60,0.8)"},
    }
    trace = {"type": "scatter", "mode": "markers+text", "name": "this sentence", "x": own[:, 0], "y": own[:, 1]}
    trace |= {"text": [word if t in named else "" for t, word in enumerate(words)], "customdata": words}
    trace |= {"textposition": "top center", "textfont": {"size": 13}, "marker": marker}
    return trace | {"hovertemplate": "“%{customdata}” of this sentence<extra></extra>"}


def _caption(title: str) -> dict[str, Any]:
    """What is shown, as a text that changes with the frame."""
    lines = [html.escape(line) for line in textwrap.wrap(title, 46)]  # short enough for a phone
    caption = {"type": "scatter", "mode": "text", "x": [0], "y": [1], "text": ["<br>".join(lines)]}
    caption |= {"xaxis": "x2", "yaxis": "y2", "textposition": "bottom right", "textfont": {"size": 14}}
    return caption | {"showlegend": False, "hoverinfo": "skip", "name": "caption"}


def _layout(points: np.ndarray, own: np.ndarray, layers: Sequence[str]) -> dict[str, Any]:
    everything = np.concatenate([points, own], axis=1)
    low, high = everything.min(axis=(0, 1)), everything.max(axis=(0, 1))
    room = 0.08 * np.maximum(high - low, 1e-3)
    plain = {"showgrid": True, "zeroline": False, "gridcolor": "rgba(128,128,128,0.2)"}
    unseen = {"range": [0, 1], "visible": False, "fixedrange": True}
    names = ("first direction (units of the layer's spread)", "second direction (same units)")
    x, y = ({**plain, "range": [low[i] - room[i], high[i] + room[i]], "title": {"text": names[i]}} for i in range(2))
    return {
        "xaxis": x,
        "yaxis": {**y, "domain": [0, 0.88]},
        "xaxis2": {**unseen, "overlaying": "x"},
        "yaxis2": {**unseen, "domain": [0.88, 1], "anchor": "x2"},
        "legend": {"orientation": "h", "x": 0, "y": -0.42, "yanchor": "top"},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "height": 620,
        "hovermode": "closest",
        "sliders": [_slider(layers)],
        "updatemenus": [_play()],
    }


def short(layer: str) -> str:
    """A layer's name where room is scarce: "left-to-right 2" → "→ 2"."""
    kind, _, number = layer.rpartition(" ") if layer[-1].isdigit() else (layer, "", "")
    return f"{SHORT[kind]} {number}".strip()


def _slider(layers: Sequence[str]) -> dict[str, Any]:
    move = {"mode": "immediate", "frame": {"duration": 600, "redraw": False}, "transition": {"duration": 600}}
    steps = [{"label": short(layer), "method": "animate", "args": [[str(i)], move]} for i, layer in enumerate(layers)]
    where = {"x": 0.14, "len": 0.84, "y": -0.14, "yanchor": "top", "pad": {"t": 0, "b": 0}}
    return {
        "active": len(layers) - 1,
        "steps": steps,
        "currentvalue": {"prefix": "layer: ", "font": {"size": 13}},
        **where,
    }


def _play() -> dict[str, Any]:
    move = {"frame": {"duration": 1100, "redraw": False}, "transition": {"duration": 700}, "fromcurrent": False}
    button = {"label": "▶", "method": "animate", "args": [None, {**move, "mode": "immediate"}]}
    where = {"x": 0, "xanchor": "left", "y": -0.19, "yanchor": "top", "pad": {"t": 0, "l": 0}}
    return {"type": "buttons", "showactive": False, "buttons": [button], **where}


def agreement(points: np.ndarray, labels: np.ndarray) -> float:
    """How often the nearest other point has the same label, 0…1: points (N, C), labels (N,)."""
    distance = ((points[:, None] - points[None]) ** 2).sum(-1)  # (N, N)
    np.fill_diagonal(distance, np.inf)
    return float((labels[distance.argmin(1)] == labels).mean()) if len(labels) > 1 else 0.0
