"""Lines drawn by the browser: light, redrawn in place, saved as PNG and SVG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from ui.canvas.bytes import packed
from ui.canvas.matrix import FRAME, file_name, saving
from ui.charts.lines import Lines
from ui.words import tr

_HERE = Path(__file__).parent
_lines = st.components.v2.component(
    "bothways_lines",
    html=FRAME,
    css=_HERE.joinpath("picture.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "lines.js")),
)


def show_lines(drawn: Lines, key: str) -> None:
    down, across = tr(drawn.down), tr(drawn.across)
    about = {
        **{name: getattr(drawn, name) for name in ("title", "log", "low", "high", "ticks", "say", "at")},
        **{"down": down, "across": across},
        "lines": [(one.label, one.colour, one.dashed) for one in drawn.lines],
        "name": file_name(drawn.title, key),
        "alt": tr(
            "{title}. {down} over {across}. The same numbers are in the table.",
            title=drawn.title,
            down=down,
            across=across,
        ),
        "hint": tr("Point at the lines to read their values."),
        "words": saving() | {"point": tr("{line}, {across} {x}: {value}")},
    }
    values = np.stack([one.values for one in drawn.lines]).astype(np.float32)
    _lines(key=key, data=packed(about, {"x": np.asarray(drawn.x, np.float32), "values": values}))
