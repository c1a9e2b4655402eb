"""Painting who sees whom: a square of cells, by pointer or by keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.charts.mask import SELF
from ui.charts.palette import FUTURE, PAST

_HERE = Path(__file__)
_paint = st.components.v2.component(
    "bothways_paint",
    html='<div class="paint"></div>',
    css=_HERE.with_name("paint.css").read_text(encoding="utf-8"),
    js=_HERE.with_name("paint.js").read_text(encoding="utf-8"),
)
Mask = tuple[tuple[bool, ...], ...]


def paint_mask(tokens: Sequence[str], start: Mask, words: dict[str, str], key: str) -> Mask | None:
    """The square that was painted, row by row; None until something was painted.

    `words`: "row" and "column" name the sides, "filled" and "empty" say a cell.
    """
    data = {
        "tokens": tuple(tokens),
        "start": tuple(tuple(row) for row in start),
        "colours": (PAST, SELF, FUTURE),
        **words,
    }
    answer = _paint(key=key, data=data, on_cells_change=lambda: None)
    cells = answer.cells
    if not cells or len(cells) != len(tokens):
        return None
    return tuple(tuple(bool(cell) for cell in row) for row in cells)
