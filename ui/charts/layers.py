"""Names of layers where room is scarce."""

from __future__ import annotations

SHORT = {"embedding": "start", "before the answer": "end", "layer": "", "left-to-right": "→", "right-to-left": "←"}


def short(layer: str) -> str:
    """A layer's name where room is scarce: "left-to-right 2" → "→ 2"."""
    kind, _, number = layer.rpartition(" ") if layer[-1].isdigit() else (layer, "", "")
    return f"{SHORT.get(kind, kind)} {number}".strip()
