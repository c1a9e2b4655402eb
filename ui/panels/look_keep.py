"""Keeping what is seen: the figure's format, its numbers as a table for a spreadsheet, the arrays for a notebook."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.failures import LookError, StoreError
from ui import backend
from ui.charts.tables import as_csv
from ui.panels.code import show_code
from ui.panels.naming import plain

FORMATS = ("PNG", "SVG")
SIDES_SAID = ":blue[■] left context :red[■] right context :gray[■] the word itself"
MOST_PICTURES = 8  # kept by this process, for the clicks that only change how they are drawn


@lru_cache(maxsize=MOST_PICTURES)
def _picture(run_id: str, step: int, written: int, text: str, what: str) -> Picture:
    return backend.looker().look(run_id, step, text, what)


def picture(run_id: str, step: int, text: str, what: str) -> Picture | None:
    """What the looking process sees; None, with a message in plain words, where that did not work."""
    try:
        written = backend.store().snapshot(run_id, step).stat().st_mtime_ns
        with st.spinner("Looking …"):
            return _picture(run_id, step, written, text, what)
    except (LookError, StoreError, OSError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def draw(figure: dict[str, Any], name: str, said: str, form: str) -> None:
    """A Plotly figure with a toolbar that saves it as `form`; `said` is what it shows, for screen readers."""
    saved = {"format": form.lower(), "filename": name, "scale": 2}
    remove = ["select2d", "lasso2d", "autoScale2d"]
    options = {"displaylogo": False, "toImageButtonOptions": saved, "modeBarButtonsToRemove": remove}
    st.plotly_chart(figure, key=f"figure-{name}", alt=said, config=options)


def shades_said(strongest: float) -> str:
    """What the shades of words against words mean; Markdown."""
    return f"Full colour: {strongest:.2g}. A plain grey field is hidden from the word that reads."


def dark() -> bool:
    """Whether the page is dark."""
    return st.context.theme.type == "dark"


def keep(seen: Picture, name: str, header: Sequence[str], rows: Callable[[], list[list[Any]]]) -> str:
    """Ways to save; gives the format that the figure's camera saves."""
    with st.popover("Save", icon=":material/download:", help="The picture, its numbers, or all arrays."):
        form = st.segmented_control(
            "The camera above the picture saves",
            FORMATS,
            default="PNG",
            required=True,
            key=f"format-{name}",
            persist_state="session",
            help="PNG for slides; SVG stays sharp at any size.",
        )
        st.download_button(
            "Numbers (CSV)",
            lambda: as_csv(header, rows()),
            f"bothways-{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
            help="The numbers of this picture, for a spreadsheet.",
        )
        st.download_button(
            "Arrays (NPZ)",
            lambda: as_npz(seen),
            f"bothways-{name}.npz",
            "application/octet-stream",
            on_click="ignore",
            icon=":material/data_array:",
            help="Every array behind this picture, for numpy.load.",
        )
    return str(form)


def as_npz(seen: Picture) -> bytes:
    """All arrays and the tokens; `numpy.load` gives them back by name."""
    out = io.BytesIO()
    np.savez_compressed(out, tokens=np.array(seen.tokens), **seen.arrays)
    return out.getvalue()


def code(*references: str) -> None:
    """The real functions, on request."""
    with st.expander("Show the code", icon=":material/code:", key=f"code-{references[0]}", on_change="rerun") as opened:
        if opened.open:
            show_code(*references)


def left_out(seen: Picture) -> None:
    """Say so where a sentence is longer than its picture."""
    if more := seen.notes["left_out"]:
        st.caption(f"The picture shows the first {len(seen.tokens)} words; {more} more don't fit.")
