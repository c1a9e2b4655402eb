"""Names of layers, and short ones where room is scarce."""

from __future__ import annotations

from ui.words import later, tr

SHORT = {
    "embedding": later("start"),
    "before the answer": later("end"),
    "layer": "",
    "left-to-right": "→",
    "right-to-left": "←",
}
NAMES = (  # as the engine says them; `tr` knows them again
    later("embedding"),
    later("before the answer"),
    later("layer {n}"),
    later("layer {n}, joined"),
    later("layer {n}, left-to-right"),
    later("layer {n}, right-to-left"),
    later("left-to-right {n}"),
    later("right-to-left {n}"),
    later("encoder"),
    later("decoder"),
    later("encoder {n}"),
    later("decoder {n}"),
    later("left-to-right encoder {n}"),
    later("right-to-left encoder {n}"),
    later("right-to-left decoder {n}"),
    later("encoder embedding"),
    later("decoder embedding"),
    later("right-to-left decoder embedding"),
    later("what the decoder sees"),
    later("source embedding"),
    later("read-out"),
    later("pretrained {layer}"),
)


def short(layer: str) -> str:
    """A layer's name where room is scarce: "left-to-right 2" → "→ 2"."""
    kind, _, number = layer.rpartition(" ") if layer[-1].isdigit() else (layer, "", "")
    return f"{tr(SHORT[kind])} {number}".strip() if kind in SHORT else tr(layer)
