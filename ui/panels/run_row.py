"""One run in the list: what it is, how far it came, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.limits import ceiling_of
from core.runs.history import history
from core.runs.store import Run
from ui import backend, state
from ui.panels.amounts import percent
from ui.panels.attempt import attempt
from ui.panels.naming import brief, plain, summary
from ui.panels.polling import SLOWLY, pace, polled
from ui.panels.tune_starts import can_start
from ui.panels.words_of_run import ago, badge
from ui.places import go, link_to
from ui.words import later, tr

MOST_TITLE = 80  # letters
CURVES = (later("Curves"), ":material/monitoring:", later("Open this run in Train."))  # items of a run's menu
LOOK = (later("Look inside"), ":material/visibility:", later("See what it attends to and knows."))
TUNE = (later("Fine-tune"), ":material/model_training:", later("Teach this model a task."))
RESUME = (later("Resume"), ":material/replay:", later("Train on from its last snapshot."))
DELETE = (later("Delete …"), ":material/delete:", later("Asks before it deletes."))


def tick(run: Run) -> str:
    return f"tick-{run.id}"


def selected(runs: Sequence[Run]) -> list[Run]:
    """The runs that are ticked."""
    return [run for run in runs if state.widget(tick(run))]


def draw_row(run: Run) -> None:
    """Two lines and a menu; reads well on a phone."""
    with st.container(border=True, gap="xsmall", key=f"row-{run.id}"):
        name = plain(run.title or brief(run.experiment))
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
            st.checkbox(
                tr("Tick this run"), key=tick(run), persist_state="session", label_visibility="collapsed", width=28
            )
            st.markdown(f"**{name}**", width="stretch")
            menu(run)
        polled(partial(draw_standing, run), pace([run], SLOWLY))


def draw_standing(before: Run) -> float | None:
    """How far the run is by now. Says when to draw again."""
    run = backend.store().run(before.id)
    if run is None:  # deleted in another tab
        return None
    st.markdown(f"{badge(run.status)} {result(run)}")
    steps = tr("{step} of {steps} steps", step=f"{run.step:,}", steps=f"{run.steps:,}")
    st.caption(f"{plain(summary(run.experiment))} · {steps} · {ago(run.created)}")
    return pace([run], SLOWLY)


def result(run: Run) -> str:
    """The last held-out accuracy beside the ceiling."""
    evaluations = history(backend.store(), run.id).evaluations
    if not evaluations:
        return plain(tr(run.message)) or tr("nothing measured yet")
    ceiling = ceiling_of(run.experiment)
    line = "" if ceiling is None else " · " + tr("ceiling {share}", share=percent(ceiling))
    right = percent(evaluations[-1]["held_out"]["accuracy"])
    return tr("**{right}** right on held-out data", right=right) + line


def menu(run: Run) -> None:
    """Everything that can be done with one run."""
    words = tr("Open, share, rename, go on or delete.")
    with st.popover(tr("Menu"), type="tertiary", help=words, key=f"menu-{run.id}"):
        if _item(run, CURVES):
            go("train", run=run.id)
        if _item(run, LOOK):
            go("look", run=run.id)
        if can_start(run) and _item(run, TUNE):
            go("fine_tune", start=f"run:{run.id}")
        if run.resumable and _item(run, RESUME):
            resume(run)
        share(run)
        rename(run)
        if _item(run, DELETE):
            confirm_delete([run])


def _item(run: Run, item: tuple[str, str, str]) -> bool:
    label, icon, words = item
    return st.button(tr(label), icon=icon, key=f"{label}-{run.id}", help=tr(words), width="stretch")


def share(run: Run) -> None:
    words = tr("The link shows the run live, without controls.")
    st.caption(tr("Share: others can look, only you can change."), help=words)
    st.code(link_to("train", run=run.id), language=None, wrap_lines=True)


def rename(run: Run) -> None:
    key = f"title-{run.id}"
    st.text_input(
        tr("Title"),
        run.title,
        max_chars=MOST_TITLE,
        placeholder=tr("A name of your own"),
        key=key,
        help=tr("Press Enter to keep it."),
        on_change=_rename,
        args=(run.id, key),
    )


def _rename(run_id: str, key: str) -> None:
    title = str(state.widget(key, "")).strip()[:MOST_TITLE]
    attempt(partial(backend.store().rename, run_id, title, state.owner()))


def resume(run: Run) -> None:
    if attempt(partial(backend.runner().resume, run.id, owner=state.owner())):
        go("train", run=run.id)


def confirm_delete(runs: Sequence[Run]) -> None:
    """Deleting can't be undone, so it is asked."""
    st.dialog(tr("Delete?"))(_confirm)(runs)


def _confirm(runs: Sequence[Run]) -> None:
    for run in runs:
        name = plain(run.title or summary(run.experiment))
        st.markdown("- " + tr("{run}, {ago}", run=name, ago=ago(run.created)))
    st.markdown(tr("Measurements and snapshots go with it. This can't be undone, and shared links stop working."))
    if st.button(
        tr("Delete for good"),
        type="primary",
        icon=":material/delete:",
        help=tr("Deletes the runs named above."),
        on_click=_delete,
        args=([run.id for run in runs],),
    ):
        st.rerun()


def _delete(ids: Sequence[str]) -> None:
    for run_id in ids:
        attempt(partial(backend.store().delete, run_id, state.owner()))
