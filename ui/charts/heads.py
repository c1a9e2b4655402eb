"""Words as labels of Plotly's axes, and a colour scale from clear to full."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from ui.charts.mask import numbered

Figure = dict[str, Any]


def words_on_axis(tokens: Sequence[str]) -> list[str]:
    """Words with their places, so that equal words stay apart; line ends made visible; safe as labels."""
    return [html.escape(label) for label in numbered([readable(token) for token in tokens])]


def readable(token: str) -> str:
    """A token that can be seen: line ends and a lone space become signs."""
    return "␣" if token == " " else token.replace("\n", "⏎").replace("\t", "⇥")


def from_clear_to(colour: str) -> list[list[Any]]:
    """A colour scale that works on light and dark pages: nothing is clear, much is opaque."""
    channels = ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return [[0, f"rgba({channels},0.02)"], [1, f"rgba({channels},1)"]]
