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
from ui.panels.presets import PRESETS, counterpart
from ui.panels.share import show_share
from ui.panels.tokens import show_tokens
from ui.panels.train_builder import choose_objective, choose_training
from ui.places import go


def show() -> None:
    st.title("Build")
    st.markdown(
        "Choose a model and what it reads. What it can know, costs and may see is worked out before it is trained."
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


def begin_from() -> None:
    """Presets, back, and start over."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for name, (words, plain) in PRESETS.items():
            st.button(name, help=words, on_click=choices.start, args=(plain,), key=f"preset {name}")
        back = {"on_click": choices.undo, "disabled": not choices.can_undo(), "help": "Takes back your last choice."}
        st.button("Undo", icon=":material/undo:", type="tertiary", **back)
        over = {"on_click": choices.start, "args": ({},), "help": "Back to the defaults; Undo undoes that too."}
        st.button("Start over", icon=":material/restart_alt:", type="tertiary", **over)


def choose() -> dict[str, st.delta_generator.DeltaGenerator]:
    """All choices; gives back, by part of the experiment, the place where a conflict is told."""
    places = {}
    for part, title, ask in (
        ("data", "1 · What it reads", choose_data),
        ("model", "2 · The model", choose_model),
        ("objective", "3 · How it learns", choose_objective),
        ("train", "", choose_training),
    ):
        if title:
            st.subheader(title)
        ask()
        places[part] = st.container()
    return places


def foresee(experiment: Experiment, problem: SpecError | None) -> None:
    """Everything that is known before a step, and the buttons."""
    st.subheader("4 · Before a single step")
    try:
        with st.spinner("Reading the text …"):
            seen = glimpse(experiment.data, experiment.model.checkpoint)
    except (TextError, StoreError) as error:
        st.error(f"{error}", icon=":material/error:")
        return
    told = describe(experiment, len(seen.words), len(seen.classes), measured(backend.store()), source_words=seen.reads)
    if problem is not None:
        st.caption("Shown as it would be with what is offered on the left.")
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
    beside = "both ways" if other.model.two_way else "left to right"
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "Starts a run and opens its curves."
        alone = st.button("Train it", type="primary", icon=":material/play_arrow:", disabled=blocked, help=words)
        words = f"Also trains the same model reading {beside}, to compare."
        both, label = False, f"Train it, and {beside} beside it"
        if not experiment.model.checkpoint:  # which can't read in another way
            both = st.button(label, disabled=blocked, help=words)
        show_share(experiment)
    offer_look(experiment, blocked)
    if alone or both:
        try:
            ids = launch([experiment, other] if both else [experiment])
        except (StoreError, TextError) as error:
            st.error(str(error))
            return
        go("train", run=",".join(ids))
