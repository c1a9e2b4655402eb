"""Who may read whom, before anything is trained: a Transformer's mask and an LSTM's order of reading (ECharts options).

Light on purpose: the Build page draws these, so nothing here needs Plotly or pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ui.charts.palette import BOTH, FUTURE, PAST
from ui.words import later, tr

SELF = "#9A9A9A"  # the word itself: neither side
HIDDEN = "rgba(128,128,128,0.16)"
EDGE = "rgba(128,128,128,0.45)"
PIECES = (
    {"value": 1, "label": later("left context"), "color": PAST},
    {"value": 2, "label": later("itself"), "color": SELF},
    {"value": 3, "label": later("right context"), "color": FUTURE},
    {"value": 0, "label": later("hidden"), "color": HIDDEN},
)
SIDES = (later("hidden from it"), later("left context"), later("the word itself"), later("right context"))
READS = {
    "left-to-right": later("Each word reads the words before it and itself"),
    "right-to-left": later("Each word reads the words after it and itself"),
    "both": later("Each word reads every word, on both sides"),
}
ROWS = {"words": later("words"), "joined": later("joined")}
MOST_WORDS = 8  # columns of the passes picture: a phone's width


def kinds(visible: np.ndarray) -> np.ndarray:
    """(T, S) of 0 hidden, 1 left context, 2 itself, 3 right context from a (T, S) mask (True: t may read s)."""
    t, s = np.indices(visible.shape)
    return np.where(visible, np.select([s < t, s == t], [1, 2], 3), 0)


def numbered(tokens: Sequence[str], first: int = 1) -> list[str]:
    """One label per position: the word with its place, so that equal words stay apart on an axis."""
    return [f"{word} {place}" for place, word in enumerate(tokens, first)]


def _title(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "left": 0,
        "top": 4,
        "textStyle": {"fontSize": 14, "width": 320, "overflow": "break", "lineHeight": 18},
    }


def _axis(name: str, labels: list[str], **more: Any) -> dict[str, Any]:
    label = {
        "interval": 0 if len(labels) <= 24 else "auto",
        "fontSize": 10 if len(labels) > 12 else 11,
        **more.pop("axisLabel", {}),
    }
    quiet = {"axisTick": {"show": False}, "axisLine": {"show": False}, "splitLine": {"show": False}}
    return {"type": "category", "data": labels, "name": name, "axisLabel": label, **quiet, **more}


def legend(pieces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the colours of a mask mean, above it."""
    return {
        "type": "piecewise",
        "dimension": 2,
        "pieces": [{**piece, "label": tr(piece["label"])} for piece in pieces],
        "orient": "horizontal",
        "left": 0,
        "top": 28,
        "itemGap": 8,
        "itemWidth": 12,
        "itemHeight": 12,
        "textStyle": {"fontSize": 11},
        "selectedMode": False,
    }


def mask_option(
    visible: np.ndarray, tokens: Sequence[str], direction: str, window: int | None = None, says: str = ""
) -> dict[str, Any]:
    """A (T, S) mask as an ECharts heat map: rows are the reading words, columns the words they may read.

    `says`: its title, where the direction doesn't say it all.
    """
    kind, labels = kinds(np.asarray(visible, bool)), numbered(tokens)
    slanted = 16 + 5 * max(map(len, labels))  # pixels below the axis that its slanted labels need
    sides, title = [tr(side) for side in SIDES], says or tr(READS[direction])
    if window is not None:
        title = tr("{title}; in one layer no further than {window}", title=title, window=window)
    cells = [
        {
            "value": [s, t, int(kind[t, s])],
            "name": tr(
                "“{one}” ({place}) and “{other}” ({there}): {side}",
                place=t + 1,
                there=s + 1,
                side=sides[kind[t, s]],
                one=tokens[t],
                other=tokens[s],
            ),
        }
        for t in range(kind.shape[0])
        for s in range(kind.shape[1])
    ]
    return {
        "title": _title(title),
        "tooltip": {"formatter": "{b}", "confine": True},
        "grid": {"left": 8, "right": 8, "top": 74, "bottom": 28, "containLabel": True},
        "xAxis": _axis(
            tr("word that is read"), labels, nameLocation="middle", nameGap=slanted, axisLabel={"rotate": 60}
        ),
        "yAxis": _axis(tr("word that reads ↓"), labels, inverse=True, nameLocation="start", nameGap=6),
        "visualMap": legend(PIECES),
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "animation": False,
                "itemStyle": {"borderColor": EDGE, "borderWidth": 0.5},
            }
        ],
    }


