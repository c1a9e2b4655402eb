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
