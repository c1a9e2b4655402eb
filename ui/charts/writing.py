"""What a decoder may see while it writes: every source word, and some words of its own sentence (ECharts options)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.charts.mask import EDGE, HIDDEN, SELF, _axis, _title, kinds, legend, numbered
from ui.charts.palette import BOTH, FUTURE, PAST
from ui.words import later, tr

READ = 4  # a word of the source
PIECES = (
    {"value": READ, "label": later("source"), "color": BOTH},
    {"value": 1, "label": later("before it"), "color": PAST},
    {"value": 2, "label": later("itself"), "color": SELF},
    {"value": 3, "label": later("after it"), "color": FUTURE},
    {"value": 0, "label": later("not there yet"), "color": HIDDEN},
)
SAID = (
    later("not there yet"),
    later("before it"),
    later("the word itself, its own answer"),
    later("after it"),
    later("read in the source"),
)
TITLES = {
    "left-to-right": later("Written from the first word on"),
    "right-to-left": later("Written from the last word on"),
    "from both ends": later("Written from both ends at once"),
    "blanks": later("Filling blanks: all words that aren’t blank are in sight"),
    "no mask": later("Nothing is hidden: the answer itself is in sight"),
}


def writing_option(mask: np.ndarray, source: Sequence[str], target: Sequence[str], name: str) -> dict[str, Any]:
    """Rows are the words that are written, columns the source and then the target; `mask` (T, T) of `in_sight`."""
    seen = np.hstack([np.full((len(target), len(source)), READ), kinds(np.asarray(mask, bool))])
    rows, columns = numbered(target), [f"{word} ·" for word in numbered(source)] + numbered(target)
    words, said = [*source, *target], [tr(side) for side in SAID]
    cells = [
        {
            "value": [s, t, int(seen[t, s])],
            "name": tr("writing “{word}”, “{other}”: {side}", side=said[seen[t, s]], word=target[t], other=words[s]),
        }
        for t in range(seen.shape[0])
        for s in range(seen.shape[1])
    ]
    slanted = 16 + 5 * max(map(len, columns))
    return {
        "title": _title(tr(TITLES[name])),
        "tooltip": {"formatter": "{b}", "confine": True},
        "grid": {"left": 8, "right": 8, "top": 74, "bottom": 28, "containLabel": True},
        "xAxis": _axis(
            tr("source ·, then the sentence itself"),
            columns,
            nameLocation="middle",
            nameGap=slanted,
            axisLabel={"rotate": 60},
        ),
        "yAxis": _axis(tr("written ↓"), rows, inverse=True, nameLocation="start", nameGap=6),
        "visualMap": legend([piece for piece in PIECES if piece["value"] in seen]),
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "animation": False,
                "itemStyle": {"borderColor": EDGE, "borderWidth": 0.5},
            }
        ],
    }
