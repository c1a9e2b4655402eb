"""A table of two columns, a sentence and its translation, as learners bring it: CSV, TSV, or pasted.

Nothing is dropped in silence: what can't be used is named by its line, with what to do about it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.data.contract import TextError
from core.text import check_text

FEWEST, MOST = 20, 50_000  # pairs
LONGEST = 400  # letters of one sentence
TOLD = 4  # lines that are named before "and n more"
SEPARATORS = {"\t": "a tab", ";": "a semicolon", ",": "a comma"}
EXAMPLE = "such as: Good morning.;Buenos días."
USUAL_NAMES = (
    "source target src tgt from to input output text translation translated sentence original question answer id "
    "english spanish french german italian portuguese chinese japanese russian dutch polish turkish arabic hindi "
    "korean español français deutsch italiano en es fr de it pt zh ja ru nl pl tr ar hi ko 中文 英文 英语 原文 译文"
)
HEADERS = frozenset(USUAL_NAMES.split())


@dataclass(frozen=True)
class Table:
    """`left_out`: what can't be used, in words; `titles`: of the two columns; `columns`: all that the table has.

    `named`: the table itself names them.
    """

    pairs: tuple[tuple[str, str], ...]
    titles: tuple[str, str]
    left_out: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    named: bool = False


class FewPairs(TextError):
    """Too few lines can be used. `parts`: how many there are, what can't be used of each kind, and what to do."""

    def __init__(self, n: int, left_out: Sequence[str]) -> None:
        few = f"Only {n} pairs can be used; {FEWEST} are needed at least, better some hundreds."
        one = f"Only one pair can be used; {FEWEST} are needed at least, better some hundreds."
        self.parts = (one if n == 1 else few, *left_out, "Add more pairs.")
        why = [f"Not usable: {'; '.join(left_out)}."] if left_out else []
        super().__init__(" ".join([self.parts[0], *why, self.parts[-1]]))


def read_pairs(raw: bytes | str, header: bool | None = None, columns: tuple[int, int] = (0, 1)) -> Table:
    """The pairs of an upload or a paste. Raises TextError: what is wrong, where, and what to do next.

    `header`: whether the first line names the columns; None: guessed. `columns`: which two are used.
    """
    if isinstance(raw, bytes) and raw.startswith(b"PK"):
        raise TextError("This is a workbook or an archive. Save the sheet as CSV (UTF-8) and try again.")
    text = check_text(raw, 0)
    separator = _separator(text)
    rows = [(line, row) for line, row in _rows(text, separator) if any(cell.strip() for cell in row)]
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0]
    if width < 2:
        raise TextError(
            f"Most lines have one column only. Put a tab, a semicolon or a comma between both sentences, {EXAMPLE}"
        )
    if max(columns) >= width or columns[0] == columns[1]:
        raise TextError(f"The table has {width} columns. Choose two different ones of these.")
    first = rows[0][1]
    named = _names_columns(first) if header is None else header
    names = tuple(" ".join(cell.split()) if named else f"column {at + 1}" for at, cell in enumerate(first))
    pairs, left_out = _usable(rows[named:], width, columns, SEPARATORS[separator])
    if len(pairs) < FEWEST:
        raise FewPairs(len(pairs), left_out)
    if len(pairs) > MOST:
        raise TextError(f"This table has {len(pairs):,} pairs; {MOST:,} is the most. Use a part of it.")
    titles = (names[columns[0]], names[columns[1]]) if named else ("source", "translation")
    return Table(tuple(pairs), titles, tuple(left_out), names, named)


def as_text(table: Table) -> str:
    """The pairs as they are kept: one a line, a tab between; `kept_pairs` reads them back."""
    return "".join(f"{source}\t{target}\n" for source, target in table.pairs)


def kept_pairs(text: str) -> list[tuple[str, str]]:
    return [(source, target) for source, _, target in (line.partition("\t") for line in text.splitlines())]


def _separator(text: str) -> str:
    """What stands between the columns: a tab where most lines have one, else what cuts most lines alike."""
    lines = [line for line in text.split("\n") if line.strip()][:1000]
    if sum("\t" in line for line in lines) * 2 > len(lines):
        return "\t"

    def agreement(separator: str) -> tuple[int, int]:
        parts = Counter(line.count(separator) + 1 for line in lines)
        width, alike = max(parts.items(), key=lambda one: (one[0] > 1, one[1]))
        return (alike if width > 1 else 0, -width)

    return max((",", ";"), key=agreement)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every row; quoted cells may hold separators and, but for tabs, line ends."""
    if separator == "\t":  # such tables seldom quote: a lone quotation mark is a letter
        for number, line in enumerate(text.split("\n"), 1):
            try:
                yield number, next(csv.reader([line], delimiter="\t", strict=True), [])
            except csv.Error:
                yield number, line.split("\t")
        return
    reader, before = csv.reader(io.StringIO(text), delimiter=separator, strict=True, skipinitialspace=True), 0
    try:
        for row in reader:
            yield before + 1, row
            before = reader.line_num
    except csv.Error:
        raise TextError(
            f"The quotation marks don't pair up in the row that begins in line {before + 1}. Close them, and write a "
            'quotation mark within a quoted sentence twice: "He said ""yes""".'
        ) from None


def _names_columns(row: Sequence[str]) -> bool:
    """Whether the first row names the columns: every cell is a usual name of one."""
    cells = [re.sub(r"[^\w]", " ", cell).casefold().split() for cell in row]
    return all(cell and all(word in HEADERS or word.isdigit() for word in cell) for cell in cells if cell) and any(
        cells
    )


def _usable(
    rows: Sequence[tuple[int, list[str]]], width: int, columns: tuple[int, int], separator: str
) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs, and for each kind of trouble the lines that have it."""
    pairs, troubles = list[tuple[str, str]](), dict[str, list[int]]()
    for line, row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        trouble = _trouble(cells, width, columns, separator)
        if trouble:
            troubles.setdefault(trouble, []).append(line)
        else:
            pairs.append((cells[columns[0]], cells[columns[1]]))
    return pairs, [trouble.replace("{lines}", _lines(lines)) for trouble, lines in troubles.items()]


def _trouble(cells: Sequence[str], width: int, columns: tuple[int, int], separator: str) -> str:
    """What is wrong with a row, its {lines} still to be filled in; "" where nothing is."""
    if len(cells) == 1:
        return f"{{lines}} has one column only ({separator} is missing)"
    if len(cells) > width:
        return (
            f"{{lines}} has more than {width} columns (put a sentence with {separator} in it between quotation marks)"
        )
    if len(cells) <= max(columns):
        return f"{{lines}} has less than {width} columns"
    for at in columns:
        if not cells[at]:
            return f"{{lines}} has nothing in column {at + 1}"
        if len(cells[at]) > LONGEST:
            return f"{{lines}} has a sentence of more than {LONGEST} letters (split it)"
    return ""


def _lines(lines: Sequence[int]) -> str:
    """ "line 7", "lines 7, 9, 12, 30 and 5 more", each of which …"""
    named, more = ", ".join(map(str, lines[:TOLD])), len(lines) - TOLD
    if more > 0:
        return f"lines {named} and {more:,} more: each"
    return f"line {named}" if len(lines) == 1 else f"lines {named}: each"
