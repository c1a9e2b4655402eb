"""Everything this learner has trained: find a run, lay several over one another, share, rename, go on, delete."""

from __future__ import annotations

import streamlit as st

from core.runs.store import Run
from ui import backend, state
from ui.panels.naming import summary
from ui.panels.overlay import title_of
from ui.panels.run_row import confirm_delete, draw_row, selected
from ui.panels.words_of_run import BADGES
from ui.places import go
from ui.words import tr

ON_A_PAGE = 15


def show() -> None:
    st.title(tr("Runs"))
    runs = backend.store().runs(state.owner())
    if not runs:
        empty()
        return
    st.markdown(tr("Everything you have trained in this browser. Tick several to lay their curves over one another."))
    found = filtered(runs)
    page = paged(found)
    actions(runs)
    if not found:
        st.markdown(tr("No run fits this search. Clear it to see all of them."))
    for run in page:
        draw_row(run)


def empty() -> None:
    st.markdown(tr("You haven't trained anything in this browser yet. Runs appear here as soon as they start."))
    with st.container(horizontal=True):
        if st.button(
            tr("Start: the half-minute tour"),
            type="primary",
            icon=":material/swap_horiz:",
            help=tr("Two models, one line."),
        ):
            go("start")
        words = tr("Choose family, direction, size and data.")
        if st.button(tr("Build a model"), icon=":material/tune:", help=words):
            go("build")


def filtered(runs: list[Run]) -> list[Run]:
    """The runs whose words and status fit the search."""
    present = [status for status in BADGES if any(run.status == status for run in runs)]
    words, statuses = st.columns([3, 2], vertical_alignment="bottom")
    sought = words.text_input(
        tr("Find"),
        placeholder=tr("A title, a game, a direction …"),
        key="runs-find",
        help=tr("Finds the runs in which every word occurs."),
        persist_state="session",
    )
    kept = narrowed(statuses, present) if len(present) > 1 else []
    needles = (sought or "").lower().split()
    return [
        run for run in runs if all(needle in words_of(run) for needle in needles) and (not kept or run.status in kept)
    ]


def words_of(run: Run) -> str:
    """All that a run can be found by."""
    return f"{title_of(run)} {summary(run.experiment)} {run.experiment.plain()}".lower()


def narrowed(place: st.delta_generator.DeltaGenerator, present: list[str]) -> list[str]:
    """The statuses that are wanted; none means all."""
    return place.pills(
        tr("Status"),
        present,
        selection_mode="multi",
        format_func=lambda status: tr(BADGES[status][1]),
        key="runs-status",
        help=tr("Choose one or more; none chosen shows all."),
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
    several, too_many = len(ticked) > 1, len(ticked) > state.MOST_SHOWN
    label = tr("Show {n} over one another", n=len(ticked)) if several else tr("Show the ticked run")
    most = tr("At most {n} at once.", n=state.MOST_SHOWN)
    words = most if too_many else tr("Opens Train with the curves of these runs.")
    with st.container(horizontal=True):
        show_ticked = st.button(
            label, type="primary", icon=":material/stacked_line_chart:", disabled=not ticked or too_many, help=words
        )
        drop = tr("Asks before it deletes.")
        if st.button(tr("Delete the ticked …"), icon=":material/delete:", disabled=not ticked, help=drop):
            confirm_delete(ticked)
    if show_ticked:
        go("train", run=",".join(run.id for run in ticked))
