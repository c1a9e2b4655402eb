"""How every picture is shown: what to look for, the picture itself, and on request its numbers, files and code."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.failures import LookError, StoreError
from ui.canvas.matrix import show_matrix
from ui.charts.matrix import Matrix, table
from ui.charts.tables import as_csv
from ui.panels.code import show_code
from ui.panels.naming import plain
from ui.seen import KEPT, Question, question
from ui.words import later, tr

MORE = {
    "numbers": later(":material/table: Numbers"),
    "files": later(":material/download: Files"),
    "code": later(":material/code: Code"),
}


def sides_said() -> str:
    """What the three colours of words against words mean."""
    return tr(":blue[■] left context :red[■] right context :gray[■] the word itself")


def look(run_id: str, step: int, text: str, what: str, **options: Any) -> Picture | None:
    """What the looking process sees; None, with a message in plain words, where that did not work."""
    return answer(question(run_id, step, text, what, **options))


def answer(asked: Question) -> Picture | None:
    """The same for a question that is already put."""
    try:
        if KEPT.has(asked):
            return KEPT.get(asked)
        with st.spinner(tr("Looking …")):
            return KEPT.get(asked)
    except (LookError, StoreError, OSError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return None


def choice(label: str, options: Mapping[str, str], key: str, help: str) -> str:
    """One of several pictures; only the chosen one is computed."""
    chosen = st.pills(
        label,
        list(options),
        format_func=lambda one: tr(options[one]),
        default=next(iter(options)),
        required=True,
        key=key,
        help=help,
        persist_state="session",
        label_visibility="collapsed",
    )
    return str(chosen)


def show(
    matrix: Matrix,
    name: str,
    arrays: Mapping[str, np.ndarray],
    references: Sequence[str],
    **how: Any,
) -> tuple[int, int] | None:
    """A matrix with everything that belongs to it; `how`: see show_matrix. Gives the field that was clicked."""
    picked = show_matrix(matrix, key=f"matrix-{name}", **how)
    more(name, matrix.header(), matrix.lines, arrays, references, lambda: table(matrix, plain))
    return picked


def more(
    name: str,
    header: Sequence[str],
    lines: Callable[[], Sequence[Sequence[Any]]],
    arrays: Mapping[str, np.ndarray],
    references: Sequence[str],
    numbers: Callable[[], str],
) -> None:
    """A picture's numbers to read, its files to take away, and the code that made it: each on request."""
    asked = st.pills(
        tr("More on this picture"),
        list(MORE),
        format_func=lambda one: tr(MORE[one]),
        key=f"more-{name}",
        label_visibility="collapsed",
        help=tr("The numbers as a table, as files for a spreadsheet or a notebook, and the code that measured them."),
    )
    if asked == "numbers":
        st.markdown(numbers())
    elif asked == "files":
        files(name, header, lines, arrays)
    elif asked == "code":
        show_code(*references)


def files(
    name: str,
    header: Sequence[str],
    lines: Callable[[], Sequence[Sequence[Any]]],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """The numbers as CSV, the arrays as NPZ; the picture itself is saved by the buttons below it."""
    with st.container(horizontal=True):
        st.download_button(
            tr("Numbers (CSV)"),
            lambda: as_csv(header, lines()),
            f"bothways-{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
            key=f"csv-{name}",
            help=tr("The numbers of this picture, for a spreadsheet."),
        )
        st.download_button(
            tr("Arrays (NPZ)"),
            lambda: as_npz(arrays),
            f"bothways-{name}.npz",
            "application/octet-stream",
            on_click="ignore",
            icon=":material/data_array:",
            key=f"npz-{name}",
            help=tr("Every array behind this picture, for numpy.load."),
        )
    st.caption(tr("The picture itself is saved by PNG and SVG below it."))


def with_tokens(seen: Picture) -> dict[str, np.ndarray]:
    """All arrays of a picture and its tokens."""
    return {"tokens": np.array(seen.tokens), **seen.arrays}


def as_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The arrays; `numpy.load` gives them back by name, without pickle."""
    out = io.BytesIO()
    np.savez_compressed(out, **dict(arrays))
    return out.getvalue()


def left_out(seen: Picture) -> None:
    """Say so where a sentence is longer than its picture."""
    if beyond := seen.notes.get("left_out"):
        shown = len(seen.tokens)
        st.caption(tr("The picture shows the first {n} words; {beyond} more don't fit.", n=shown, beyond=beyond))
