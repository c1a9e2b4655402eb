"""Hidden states as points, drawn by the browser: layers are stepped through there, and moments of training glide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from ui.canvas.bytes import packed
from ui.canvas.matrix import file_name
from ui.charts.cloud import Cloud

_HERE = Path(__file__).parent
_HTML = """
<div class="picture" role="group">
  <canvas tabindex="0" role="img"></canvas>
  <div class="layers">
    <button type="button" class="play" aria-label="Go through the layers" title="Go through the layers">▶</button>
    <input type="range" min="0" step="1" aria-label="Layer">
    <output class="named"></output>
  </div>
  <div class="under"><p class="says" aria-live="polite"></p>
  <button type="button" class="png" title="Save this picture for slides">PNG</button>
  <button type="button" class="svg" title="Save this picture, sharp at any size">SVG</button></div>
</div>
"""
_cloud = st.components.v2.component(
    "bothways_cloud",
    html=_HTML,
    css=_HERE.joinpath("picture.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "cloud.js")),
)


def show_cloud(cloud: Cloud, key: str) -> None:
    """Draw the points of every layer, the last one first."""
    size = cloud.points.shape[-1]
    turning = " Drag to turn it." if size == 3 else ""
    about = {
        "titles": cloud.titles,
        "layers": cloud.layers,
        "groups": [(one.name, one.colour, one.sign) for one in cloud.groups],
        "told": cloud.told,
        "tints": cloud.tints,
        "tokens": cloud.tokens,
        "asked": cloud.asked,
        "cues": cloud.cues,
        "count": cloud.points.shape[1],
        "words": cloud.own.shape[1],
        "size": size,
        "name": file_name(cloud.title),
        "alt": f"{cloud.title}: {cloud.points.shape[1]} words as points. The table tells how well groups stand apart.",
        "hint": f"Point at a dot to read its sentence.{turning}",
    }
    arrays = {
        "points": cloud.points.astype(np.float32),
        "own": cloud.own.astype(np.float32),
        "group": cloud.group_of().astype(np.int32),
    }
    _cloud(key=key, data=packed(about, arrays))
