"""Lines over a common axis: plain values, drawn by ui/canvas/lines.js; the same numbers make the table and the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.tables import as_markdown
from ui.words import tr

SHADES = ("#2E1F66", "#6A54B8", "#9A8CF0", "#AA4499", "#CC79A7", "#999933", "#44AA99", "#117766")  # none means a side
CONTROL = "#8C8C8C"
MOST_ROWS = 30  # of the table on the page


@dataclass(frozen=True)
class Line:
    """`values` (N,), NaN where there is none. `dashed`: a control or a limit, drawn quietly.

    `said`: its name on the page, where that isn't its name in files.
    """

    name: str
    colour: str
    values: np.ndarray
    dashed: bool = False
    said: str = ""

    @property
    def label(self) -> str:
        return self.said or self.name


@dataclass(frozen=True)
class Lines:
    """Lines over `x` (N,); `ticks` name the points of x, else their numbers do. `say`: one line below the title.

    `across` and `down` stand as in the code and are said when they are drawn.
    """

    x: np.ndarray
    lines: tuple[Line, ...]
    title: str
    across: str
    down: str
    log: bool = False
    low: float | None = None
    high: float | None = None
    ticks: tuple[str, ...] = ()
    say: str = ""
    at: float | None = None  # a moment to point at

    def header(self) -> list[str]:
        return [self.across, *(line.name for line in self.lines)]

    def rows(self) -> list[list[Any]]:
        names = self.ticks or tuple(f"{one:g}" for one in self.x)
        columns = [line.values for line in self.lines]
        return [
            [name, *("" if np.isnan(one[row]) else float(f"{one[row]:.6g}") for one in columns)]
            for row, name in enumerate(names)
        ]

    def table(self, safe: Any) -> str:
        rows = self.rows()
        some = rows if len(rows) <= MOST_ROWS else rows[:: -(-len(rows) // MOST_ROWS)]
        told = [[safe(name), *("" if one == "" else f"{one:.3g}" for one in row)] for name, *row in some]
        return as_markdown([safe(one) for one in (tr(self.across), *(line.label for line in self.lines))], told)


def shaded(names: Sequence[str], values: Sequence[np.ndarray], said: Sequence[str] = ()) -> tuple[Line, ...]:
    """A line for each name, in colours that mean no side."""
    return tuple(
        Line(name, SHADES[number % len(SHADES)], np.asarray(one, float), said=shown)
        for number, (name, one, shown) in enumerate(zip(names, values, said or names, strict=True))
    )
