"""A picture of a result with everything that belongs to it: its numbers as a table, files, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui import state
from ui.charts.heads import Figure
from ui.charts.tables import as_csv, as_markdown
from ui.panels.naming import plain
from ui.words import tr

FORMATS = ("PNG", "SVG")


def show_figure(
    figure: Figure, name: str, said: str, header: Sequence[str], rows: Sequence[Sequence[Any]], how: str
) -> None:
    """`said`: what it shows, for screen readers; `how`: how to read it; `header` in English, as files have it."""
    form = format_chosen()
    saved = {"format": form.lower(), "filename": f"bothways-{name}", "scale": 2}
    remove = ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"]
    options = {"displaylogo": False, "toImageButtonOptions": saved, "modeBarButtonsToRemove": remove}
    st.plotly_chart(figure, key=f"figure-tune-{name}", alt=said, config=options)
    st.caption(how)
    with st.expander(tr("The numbers"), icon=":material/table:", key=f"numbers-{name}", on_change="rerun") as opened:
        if opened.open:
            told = [plain(tr(one)) for one in header]
            st.markdown(as_markdown(told, [[plain(shown(one)) for one in row] for row in rows]))
            st.download_button(
                tr("Numbers (CSV)"),
                lambda: as_csv(header, rows),
                f"bothways-{name}.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
                key=f"csv-{name}",
                help=tr("The numbers of this picture, for a spreadsheet."),
            )


def format_chosen() -> str:
    """What the cameras of all pictures save; chosen once for the page."""
    return str(state.widget("tune-format", FORMATS[0]) or FORMATS[0])


def choose_format() -> None:
    """PNG or SVG, for all cameras."""
    st.segmented_control(
        tr("Cameras save"),
        FORMATS,
        default=FORMATS[0],
        required=True,
        key="tune-format",
        persist_state="session",
        help=tr("What the camera in a picture’s corner saves: PNG for slides; SVG stays sharp at any size."),
    )


def shown(value: Any) -> str:
    """A number with four digits, as a cell."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
