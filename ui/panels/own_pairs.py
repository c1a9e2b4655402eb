"""A learner's own pairs of sentences: brought, looked at, and checked before anything is trained."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.data.pairs.columns import FEWEST, Table, as_text, read_pairs
from core.data.pairs.own import BUILT_IN, built_in
from core.runs.failures import StoreError
from core.text import check_text
from ui import backend, state
from ui.charts.tables import as_markdown
from ui.panels.naming import plain

SHOWN, LETTERS = 3, 60
UPLOAD, PASTE = "own pairs upload", "own pairs paste"


def bring_pairs() -> str:
    """Upload or paste a table and choose its columns; gives the kept pairs' name, "" for the built-in example."""
    words = "Text in UTF-8, up to 5 MB: one pair a line. Save a spreadsheet as CSV first."
    st.file_uploader("Two columns: CSV or TSV", type=["csv", "tsv", "txt"], key=UPLOAD, help=words, on_change=_upload)
    st.text_area(
        "Or paste them",
        key=PASTE,
        height=110,
        persist_state="session",
        placeholder="Good morning.;Buenos días.\nThank you.;Gracias.",
        help=f"A sentence, a tab or semicolon or comma, its translation; {FEWEST} lines at least. Press Ctrl+Enter.",
        on_change=_paste,
    )
    raw = state.recall("own pairs raw", "")
    if problem := state.recall("own pairs problem"):
        kept = " Until then the table before it stays in use." if raw else " Until then the example is used."
        st.error(plain(problem) + kept, icon=":material/error:")
    if not raw:
        st.info(f"Without a table of yours, {BUILT_IN:,} English and Spanish pairs are used.", icon=":material/info:")
        _preview([tuple(line.split("\t")) for line in built_in().splitlines()[:SHOWN]], ("English", "Spanish"))
        return ""
    try:
        return _kept(raw)
    except (TextError, StoreError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return ""


def _kept(raw: str) -> str:
    """The table's pairs, by the columns that are chosen, as the store keeps them."""
    table = _table(raw, (0, 1))
    columns = (0, 1)
    if len(table.columns) > 2:
        places = range(len(table.columns))
        left, right = st.columns(2)
        help_ = "Which column holds these sentences."
        name = table.columns.__getitem__
        first = left.selectbox("Source", places, 0, format_func=name, key=f"source of {raw}", help=help_)
        second = right.selectbox("Translation", places, 1, format_func=name, key=f"target of {raw}", help=help_)
        columns = (first, second)
        table = _table(raw, columns)
    _preview(table.pairs[:SHOWN], table.titles)
    st.caption(f"{len(table.pairs):,} pairs; one in ten is kept apart for testing.")
    for told in table.left_out:
        st.warning(f"Left out: {plain(told)}.", icon=":material/rule:")
    if st.button("Use the example instead", type="tertiary", help="Your table stays kept; bring it again at any time."):
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
        state.remember("own pairs problem", str(error))
