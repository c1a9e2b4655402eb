"""What a decoder may see while it writes: every source word, and some words of its own sentence (ECharts options)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.mask import EDGE, HIDDEN, SELF, _axis, _title, kinds, numbered
from ui.charts.palette import BOTH, FUTURE, PAST

READ = 4  # a word of the source
PIECES = (
    {"value": READ, "label": "source", "color": BOTH},
    {"value": 1, "label": "before it", "color": PAST},
    {"value": 2, "label": "itself", "color": SELF},
    {"value": 3, "label": "after it", "color": FUTURE},
    {"value": 0, "label": "not there yet", "color": HIDDEN},
)
SAID = ("not there yet", "before it", "the word itself, its own answer", "after it", "read in the source")
TITLES = {
    "left-to-right": "Written from the first word on",
    "right-to-left": "Written from the last word on",
    "from both ends": "Written from both ends at once",
    "blanks": "Filling blanks: all words that aren’t blank are in sight",
    "no mask": "Nothing is hidden: the answer itself is in sight",
}


def writing_option(mask: np.ndarray, source: Sequence[str], target: Sequence[str], name: str) -> dict[str, Any]:
    """Rows are the words that are written, columns the source and then the target; `mask` (T, T) of `in_sight`."""
    seen = np.hstack([np.full((len(target), len(source)), READ), kinds(np.asarray(mask, bool))])
    rows, columns = numbered(target), [f"{word} ·" for word in numbered(source)] + numbered(target)
    words = [*source, *target]
    cells = [
        {"value": [s, t, int(seen[t, s])], "name": f"writing “{target[t]}”, “{words[s]}”: {SAID[seen[t, s]]}"}
        for t in range(seen.shape[0])
        for s in range(seen.shape[1])
    ]
    slanted = 16 + 5 * max(map(len, columns))
    return {
        "title": _title(TITLES[name]),
        "tooltip": {"formatter": "{b}", "confine": True},
        "grid": {"left": 8, "right": 8, "top": 74, "bottom": 28, "containLabel": True},
        "xAxis": _axis(
            "source ·, then the sentence itself",
            columns,
            nameLocation="middle",
            nameGap=slanted,
            axisLabel={"rotate": 60},
        ),
        "yAxis": _axis("written ↓", rows, inverse=True, nameLocation="start", nameGap=6),
        "visualMap": {
            "type": "piecewise",
            "dimension": 2,
            "pieces": [dict(piece) for piece in PIECES if piece["value"] in seen],
            "orient": "horizontal",
            "left": 0,
            "top": 28,
            "itemGap": 8,
            "itemWidth": 12,
            "itemHeight": 12,
            "textStyle": {"fontSize": 11},
            "selectedMode": False,
        },
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "animation": False,
                "itemStyle": {"borderColor": EDGE, "borderWidth": 0.5},
            }
        ],
    }
