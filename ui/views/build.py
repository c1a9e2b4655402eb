"""Build: choose a model and what it learns, and see what it can know before a single step."""

from __future__ import annotations

import streamlit as st

from core.data.contract import TextError
from core.describe import describe
from core.fields import SpecError
from core.runs.failures import StoreError
from core.runs.measured import measured
from core.spec import Experiment
from ui import backend, state
from ui.panels import choices
from ui.panels.checkpoint import offer_look
from ui.panels.conflict import show_conflict, show_leak
from ui.panels.data_builder import choose_data, show_examples
from ui.panels.foresight import show_costs, show_functions, show_limits, show_parts, show_sight
from ui.panels.launch import launch
from ui.panels.model_builder import choose_model
from ui.panels.opened import glimpse
from ui.panels.presets import begin_from, counterpart
from ui.panels.share import show_share
from ui.panels.tokens import show_tokens
from ui.panels.train_builder import choose_objective, choose_training
from ui.places import go
from ui.words import tr


def show() -> None:
    st.title(tr("Build"))
    st.markdown(
        tr("Choose a model and what it reads. What it can know, costs and may see is worked out before it is trained.")
    )
    damaged = choices.take_link()
    if damaged:
        st.error(damaged, icon=":material/link_off:")
    begin_from()
    chosen, ahead = st.columns([5, 7], gap="large")
    with chosen:
        places = choose()
    experiment, problem = choices.settle()
    if problem is not None:
        with places.get(problem.name.partition(".")[0], places["model"]):
            show_conflict(problem)
    else:
        with places["objective"]:
            show_leak(experiment)
    with ahead:
        foresee(experiment, problem)


def choose() -> dict[str, st.delta_generator.DeltaGenerator]:
    """All choices; gives back, by part of the experiment, the place where a conflict is told."""
    places = {}
    for part, title, ask in (
        ("data", tr("1 · What it reads"), choose_data),
        ("model", tr("2 · The model"), choose_model),
        ("objective", tr("3 · How it learns"), choose_objective),
        ("train", "", choose_training),
    ):
        if title:
            st.subheader(title)
        ask()
        places[part] = st.container()
    return places


def foresee(experiment: Experiment, problem: SpecError | None) -> None:
    """Everything that is known before a step, and the buttons."""
    st.subheader(tr("4 · Before a single step"))
    try:
        with st.spinner(tr("Reading the text …")):
            seen = glimpse(experiment.data, experiment.model.checkpoint)
    except (TextError, StoreError) as error:
        st.error(tr(str(error)), icon=":material/error:")
        return
    told = describe(experiment, len(seen.words), len(seen.classes), measured(backend.store()), source_words=seen.reads)
    if problem is not None:
        st.caption(tr("Shown as it would be with what is offered on the left."))
    show_limits(told, experiment, seen.words)
    act(experiment, blocked=problem is not None)
    show_costs(told, experiment)
    show_examples(seen, experiment)
    show_tokens(experiment)
    show_sight(experiment, seen, state.recall("build example", 0))
    show_parts(told)
    show_functions(experiment)


def act(experiment: Experiment, blocked: bool) -> None:
    """Train it, train its counterpart beside it, share it."""
    other = counterpart(experiment)
    label, words = (
        tr("Train it, and left to right beside it"),
        tr("Also trains the same model reading left to right, to compare."),
    )
    if other.model.two_way:
        label, words = (
            tr("Train it, and both ways beside it"),
            tr("Also trains the same model reading both ways, to compare."),
        )
    both = False
    with st.container(horizontal=True, vertical_alignment="center"):
        opens = tr("Starts a run and opens its curves.")
        alone = st.button(tr("Train it"), type="primary", icon=":material/play_arrow:", disabled=blocked, help=opens)
        if not experiment.model.checkpoint:  # which can't read in another way
            both = st.button(label, disabled=blocked, help=words)
        show_share(experiment)
    offer_look(experiment, blocked)
    if alone or both:
        try:
            ids = launch([experiment, other] if both else [experiment])
        except (StoreError, TextError) as error:
            st.error(tr(str(error)))
            return
        go("train", run=",".join(ids))
