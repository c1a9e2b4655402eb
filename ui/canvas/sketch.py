"""Drawing a curve by hand: a point at each of some steps, dragged or moved by the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.charts.palette import BOTH

_HERE = Path(__file__)
_sketch = st.components.v2.component(
    "bothways_sketch",
    html='<div class="sketch"><div class="plot"></div><div class="below"></div></div>',
    css=_HERE.with_name("sketch.css").read_text(encoding="utf-8"),
    js=_HERE.with_name("sketch.js").read_text(encoding="utf-8"),
)


def draw_curve(
    moments: Sequence[int],
    start: Sequence[float],
    high: float,
    unit: str,
    words: dict[str, str],
    key: str,
) -> tuple[float, ...] | None:
    """The values that were drawn, one for each moment, from 0 to `high`; None until something was drawn.

    `words`: "step" and "value" name the axes.
    """
    data = {
        "moments": tuple(moments),
        "start": tuple(start),
        "high": high,
        "unit": unit,
        "colour": BOTH,
        **words,
    }
    answer = _sketch(key=key, data=data, on_drawn_change=lambda: None)
    drawn = answer.drawn
    if not drawn or len(drawn) != len(moments):
        return None
    return tuple(min(max(float(value), 0.0), high) for value in drawn)
