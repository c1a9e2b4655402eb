"""Who can see whom, in words: what the measured influence of every word on every word's state proves."""

from __future__ import annotations

from typing import Any

import numpy as np

from ui.words import tr


def strongest(norms: np.ndarray) -> float:
    """The influence that is drawn in full colour: a word's own can be so large that it would hide all others."""
    others = norms[~np.eye(len(norms), dtype=bool)]
    return float(others.max(initial=0)) or float(norms.max()) or 1.0


def forbidden_said(notes: dict[str, Any]) -> str:
    """The measured proof of direction, in one sentence."""
    largest = notes["largest_forbidden"]
    if largest is None:
        return tr("This direction forbids nothing: every word can reach every other.")
    if largest == 0:
        return tr("Largest value where the direction forbids: 0 (exactly).")
    return tr("Largest value where the direction forbids: {value}, a leak.", value=f"{largest:.3g}")


def precision_said(notes: dict[str, Any]) -> str:
    """Whether the values are exact or an estimate, in one sentence; zeros are exact either way."""
    if notes["error"] == 0:
        return tr("The values are exact.")
    return tr(
        "Each value is an estimate from {some} of {all} directions of a state, within about ±{error} %. Zeros are "
        "exact.",
        some=notes["directions"],
        all=notes["of"],
        error=f"{100 * notes['error']:.0f}",
    )
