"""Hidden states as a flat picture that steps through the layers in the browser, as a Plotly figure."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.heads import Figure, readable, wrapped
from ui.charts.palette import CUE

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")  # one a class: no side is meant here
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
) -> Figure:
    """points (L, N, C), own (L, T, C), explained (L, C), labels (N,); `notes` as core.looking.states gives.

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
    shown = [_traces(points[i], own[i], groups, tokens, notes["sentences"], titles[i]) for i in range(len(layers))]
    frames = [{"name": str(i), "data": traces} for i, traces in enumerate(shown)]
    return {"data": shown[-1], "layout": _layout(points, own, layers), "frames": frames}


def grouped(labels: np.ndarray, classes: Sequence[str]) -> list[tuple[str, str, str, np.ndarray]]:
    """(name, colour, sign, mask (N,)) of each class, the most frequent first; from the seventh on they share one."""
    order = [label for label, _ in Counter(labels.tolist()).most_common()]
    if len(order) <= len(COLOURS):
        order.sort()
    groups = [
        (classes[label], colour, sign, labels == label)
        for label, colour, sign in zip(order, COLOURS, SIGNS, strict=False)
    ]
    rest = np.isin(labels, order[len(COLOURS) :])
    return [*groups, ("other answers", REST, "circle-open", rest)] if rest.any() else groups


def _traces(
    points: np.ndarray,
    own: np.ndarray,
    groups: list[tuple[str, str, str, np.ndarray]],
    tokens: Sequence[str],
    sentences: Sequence[str],
    title: str,
) -> list[dict[str, Any]]:
    told = np.array([html.escape(readable_sentence(one)) for one in sentences])
    traces: list[dict[str, Any]] = []
    for name, colour, sign, here in groups:
        marker = {"color": colour, "symbol": sign, "size": 7, "opacity": 0.7}
        cloud = {"type": "scatter", "mode": "markers", "name": html.escape(readable(name)), "marker": marker}
        hover = {
            "text": told[here].tolist(),
            "hovertemplate": "%{text}<br>answer: " + cloud["name"] + "<extra></extra>",
        }
        traces.append({**cloud, **hover, "x": points[here, 0], "y": points[here, 1]})
    words = [html.escape(readable(token)) for token in tokens]
    sentence = {"type": "scatter", "mode": "lines+markers+text" if len(words) <= NAMED_WORDS else "lines+markers"}
    sentence |= {"name": "this sentence", "x": own[:, 0], "y": own[:, 1], "text": words, "textposition": "top center"}
    sentence |= {"line": {"color": REST, "width": 1, "dash": "dot"}, "marker": {"color": CUE, "symbol": "x", "size": 9}}
    sentence |= {"hovertemplate": "“%{text}” of this sentence<extra></extra>", "textfont": {"size": 11}}
    caption = {"type": "scatter", "mode": "text", "x": [0], "y": [1], "text": ["<br>".join(wrapped(title, 46))]}
    caption |= {"xaxis": "x2", "yaxis": "y2", "textposition": "bottom right", "textfont": {"size": 15}}
    return [*traces, sentence, caption | {"showlegend": False, "hoverinfo": "skip"}]


def readable_sentence(text: str) -> str:
    """Line ends made visible, spaces between words left alone."""
    return text.replace("\n", "⏎")


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
