"""The attention grid: every head of every layer as one small picture, drawn by the browser from raw bytes.

One canvas instead of one chart per head: 12 × 12 heads of 64 tokens are 0.6 MB and need no further DOM node.
A click or the arrow keys choose a head.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui.charts.mask import SELF
from ui.charts.palette import FUTURE, PAST
from ui.words import tr

_HERE = Path(__file__).parent
_HTML = """
<div class="grid" role="group">
  <canvas tabindex="0" role="img"></canvas>
  <p class="says" aria-live="polite"></p>
</div>
"""
_grid = st.components.v2.component(
    "bothways_attention_grid",
    html=_HTML,
    css=_HERE.joinpath("grid.css").read_text(encoding="utf-8"),
    js=_HERE.joinpath("grid.js").read_text(encoding="utf-8"),
)


def shades(weights: np.ndarray) -> np.ndarray:
    """Attention weights 0…1 as uint8 shades of the same shape: 255·√w, and never 0 for a weight above 0.

    The root keeps an even spread over many words visible (1/64 is a shade of 32); exact zeros stay exact.
    """
    shade = np.rint(255 * np.sqrt(np.clip(weights, 0, 1)))
    return np.where(weights > 0, np.maximum(shade, 1), 0).astype(np.uint8)


def packed(weights: np.ndarray, about: dict[str, Any]) -> bytes:
    """(L, H, T, S) weights and plain values in one message: header length (4 bytes, little-endian), JSON, shades."""
    header = json.dumps({**about, "shape": weights.shape}, ensure_ascii=False).encode()
    return len(header).to_bytes(4, "little") + header + shades(weights).tobytes()


def attention_grid(
    weights: np.ndarray,
    layers: Sequence[str],
    captions: Sequence[Sequence[str]],
    start: tuple[int, int] = (0, 0),
    key: str = "attention-grid",
) -> tuple[int, int]:
    """Draw (L, H, T, S) weights as a grid of heads; gives the (layer, head) that is chosen, counted from 0.

    `layers`: the short name of each row. `captions[layer][head]`: what is said of a head that is pointed at.
    """
    rows, heads = weights.shape[:2]
    about = {
        "layers": list(layers),
        "captions": [list(row) for row in captions],
        "start": _inside(start, rows, heads),
        "heads": [tr("head {n}", n=one + 1) for one in range(heads)],
        "group": tr("Attention heads"),
        "label": tr(
            "Attention of {layers} × {heads} heads, one small square each. Arrow keys choose a head.",
            layers=rows,
            heads=heads,
        ),
        "colours": {"past": PAST, "self": SELF, "future": FUTURE},
    }
    answer = _grid(key=key, data=packed(weights, about), on_picked_change=lambda: None)
    return _inside(answer.picked or start, rows, heads)


def _inside(picked: Sequence[int], rows: int, heads: int) -> tuple[int, int]:
    """A choice that may stem from another model, brought inside this one."""
    layer, head = (int(one) for one in picked)
    return min(max(layer, 0), rows - 1), min(max(head, 0), heads - 1)
