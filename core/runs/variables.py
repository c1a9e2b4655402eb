"""Numbers that whoever runs a server sets in its environment."""

from __future__ import annotations

import math
import os

from core.fields import SpecError
from core.hub import MOST_MB


def number(name: str, default: float, low: float = 0, whole: bool = True) -> float:
    """The environment variable's value, `default` where it is unset or empty; SpecError unless it is from `low` on."""
    given = os.environ.get(name, "").strip()
    try:
        value = float(given or default)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= low) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        reason = f"This environment variable must be {kind}, {low:g} or more. Set it anew and start again."
        raise SpecError(name, given, reason, {name: default})
    return value


def most_model_mb() -> float:
    """BOTHWAYS_MODEL_MB: the size of the largest checkpoint that is downloaded."""
    return number("BOTHWAYS_MODEL_MB", MOST_MB)
