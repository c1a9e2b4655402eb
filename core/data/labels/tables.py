"""Labelled files of a learner's own, read and checked: tables (CSV, TSV) and words with tags (CoNLL)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.data.contract import TextError

DELIMITERS = ("\t", ",", ";")
MOST_ROWS = 100_000
APART = {"\t": "a tab", ",": "a comma", ";": "a semicolon"}
CSV_TROUBLES = (  # as Python's csv tells them: here so that they are translated too
    "unexpected end of data",
    "'{delimiter}' expected after '{mark}'",
    "field larger than field limit ({most})",
)
NUMBERED = re.compile(r"\d+([-.]\d+)?")  # a word's number in CoNLL-U; 3-4 spans several words, 3.1 was never written


@dataclass(frozen=True)
class Dialect:
    """How a table is written. `quoted`: cells that hold the delimiter stand in quotation marks."""

    delimiter: str
    quoted: bool

    @property
    def name(self) -> str:
        return APART[self.delimiter].removeprefix("a ")


@dataclass(frozen=True)
class Table:
    """Rows of cells, all with as many as there are `columns`; `lines` say where in the file each row begins."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    lines: list[int]
    dialect: Dialect

    def column(self, name: str) -> list[str]:
        """The cells of a column. Raises TextError that names what there is."""
        if name not in self.columns:
            names = ", ".join(self.columns)
            raise TextError(f"There is no column “{name}”. This file has: {names}.")
        return [row[self.columns.index(name)].strip() for row in self.rows]


def dialect_of(text: str) -> Dialect:
    """The delimiter that cuts the first line into most cells; marks are plain characters where quoting fails."""
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    if not first.count(delimiter):
        raise TextError(
            "The first line has only one column. A text and its label must be apart by a tab, a comma or a semicolon."
        )
    if delimiter == "\t":
        try:
            list(_cells(text, Dialect(delimiter, True)))
        except csv.Error:
            return Dialect(delimiter, False)
    return Dialect(delimiter, True)


def _cells(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each row that isn't blank."""
    file = io.StringIO(text, newline="")
    if dialect.quoted:
        reader = csv.reader(file, delimiter=dialect.delimiter, strict=True)
    else:
        reader = csv.reader(file, delimiter=dialect.delimiter, strict=True, quoting=csv.QUOTE_NONE)
    begins = 1
    for cells in reader:
        if cells:
            yield begins, cells
        begins = reader.line_num + 1


def read_table(text: str, header: bool) -> Table:
    """A checked CSV or TSV. Raises TextError with the line where a row has more or fewer cells than the first one."""
    dialect = dialect_of(text)
    try:
        found = list(_cells(text, dialect))
    except csv.Error as error:
        raise TextError(f"This table can't be read: {error}. A quotation mark may be missing at its end.") from None
    if len(found) > MOST_ROWS:
        raise TextError(f"This table has {len(found):,} rows; {MOST_ROWS:,} are the most. Use a part of it.")
    width = len(found[0][1]) if found else 0
    for line, cells in found:
        if len(cells) != width:
            raise TextError(
                f"Line {line} has {len(cells)} columns, but the first line has {width}. A text that holds "
                f"{APART[dialect.delimiter]} must stand in quotation marks."
            )
    names = named(found[0][1]) if header else tuple(f"column {n + 1}" for n in range(width))
    body = found[header:]
    return Table(names, [tuple(cells) for _, cells in body], [line for line, _ in body], dialect)


def named(cells: list[str]) -> tuple[str, ...]:
    """Columns' names, each once and none empty."""
    names: list[str] = []
    for n, cell in enumerate(cells):
        name = cell.strip() or f"column {n + 1}"
        names.append(name if name not in names else f"{name} ({n + 1})")
    return tuple(names)


@dataclass(frozen=True)
class Words:
    """Sentences of words with their cells, all with `width` columns; `lines` say where each sentence begins."""

    sentences: list[list[tuple[str, ...]]]
    lines: list[int]
    width: int
    numbered: bool  # CoNLL-U: the first column counts the words


def read_words(text: str) -> Words:
    """CoNLL: a word a line with its columns, a blank line after each sentence; # begins a comment before a sentence.

    Cells are apart by tabs where there is one, else by white space. Raises TextError with the line that doesn't fit.
    """
    lines = text.split("\n")
    tabs = "\t" in text
    width, numbered, sentences, begins = 0, False, list[list[tuple[str, ...]]](), list[int]()
    inside = False
    for at, line in enumerate(lines, 1):
        cells = tuple(line.rstrip("\r").split("\t") if tabs and line.strip() else line.split())
        if not cells:
            inside = False
        elif not _skipped(cells, line, inside, width):
            if not width:
                width, numbered = len(cells), len(cells) >= 4 and bool(NUMBERED.fullmatch(cells[0]))
            _check_cells(cells, width, at)
            if not inside:
                sentences.append([])
                begins.append(at)
                inside = True
            if not numbered or cells[0].isdigit():
                sentences[-1].append(cells)
    if not width:
        raise TextError("There is no word in this file. Each line needs a word and its tag.")
    return Words(
        [one for one in sentences if one], [b for b, one in zip(begins, sentences, strict=True) if one], width, numbered
    )


def _skipped(cells: tuple[str, ...], line: str, inside: bool, width: int) -> bool:
    """A comment before a sentence, or CoNLL-2003's mark of a new document."""
    comment = line.startswith("#") and not inside and (len(cells) != width or "=" in line)
    return cells[0] == "-DOCSTART-" or comment


def _check_cells(cells: tuple[str, ...], width: int, at: int) -> None:
    if len(cells) < 2:
        raise TextError(
            f"Line {at} has a word but no tag. Each line needs a word and its tag, apart by a tab or a space."
        )
    if len(cells) != width:
        raise TextError(f"Line {at} has {len(cells)} columns, but the lines before it have {width}.")
    if not cells[0].strip() or not cells[-1].strip():
        raise TextError(f"Line {at} has an empty word or tag.")
