"""One meaning per colour, everywhere (Okabe–Ito: safe for colour-blind readers, on light and dark)."""

from __future__ import annotations

from collections.abc import Iterable

PAST = "#0072B2"  # left context
FUTURE = "#D55E00"  # right context
BOTH = "#009E73"  # both sides
CEILING = "#8C8C8C"  # the theoretical limit, always dashed
CUE = "#E69F00"  # the evidence in a sentence
LABEL = "#5A6170"  # background of a small label on a chart; white text on it reads on light and dark pages
OF_DIRECTION = {"left-to-right": PAST, "right-to-left": FUTURE, "both": BOTH}
MORE = ("#CC79A7", "#56B4E9", "#F0E442", "#999933")  # further runs of the same direction


def run_colours(directions: Iterable[str]) -> list[str]:
    """One colour a run: its direction's for the first of each direction, further ones after that."""
    taken: set[str] = set()
    colours = []
    for direction in directions:
        colour = OF_DIRECTION[direction]
        if colour in taken:
            colour = next((more for more in MORE if more not in taken), MORE[len(taken) % len(MORE)])
        taken.add(colour)
        colours.append(colour)
    return colours


# Fine-tuning strategies: one colour and sign each, a hue for each kind, no direction's. Each reads at 3 : 1 on light
# and dark pages; the hues' first tones stay apart for colour-blind readers (a test simulates them).
OF_STRATEGY = {
    "scratch": ("#998899", "circle"),  # grey: nothing of the start, or nothing learned
    "zero-shot": ("#716171", "square"),
    "head": ("#BB8800", "circle"),  # gold: the top
    "features": ("#855F00", "square"),
    "top": ("#A07400", "diamond"),
    "embeddings": ("#2B7A8C", "square"),  # teal: the bottom
    "bottom": ("#3C93A6", "diamond"),
    "full": ("#0088EE", "circle"),  # blue: everything at once
    "discriminative": ("#0167B7", "square"),
    "l2-sp": ("#0A77D0", "diamond"),
    "rehearsal": ("#4A85C4", "triangle-up"),
    "alternating": ("#6666AA", "circle"),  # violet: layers in turn
    "gradual": ("#8E8CD4", "square"),
    "lp-ft": ("#7A78BF", "diamond"),
    "lora": ("#CC2255", "circle"),  # red: small parts inside
    "bitfit": ("#F0507A", "square"),
    "adapters": ("#DE3A66", "diamond"),
    "prefix": ("#738100", "square"),  # olive: something put before the words
    "soft-prompt": ("#5C6B00", "diamond"),
    "alignment": ("#AA5522", "circle"),  # brown: two models
}
