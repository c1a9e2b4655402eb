"""How many runs a race takes and how long that may be: said before it is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.fields import SpecError, settings_of
from core.hub import CheckpointError
from core.runs.failures import StoreError
from core.runs.race_plan import planned
from core.runs.races import FACTORS, Entry, RaceSpec, begin
from core.spec import Experiment, TrainSpec
from core.tuning.registry import STRATEGIES
from ui import backend, state
from ui.panels.amounts import duration
from ui.panels.controls import control
from ui.panels.naming import plain
from ui.words import later, tr

MOST_SEEDS = 10
OPEN = ("steps", "batch", "seed")
TRIED = {
    True: later("Try 3 learning rates for each first"),
    False: later("Take each strategy’s usual learning rate"),
}


def choose_and_start(base: Experiment, entries: Sequence[Entry]) -> None:
    """Seeds, sweep, and the button."""
    left, right = st.columns(2, gap="large")
    with left:
        seeds = st.slider(
            tr("Seeds"),
            1,
            MOST_SEEDS,
            3,
            key="tune-seeds",
            persist_state="session",
            help=tr(
                "Each strategy runs this often, with other labelled sentences and another new head each time. With "
                "one seed nothing can be said about differences; the more, the smaller the differences that show."
            ),
        )
    with right:
        sweep = st.segmented_control(
            tr("Learning rates"),
            list(TRIED),
            default=True,
            format_func=lambda tried: tr(TRIED[tried]),
            required=True,
            key="tune-sweep",
            persist_state="session",
            wrap=True,
            help=tr(
                "Fair: each strategy gets the rate that suits it on validation sentences, which neither train nor "
                "test. Without it there are fewer runs."
            ),
        )
    spec = _race(base, entries, seeds, bool(sweep))
    if spec is not None:
        offer(spec)


def _race(base: Experiment, entries: Sequence[Entry], seeds: int, sweep: bool) -> RaceSpec | None:
    """The race, with the settings that are opened on request; None, and why, where it can't be."""
    more = _open_settings(base)
    try:
        return RaceSpec(base.with_(more), tuple(entries), seeds, FACTORS if sweep else ())
    except SpecError as error:
        strategy = STRATEGIES.get(str(error.value).split(" ")[0])
        why = plain(tr(error.reason))
        said = tr("{name}: {value}", name=f"**{tr(strategy.title)}**", value=why) if strategy else why
        st.error(said, icon=":material/conversion_path:")
        return None


def offer(spec: RaceSpec) -> None:
    """What the race takes, and the button."""
    try:
        st.markdown(told(spec))
    except (TextError, StoreError, CheckpointError, SpecError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return
    help = tr("Starts all runs on this machine. The race goes on when you close this page; its link finds it again.")
    if st.button(tr("Start the race"), type="primary", icon=":material/play_arrow:", help=help):
        _start(spec)


def _open_settings(base: Experiment) -> dict[str, Any]:
    """Steps, batch and first seed, on request."""
    full = base.resolved().train
    more: dict[str, Any] = {}
    with st.expander(tr("Open every setting"), icon=":material/tune:", key="tune-open", on_change="rerun") as opened:
        if not opened.open:
            return dict(state.recall("tune train", {}))
        kept = state.recall("tune train", {})
        about = {one.name: (one, told) for one, told in settings_of(TrainSpec)}
        for column, name in zip(st.columns(len(OPEN)), OPEN, strict=True):
            with column:
                usual = getattr(full, name)
                value = control(*about[name], kept.get(f"train.{name}", usual), f"tune-train-{name}")
                if value is not None and value != usual:
                    more[f"train.{name}"] = value
    state.remember("tune train", more)
    return more


def told(spec: RaceSpec) -> str:
    """The number of runs and the time that they may take; Markdown."""
    workers = backend.runner().capacity().workers
    before = planned(backend.store(), spec, workers)
    parts = {
        "strategies": strategies_of(len(spec.strategies)),
        "seeds": seeds_of(spec.seeds),
        "raced": runs_of(before.runs - before.sweep_runs),
        "tried": before.sweep_runs,
        "workers": workers,
        "time": tr("at least {time}" if before.low else "about {time}", time=f"**{duration(before.seconds)}**"),
        "reason": tr(before.reason),
        "all": before.runs,
    }
    if before.sweep_runs:
        return tr(
            "{strategies} × {seeds} = {raced}, after {tried} short runs that find the learning rates: **{all} runs**, "
            "{workers} at a time. That takes {time} if nothing else runs ({reason}).",
            **parts,
        )
    return tr(
        "{strategies} × {seeds} = {raced}, {workers} at a time. That takes {time} if nothing else runs ({reason}).",
        **parts,
    )


def strategies_of(n: int) -> str:
    return tr("1 strategy") if n == 1 else tr("{n} strategies", n=n)


def seeds_of(n: int) -> str:
    return tr("1 seed") if n == 1 else tr("{n} seeds", n=n)


def runs_of(n: int) -> str:
    return tr("1 run") if n == 1 else tr("{n} runs", n=n)


def _start(spec: RaceSpec) -> None:
    try:
        race_id = begin(backend.store(), backend.runner(), spec, state.owner())
    except (StoreError, TextError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return
    state.set_param("race", race_id)
    state.remember("tuned", race_id)
    st.rerun()
