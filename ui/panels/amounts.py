"""Large and small amounts in a learner's words."""

from __future__ import annotations

from ui.words import tr

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


def percent(share: float | None, digits: int = 1) -> str:
    """0.5955 -> "59.6 %"; what was not measured is a dash."""
    return "–" if share is None else f"{100 * share:.{digits}f}\u00a0%"


def duration(seconds: float) -> str:
    """A time as people say it: 0.8 s, 12 s, 3 min 20 s, 2 h 30 min."""
    if seconds < 9.95:
        return tr("{s}\u00a0s", s=f"{max(seconds, 0.1):.1f}")
    whole = round(seconds)
    if whole < 100:
        return tr("{s}\u00a0s", s=whole)
    if whole < 3600:
        return tr("{min}\u00a0min {s}\u00a0s", min=whole // 60, s=whole % 60)
    return tr("{h}\u00a0h {min}\u00a0min", h=whole // 3600, min=whole % 3600 // 60)
