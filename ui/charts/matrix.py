"""A matrix of numbers as a picture: what its rows and columns are, what a value means, and how it is coloured.

Plain values, drawn by ui/canvas/matrix.js; the same numbers make the table beside it and the file to take away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ui.charts.heads import readable
from ui.charts.mask import numbered
from ui.charts.tables import as_markdown
from ui.words import later, tr

LEAST_SCALE = 0.25  # a head that spreads evenly over many words stays pale
READS, READ = later("word that reads"), later("word that is read")
AT = later("{row} at {column}")
COMMA = later("{row}, {column}")
DIFFERS = later("{unit} differs by")
MOST_ROWS = 24  # of a table on the page; the file has them all


@dataclass(frozen=True)
class Matrix:
    """Values (R, C), NaN where there is nothing; `hidden` (R, C) bool: what a direction forbids.

    `down`, `across` and `unit`, what rows, columns and values are, stand as in the code and are said when drawn.
    `joint` tells where a field is: with a {row} and a {column}, or the words between them. `colours`:
    "sides" (left context, itself, right context: rows and columns are words of one sentence), "amount" (0 to `most`)
    or "change" (−`most` to `most`). `marked`: rows, and of a square matrix columns, in bold. `first`: the place of the
    first row and the first column where a window of a long sentence is shown. `say`: one line below the title.
    `texts` (R, C): what is written into the fields in place of numbers.
    """

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    title: str
    down: str
    across: str
    unit: str
    colours: str = "sides"
    most: float = 1.0
    hidden: np.ndarray | None = None
    joint: str = later("{row} reads {column}")
    marked: tuple[int, ...] = ()
    first: tuple[int, int] = (0, 0)
    say: str = ""
    texts: tuple[tuple[str, ...], ...] = ()

    @property
    def square(self) -> bool:
        return self.rows == self.columns

    def header(self) -> list[str]:
        return [self.down, *self.columns]

    def lines(self) -> list[list[Any]]:
        """Every row with its numbers; an empty cell where there is nothing."""
        return [
            [name, *("" if np.isnan(one) else float(f"{one:.6g}") for one in row)]
            for name, row in zip(self.rows, self.values, strict=True)
        ]


def words_matrix(
    values: np.ndarray,
    allowed: np.ndarray,
    tokens: Sequence[str],
    title: str,
    unit: str = later("weight"),
    most: float | None = None,
    marked: Sequence[int] = (),
    say: str = "",
    first: int = 0,
) -> Matrix:
    """Words against the words that they read: values (T, S), `allowed` (T, S) bool; `first`: the first word's place."""
    names = places(tokens, first)
    found = Matrix(np.asarray(values, float), names, names, title, READS, READ, unit)
    full = most or max(float(np.nanmax(values, initial=0)), LEAST_SCALE)
    return replace(found, most=full, hidden=~np.asarray(allowed, bool), marked=tuple(marked), say=say)


def places(tokens: Sequence[str], first: int = 0) -> tuple[str, ...]:
    """Words with their places, so that equal words stay apart; `first`: the place of the first one, from 0."""
    return tuple(numbered([readable(token) for token in tokens], first + 1))


def difference(a: Matrix, b: Matrix, title: str) -> Matrix:
    """a − b, where both have the same rows and columns. Raises ValueError where they don't."""
    if a.rows != b.rows or a.columns != b.columns:
        raise ValueError("Only pictures with the same rows and columns can be compared field by field.")
    values = a.values - b.values
    most = float(np.nanmax(abs(values), initial=0)) or 1.0
    hidden = None if a.hidden is None or b.hidden is None else a.hidden & b.hidden
    return replace(
        a,
        values=values,
        title=title,
        unit=DIFFERS.format(unit=a.unit),
        colours="change",
        most=most,
        hidden=hidden,
        say="",
        texts=(),
    )


def window(matrix: Matrix, first: int, count: int) -> Matrix:
    """`count` words from `first` on, of a square matrix that is too large to be drawn whole."""
    part = slice(first, first + count)
    hidden = None if matrix.hidden is None else matrix.hidden[part, part]
    marked = tuple(one - first for one in matrix.marked if first <= one < first + count)
    names = matrix.rows[part]
    values = matrix.values[part, part]
    return replace(
        matrix,
        values=values,
        rows=names,
        columns=names,
        hidden=hidden,
        marked=marked,
        first=(matrix.first[0] + first,) * 2,
    )


def table(matrix: Matrix, safe: Any) -> str:
    """The numbers as Markdown, the first MOST_ROWS rows and columns; `safe` makes a label harmless."""
    header = [safe(one) for one in (tr(matrix.down), *matrix.columns[:MOST_ROWS])]
    lines = [
        [safe(name), *("" if one == "" else f"{one:.3g}" for one in row[:MOST_ROWS])]
        for name, *row in matrix.lines()[:MOST_ROWS]
    ]
    return as_markdown(header, lines)
