"""Keeping what is seen: the figure's format, its numbers as a table for a spreadsheet, the arrays for a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.picture import Picture
from ui.charts.tables import as_csv
from ui.panels.code import show_code
from ui.panels.look_frame import as_npz, with_tokens
from ui.words import tr

FORMATS = ("PNG", "SVG")


def draw(figure: dict[str, Any], name: str, said: str, form: str) -> None:
    """A Plotly figure with a toolbar that saves it as `form`; `said` is what it shows, for screen readers."""
    saved = {"format": form.lower(), "filename": name, "scale": 2}
    remove = ["select2d", "lasso2d", "autoScale2d"]
    options = {"displaylogo": False, "toImageButtonOptions": saved, "modeBarButtonsToRemove": remove}
    st.plotly_chart(figure, key=f"figure-{name}", alt=said, config=options)


def dark() -> bool:
    """Whether the page is dark."""
    return st.context.theme.type == "dark"


def keep(seen: Picture, name: str, header: Sequence[str], rows: Callable[[], list[list[Any]]]) -> str:
    """Ways to save; gives the format that the figure's camera saves."""
    with st.popover(tr("Save"), icon=":material/download:", help=tr("The picture, its numbers, or all arrays.")):
        form = st.segmented_control(
            tr("The camera above the picture saves"),
            FORMATS,
            default="PNG",
            required=True,
            key=f"format-{name}",
            persist_state="session",
            help=tr("PNG for slides; SVG stays sharp at any size."),
        )
        st.download_button(
            tr("Numbers (CSV)"),
            lambda: as_csv(header, rows()),
            f"bothways-{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
            help=tr("The numbers of this picture, for a spreadsheet."),
        )
        st.download_button(
            tr("Arrays (NPZ)"),
            lambda: as_npz(with_tokens(seen)),
            f"bothways-{name}.npz",
            "application/octet-stream",
            on_click="ignore",
            icon=":material/data_array:",
            help=tr("Every array behind this picture, for numpy.load."),
        )
    return str(form)


def code(*references: str) -> None:
    """The real functions, on request."""
    key = f"code-{references[0]}"
    with st.expander(tr("Show the code"), icon=":material/code:", key=key, on_change="rerun") as opened:
        if opened.open:
            show_code(*references)
