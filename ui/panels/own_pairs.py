"""A learner's own pairs of sentences: brought, looked at, and checked before anything is trained."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.data.pairs.columns import FEWEST, FewPairs, Table, as_text, read_pairs
from core.data.pairs.own import BUILT_IN, built_in
from core.runs.failures import StoreError
from core.text import check_text
from ui import backend, state
from ui.charts.tables import as_markdown
from ui.panels.naming import plain
from ui.words import later, tr

SHOWN, LETTERS = 3, 60
LINE = later("line {named}")  # as the engine names where the trouble is
UPLOAD, PASTE = "own pairs upload", "own pairs paste"


def bring_pairs() -> str:
    """Upload or paste a table and choose its columns; gives the kept pairs' name, "" for the built-in example."""
    words, kinds = (
        tr("Text in UTF-8, up to 5 MB: one pair a line. Save a spreadsheet as CSV first."),
        ["csv", "tsv", "txt"],
    )
    st.file_uploader(tr("Two columns: CSV or TSV"), type=kinds, key=UPLOAD, help=words, on_change=_upload)
    st.text_area(
        tr("Or paste them"),
        key=PASTE,
        height=110,
        persist_state="session",
        placeholder="Good morning.;Buenos días.\nThank you.;Gracias.",
        help=tr(
            "A sentence, a tab or semicolon or comma, its translation; {n} lines at least. Press Ctrl+Enter.", n=FEWEST
        ),
        on_change=_paste,
    )
    raw = state.recall("own pairs raw", "")
    if problem := state.recall("own pairs problem"):
        kept = tr(
            "{problem} Until then the table before it stays in use."
            if raw
            else "{problem} Until then the example is used.",
            problem=plain(told(problem)),
        )
        st.error(kept, icon=":material/error:")
    if not raw:
        words = tr("Without a table of yours, {n} English and Spanish pairs are used.", n=f"{BUILT_IN:,}")
        st.info(words, icon=":material/info:")
        pairs = [tuple(line.split("\t")) for line in built_in().splitlines()[:SHOWN]]
        _preview(pairs, (tr("English"), tr("Spanish")))
        return ""
    try:
        return _kept(raw)
    except (TextError, StoreError) as error:
        st.error(plain(told(parts_of(error))), icon=":material/error:")
        return ""


def _kept(raw: str) -> str:
    """The table's pairs, by the columns that are chosen, as the store keeps them."""
    table = _table(raw, (0, 1))
    columns = (0, 1)
    if len(table.columns) > 2:
        places = range(len(table.columns))
        left, right = st.columns(2)
        help_ = tr("Which column holds these sentences.")
        name = table.columns.__getitem__ if table.named else lambda at: tr("column {n}", n=at + 1)
        first = left.selectbox(tr("Source"), places, 0, format_func=name, key=f"source of {raw}", help=help_)
        second = right.selectbox(tr("Translation"), places, 1, format_func=name, key=f"target of {raw}", help=help_)
        columns = (first, second)
        table = _table(raw, columns)
    _preview(table.pairs[:SHOWN], table.titles if table.named else (tr("source"), tr("translation")))
    st.caption(tr("{n} pairs; one in ten is kept apart for testing.", n=f"{len(table.pairs):,}"))
    for one in table.left_out:
        st.warning(tr("Left out: {what}.", what=plain(tr(one))), icon=":material/rule:")
    words = tr("Your table stays kept; bring it again at any time.")
    if st.button(tr("Use the example instead"), type="tertiary", help=words):
        state.remember("own pairs raw", "")
        st.rerun()
    return backend.store().keep_text(as_text(table))


@lru_cache(maxsize=8)
def _table(raw: str, columns: tuple[int, int]) -> Table:
    return read_pairs(backend.store().read_text(raw), columns=columns)


def _preview(pairs: Any, titles: tuple[str, str]) -> None:
    rows = [tuple(plain(cell[:LETTERS] + ("…" if len(cell) > LETTERS else "")) for cell in pair) for pair in pairs]
    st.markdown(as_markdown([plain(title) for title in titles], rows))


def _upload() -> None:
    if given := state.widget(UPLOAD):
        _take(given.getvalue())


def _paste() -> None:
    if given := state.widget(PASTE):
        _take(given)


def _take(given: bytes | str) -> None:
    """Keep a table that can be read; one that can't says why, and the one before it stays in use."""
    state.remember("own pairs problem", None)
    try:
        read_pairs(given)
        state.remember("own pairs raw", backend.store().keep_text(check_text(given, 0)))
    except (TextError, StoreError) as error:
        state.remember("own pairs problem", parts_of(error))


def parts_of(error: Exception) -> tuple[str, ...]:
    """An error in the sentences and lines that it is put together from."""
    return error.parts if isinstance(error, FewPairs) else (str(error),)


def told(parts: tuple[str, ...]) -> str:
    """An error in the learner's language, by its parts."""
    first, *lines = map(tr, parts)
    if not lines:
        return first
    *left_out, last = lines
    if not left_out:
        return tr("{few} {more}", few=first, more=last)
    return tr("{few} Not usable: {what}. {more}", few=first, what=tr("; ").join(left_out), more=last)
