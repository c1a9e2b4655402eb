"""A matrix drawn by the browser from raw bytes, as fields or as lines between words: light, and redrawn in place.

Pictures that share a `link` show the same field together. Each saves itself as PNG and as SVG.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui.canvas.bytes import packed
from ui.charts.matrix import Matrix
from ui.words import language, tr

LESS, MORE = ("#1B8A8F", "#4CC2C6"), ("#8A4FBF", "#B58CF0")  # a change down and up, on light and dark: no side
_HERE = Path(__file__).parent
FRAME = """
<div class="picture" role="group">
  <canvas tabindex="0" role="img"></canvas>
  <div class="under"><p class="says" aria-live="polite"></p>
  <button type="button" class="png">PNG</button>
  <button type="button" class="svg">SVG</button></div>
</div>
"""
_matrix = st.components.v2.component(
    "bothways_matrix",
    html=FRAME,
    css=_HERE.joinpath("picture.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "matrix.js")),
)


def show_matrix(
    matrix: Matrix,
    key: str,
    mode: str = "fields",
    link: str = "",
    clicks: bool = False,
    chosen: tuple[tuple[int, int], ...] = (),
    hint: str = "",
) -> tuple[int, int] | None:
    """Draw a matrix; with `clicks`, the (row, column) that was clicked just now, else None.

    `mode`: "fields" or "lines". `chosen`: fields with a frame around them. `hint`: what is said while no field is
    pointed at.
    """
    about = {
        **{name: getattr(matrix, name) for name in ("rows", "columns", "title", "colours", "most", "square")},
        **{name: getattr(matrix, name) for name in ("marked", "say", "texts")},
        **{name: tr(getattr(matrix, name)) for name in ("down", "across", "unit")},
        "joint": where(matrix.joint),
        "from": matrix.first,
        "alike": matrix.square,
        "alt": tr(
            "{title}. Rows: {down}. Columns: {across}. The same numbers are in the table.",
            title=matrix.title,
            down=tr(matrix.down),
            across=tr(matrix.across),
        ),
        "words": saving() | fields(),
        "numbers": matrix.colours != "sides",
        "name": file_name(matrix.title, key),
        **{"mode": mode, "link": link, "clicks": clicks, "chosen": chosen, "hint": hint, "less": LESS, "more": MORE},
    }
    arrays: dict[str, Any] = {"values": np.asarray(matrix.values, np.float32)}
    if matrix.hidden is not None:
        arrays["hidden"] = np.asarray(matrix.hidden, np.uint8)
    answer = _matrix(key=key, data=packed(about, arrays), on_picked_change=lambda: None)
    picked = answer.picked if clicks else None
    return None if picked is None else (int(picked[0]), int(picked[1]))


def where(joint: str) -> str:
    """How a field's place is said: a template with a {row} and a {column}."""
    said = tr(joint)
    return said if "{row}" in said else f"{{row}} {said} {{column}}"


def fields() -> dict[str, str]:
    """What is said of a field that is pointed at."""
    return {
        "field": tr("{where}: {value}"),
        "text": tr("{where}: “{text}”; {value}"),
        "nothing": tr("nothing"),
        "hidden": tr("hidden from it"),
    }


def saving() -> dict[str, str]:
    """What the buttons say that save a picture."""
    return {"png": tr("Save this picture for slides"), "svg": tr("Save this picture, sharp at any size")}


def file_name(title: str, key: str) -> str:
    """A title as the name of a file; in other languages than English the picture's key."""
    title = title if language() == "en" else key
    return "bothways-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