def passes_option(tokens: Sequence[str], direction: str, join: str = "deep", layers: int = 1) -> dict[str, Any]:
    """The order in which an LSTM reads, as arrows (ECharts graph): a row of states per pass, words at the bottom.

    `direction` and `join` as in `ModelSpec`; a deep two-way LSTM's second layer reads both passes of the first.
    """
    words = list(tokens[:MOST_WORDS])
    rows = [("words", SELF, 0, []), *_rows(direction, join, layers)]
    places = {name: height for height, (name, *_) in enumerate(rows)}
    nodes, links = [], []
    for height, (name, colour, step, below) in enumerate(rows):
        for t in range(len(words)):
            nodes.append(
                {
                    "id": f"{name}/{t}",
                    "name": f"{_row_words(name)}, {words[t]}",
                    "value": [t, height],
                    "itemStyle": {"color": colour},
                }
            )
            links += [
                _link(lower, t, name, t, EDGE, 1.0, 0.0 if height - places[lower] == 1 else 0.3) for lower in below
            ]
            if step and 0 <= t + step < len(words):
                links.append(_link(name, t, name, t + step, colour, 2.5, 0.0))
    series = {
        "type": "graph",
        "coordinateSystem": "cartesian2d",
        "data": nodes,
        "links": links,
        "animation": False,
        "silent": True,
    }
    return {
        "title": _title(_order(direction, join)),
        "grid": {"left": 8, "right": 16, "top": 52, "bottom": 8, "containLabel": True},
        "xAxis": _axis("", words, axisLabel={"rotate": 45 if max(map(len, words)) > 5 else 0}),
        "yAxis": _axis("", [_row_words(name) for name, *_ in rows]),
        "series": [series | {"edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 7, "symbolSize": 14}],
    }


def _rows(direction: str, join: str, layers: int) -> list[tuple[str, str, int, list[str]]]:
    """(name, colour, step of the pass, names of the rows it reads) from bottom to top."""
    onward, back = ("read →", PAST, 1), ("read ←", FUTURE, -1)
    if direction != "both":
        name, colour, step = onward if direction == "left-to-right" else back
        return [(f"{name} {n}", colour, step, [f"{name} {n - 1}" if n > 1 else "words"]) for n in range(1, layers + 1)]
    rows: list[tuple[str, str, int, list[str]]] = []
    for n in range(1, layers + 1):
        passes = [(f"{name} {n}", colour, step) for name, colour, step in (onward, back)]
        for name, colour, step in passes:
            below = (
                ["words"]
                if n == 1
                else [f"read → {n - 1}", f"read ← {n - 1}"]
                if join == "deep"
                else [f"{name[:-2]} {n - 1}"]
            )
            rows.append((name, colour, step, below))
    return [*rows, ("joined", BOTH, 0, [f"read → {layers}", f"read ← {layers}"])]


def _row_words(name: str) -> str:
    """A row's name as the picture says it: "read → 2" is the second layer of that pass."""
    way, _, layer = name.rpartition(" ")
    if way == "read →":
        return tr("read → {layer}", layer=layer)
    return tr("read ← {layer}", layer=layer) if way == "read ←" else tr(ROWS[name])


def _order(direction: str, join: str) -> str:
    if direction == "both":
        if join == "deep":
            return tr("Two passes, one each way; every layer reads both")
        return tr("Two passes, one each way; joined on top by {join}", join=tr(join))
    if direction == "left-to-right":
        return tr("One pass, from the first word to the last")
    return tr("One pass, from the last word to the first")


def _link(source: str, s: int, target: str, t: int, colour: str, width: float, curve: float) -> dict[str, Any]:
    line = {"color": colour, "width": width, "curveness": curve, "opacity": 0.9}
    return {"source": f"{source}/{s}", "target": f"{target}/{t}", "lineStyle": line}
