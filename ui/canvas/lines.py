"""Lines drawn by the browser: light, redrawn in place, saved as PNG and SVG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from ui.canvas.bytes import packed
from ui.canvas.matrix import FRAME, file_name
from ui.charts.lines import Lines

_HERE = Path(__file__).parent
_lines = st.components.v2.component(
    "bothways_lines",
    html=FRAME,
    css=_HERE.joinpath("picture.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "lines.js")),
)


def show_lines(drawn: Lines, key: str, hint: str = "Point at the lines to read their values.") -> None:
    about = {
        **{
            name: getattr(drawn, name)
            for name in ("title", "across", "down", "log", "low", "high", "ticks", "say", "at")
        },
        "lines": [(one.name, one.colour, one.dashed) for one in drawn.lines],
        "name": file_name(drawn.title),
        "alt": f"{drawn.title}. {drawn.down} over {drawn.across}. The same numbers are in the table.",
        "hint": hint,
    }
    values = np.stack([one.values for one in drawn.lines]).astype(np.float32)
    _lines(key=key, data=packed(about, {"x": np.asarray(drawn.x, np.float32), "values": values}))
