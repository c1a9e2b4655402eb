"""Hidden states as points, drawn by the browser: layers are stepped through there, and moments of training glide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from ui.canvas.bytes import packed
from ui.canvas.matrix import file_name, saving
from ui.charts.cloud import Cloud
from ui.words import tr

_HERE = Path(__file__).parent
_HTML = """
<div class="picture" role="group">
  <canvas tabindex="0" role="img"></canvas>
  <div class="layers">
    <button type="button" class="play">▶</button>
    <input type="range" min="0" step="1">
    <output class="named"></output>
  </div>
  <div class="under"><p class="says" aria-live="polite"></p>
  <button type="button" class="png">PNG</button>
  <button type="button" class="svg">SVG</button></div>
</div>
"""
_cloud = st.components.v2.component(
    "bothways_cloud",
    html=_HTML,
    css=_HERE.joinpath("picture.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "cloud.js")),
)


def said() -> dict[str, str]:
    """What the picture says of itself."""
    return {
        "play": tr("Go through the layers"),
        "layer": tr("Layer"),
        "first": tr("first"),
        "second": tr("second"),
        "third": tr("third"),
        "across": tr("first component (units of the layer’s spread)"),
        "up": tr("second component (same units)"),
        "here": tr("this sentence"),
        "word": tr("“{word}” of this sentence"),
    }


def show_cloud(cloud: Cloud, key: str) -> None:
    """Draw the points of every layer, the last one first."""
    size = cloud.points.shape[-1]
    about = {
        "titles": cloud.titles,
        "layers": [tr(one) for one in cloud.layers],
        "files": [one.replace(" ", "-") for one in cloud.layers],
        "groups": [(one.label, one.colour, one.sign) for one in cloud.groups],
        "told": cloud.told,
        "tints": cloud.tints,
        "tokens": cloud.tokens,
        "asked": cloud.asked,
        "cues": cloud.cues,
        "count": cloud.points.shape[1],
        "words": cloud.own.shape[1],
        "size": size,
        "name": file_name(cloud.title, key),
        "alt": tr(
            "{title}: {n} words as points. The table tells how well groups stand apart.",
            title=tr(cloud.title),
            n=cloud.points.shape[1],
        ),
        "hint": tr("Point at a dot to read its sentence. Drag to turn it.")
        if size == 3
        else tr("Point at a dot to read its sentence."),
        "said": saving() | said(),
    }
    arrays = {
        "points": cloud.points.astype(np.float32),
        "own": cloud.own.astype(np.float32),
        "group": cloud.group_of().astype(np.int32),
    }
    _cloud(key=key, data=packed(about, arrays))
