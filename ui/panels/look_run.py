"""Which run is looked into, and at which moment of its training."""

from __future__ import annotations

import streamlit as st

from core.runs.history import history
from core.runs.store import Run
from core.tuning.registry import STRATEGIES
from ui import backend, state
from ui.panels.amounts import percent
from ui.panels.naming import plain
from ui.panels.overlay import offered
from ui.panels.polling import SLOWLY
from ui.panels.watched import known_runs
from ui.places import go
from ui.words import tr

RECENT = 12  # own runs that are offered


def choose_run() -> Run | None:
    """A run of the link, or one of one's own; None where there is none."""
    asked = state.shown_runs()
    linked = known_runs(asked)
    if len(linked) < len(asked):
        words = tr("A run of this link can't be found. It may have been deleted by its owner.")
        st.warning(words, icon=":material/link_off:")
    choices = {run.id: run for run in runs_to_look_at()}
    if not choices:
        return None
    chosen = st.selectbox(
        tr("Run"),
        list(choices),
        format_func=lambda run_id: offered(choices[run_id]),
        key="look-run",
        help=tr("The runs of this link first, then your latest."),
    )
    state.show_runs(dict.fromkeys([chosen, *(run.id for run in linked)]))
    state.remember("looked at", chosen)
    return choices[chosen]


def runs_to_look_at() -> list[Run]:
    """Those of the link, the one that was looked at before, and one's own latest."""
    linked = known_runs([*state.shown_runs(), state.recall("looked at", "")])
    return [*linked, *backend.store().runs(state.owner())[:RECENT]]


def await_first(run_id: str) -> float | None:
    """What there is to say while no snapshot is kept; None, so that the page is drawn anew, once that changes."""
    run = backend.store().run(run_id)
    if run is None or backend.store().snapshots(run_id):
        return None
    if run.under_way:
        words = tr("This run has no snapshot yet. The first one is kept as soon as it starts.")
        st.info(words, icon=":material/hourglass:")
        return SLOWLY
    words = tr(run.message) if run.message else tr("This run ended before its first snapshot.")
    st.error(plain(words), icon=":material/error:")
    return None


def standing(run: Run, step: int) -> str:
    """How good the model was at that step, as measured nearest before it."""
    of = f"{run.steps:,}"
    if step == 0 and run.experiment.model.checkpoint:
        if not run.steps:
            return tr("As it came, every weight as the checkpoint has it.")
        return tr("Step 0 of {steps}: as it came, every weight as the checkpoint has it.", steps=of)
    if step == 0 and run.experiment.tune.wanted and not STRATEGIES[run.experiment.tune.strategy].fresh:
        return tr("Step 0 of {steps}: as it was pretrained, before the first step of fine-tuning.", steps=of)
    if step == 0:
        return tr("Step 0 of {steps}: untrained, every weight as it was drawn at random.", steps=of)
    measured = [one for one in history(backend.store(), run.id).evaluations if one["step"] <= step]
    if not measured:
        return tr("Step {step} of {steps}: not yet tested on held-out data.", step=f"{step:,}", steps=of)
    accuracy = percent(measured[-1]["held_out"]["accuracy"])
    if measured[-1]["step"] == step:
        return tr("Step {step} of {steps}: {share} right on held-out data.", step=f"{step:,}", steps=of, share=accuracy)
    return tr(
        "Step {step} of {steps}: {share} right on held-out data (measured at step {when}).",
        step=f"{step:,}",
        steps=of,
        share=accuracy,
        when=f"{measured[-1]['step']:,}",
    )


def no_runs() -> None:
    """Nothing to look into yet: what to do about it."""
    st.markdown(
        tr(
            "Here you look inside a model that you have trained: what its attention reads, where its layers put the "
            "words, and which words can reach which. Nothing has been trained yet."
        )
    )
    with st.container(horizontal=True):
        words = tr("Train two models now"), tr("Half a minute.")
        if st.button(words[0], type="primary", icon=":material/swap_horiz:", help=words[1]):
            go("start")
        words = tr("Build a model"), tr("Choose family, direction, size and data.")
        if st.button(words[0], icon=":material/tune:", help=words[1]):
            go("build")
