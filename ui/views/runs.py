"""Everything this learner has trained: find a run, lay several over one another, share, rename, go on, delete."""

from __future__ import annotations

import streamlit as st

from core.runs.store import Run
from ui import backend, state
from ui.panels.overlay import title_of
from ui.panels.run_row import confirm_delete, draw_row, selected
from ui.panels.words_of_run import BADGES
from ui.places import go

ON_A_PAGE = 15


def show() -> None:
    st.title("Runs")
    runs = backend.store().runs(state.owner())
    if not runs:
        empty()
        return
    st.markdown("Everything you have trained in this browser. Tick several to lay their curves over one another.")
    found = filtered(runs)
    page = paged(found)
    actions(runs)
    if not found:
        st.markdown("No run fits this search. Clear it to see all of them.")
    for run in page:
        draw_row(run)


def empty() -> None:
    st.markdown("You haven't trained anything in this browser yet. Runs appear here as soon as they start.")
    with st.container(horizontal=True):
        if st.button(
            "Start: the half-minute tour", type="primary", icon=":material/swap_horiz:", help="Two models, one line."
        ):
            go("start")
        if st.button("Build a model", icon=":material/tune:", help="Choose family, direction, size and data."):
            go("build")


def filtered(runs: list[Run]) -> list[Run]:
    """The runs whose words and status fit the search."""
    present = [status for status in BADGES if any(run.status == status for run in runs)]
    words, statuses = st.columns([3, 2], vertical_alignment="bottom")
    sought = words.text_input(
        "Find",
        placeholder="A title, a game, a direction …",
        key="runs-find",
        help="Finds the runs in which every word occurs.",
        persist_state="session",
    )
    kept = narrowed(statuses, present) if len(present) > 1 else []
    needles = (sought or "").lower().split()
    return [
        run
        for run in runs
        if all(needle in f"{title_of(run)} {run.experiment.plain()}".lower() for needle in needles)
        and (not kept or run.status in kept)
    ]


def narrowed(place: st.delta_generator.DeltaGenerator, present: list[str]) -> list[str]:
    """The statuses that are wanted; none means all."""
    return place.pills(
        "Status",
        present,
        selection_mode="multi",
        format_func=lambda status: BADGES[status][1],
        key="runs-status",
        help="Choose one or more; none chosen shows all.",
    )


def paged(runs: list[Run]) -> list[Run]:
    """One page of a long list."""
    if len(runs) <= ON_A_PAGE:
        return runs
    pages = -(-len(runs) // ON_A_PAGE)
    number = st.pagination(pages, key="runs-page")
    return runs[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]


def actions(runs: list[Run]) -> None:
    """What can be done with the ticked runs."""
    ticked = selected(runs)
    label = f"Show {len(ticked)} over one another" if len(ticked) > 1 else "Show the ticked run"
    too_many = len(ticked) > state.MOST_SHOWN
    words = f"At most {state.MOST_SHOWN} at once." if too_many else "Opens Train with the curves of these runs."
    with st.container(horizontal=True):
        show_ticked = st.button(
            label, type="primary", icon=":material/stacked_line_chart:", disabled=not ticked or too_many, help=words
        )
        drop = "Asks before it deletes."
        if st.button("Delete the ticked …", icon=":material/delete:", disabled=not ticked, help=drop):
            confirm_delete(ticked)
    if show_ticked:
        go("train", run=",".join(run.id for run in ticked))
