"""Large and small amounts in a learner's words."""

from __future__ import annotations

UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def amount(number: float) -> str:
    """71042 -> "71,042"; 1234567 -> "1.23 M"."""
    if number < 1e6:
        return f"{number:,.0f}"
    return scaled(number)


def scaled(number: float) -> str:
    """Three digits and a letter: 134400 -> "134 k"."""
    for size, letter in UNITS:
        if number >= size * 0.9995:
            return f"{number / size:.3g} {letter}" if number < 999.5 * size else f"{number / size:,.0f} {letter}"
    return f"{number:.3g}"


def size_of(count: float) -> str:
    """Bytes: 6911008 -> "6.91 MB"."""
    return f"{scaled(count)}B"


def duration(seconds: float) -> str:
    """Seconds as one would say them: "0.4 s", "12 s", "3 min", "2.5 h"."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 5970:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
