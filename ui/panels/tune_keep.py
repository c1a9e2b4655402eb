"""Taking a race along: its link, its numbers, each cell's weights, and the code of its strategies."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.runs.race_results import cells_csv, steps_csv
from core.runs.racing import in_python
from core.tuning.exported import export_tuned, zipped
from core.tuning.registry import STRATEGIES
from ui import backend
from ui.panels.code import ROOT, show_code
from ui.panels.tune_outcomes import Outcome
from ui.panels.tune_race import Running
from ui.places import go, link_to
from ui.words import tr


def keep(now: Running, found: Sequence[Outcome]) -> None:
    """Look into a cell, take the race along, read the code."""
    st.subheader(tr("Go on from here"))
    look_in(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(tr("**The link of this race.** Who has it sees what you see; only its owner can stop it."))
        st.code(link_to("fine_tune", race=now.race.id), language=None, wrap_lines=True)
    with right:
        st.markdown(tr("**Take it along.**"))
        take(now)
    strategies = dict.fromkeys(entry.strategy for entry in now.race.spec.strategies)
    with st.expander(tr("Show the code"), icon=":material/code:", key="tune-code", on_change="rerun") as opened:
        if opened.open:
            show_code(*(file_of(name) for name in strategies), "core/tuning/loop.py", "core/statistics.py:verdicts")


def file_of(name: str) -> str:
    """The class of a strategy as "file.py:Class"."""
    kind = type(STRATEGIES[name])
    return f"{Path(inspect.getfile(kind)).relative_to(ROOT).as_posix()}:{kind.__name__}"


def look_in(found: Sequence[Outcome]) -> None:
    """One cell, before beside after, on the Look inside page."""
    of = {one.key: one for one in found}
    titles = {key: one.title for key, one in of.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            tr("Strategy"),
            list(of),
            format_func=titles.__getitem__,
            key="tune-look",
            width=260,
            help=tr("Whose model is looked into."),
        )
        one = of[key]
        run = st.selectbox(
            tr("Seed"),
            list(one.runs),
            format_func=dict(zip(one.runs, map(str, one.seeds), strict=True)).__getitem__,
            key=f"tune-look-seed-{key}",
            width=120,
            help=tr("Which of its runs."),
        )
        words = tr("Attention and states of this model; choose “Two at once” there to see it before beside after.")
        if st.button(tr("Look inside"), icon=":material/visibility:", help=words):
            go("look", run=run)
        offer_weights(one, str(run))
        words = tr("Loss, gradients and learning rate of this strategy’s runs.")
        if st.button(tr("See its curves"), icon=":material/monitoring:", help=words):
            go("train", run=",".join(one.runs))


def offer_weights(one: Outcome, run: str) -> None:
    """The chosen model as files; LoRA's change for `peft`, too."""
    steps = backend.store().snapshots(run)
    if not steps:
        return
    words = tr("This model’s weights as safetensors, with the experiment and how to use them.")
    if one.key.startswith("lora"):
        words = tr("{first} {then}", first=words, then=tr("LoRA’s change is in there in the format of `peft`."))
    st.download_button(
        tr("Weights (ZIP)"),
        lambda: zipped(export_tuned(backend.store().snapshot(run, steps[-1]))),
        f"bothways-{one.key.split()[0]}.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        help=words,
    )


def take(now: Running) -> None:
    """Files: the numbers, and the race itself for the terminal."""
    of, store = now.race, backend.store()
    words = tr("A line for each run: what it was, what it cost, and every number of its end.")
    steps = tr("A line for each step of each run: loss, accuracy, gradient norm, learning rate.")
    again = tr("Carries out the same race again, in a terminal: `python race.py`, where Bothways is.")
    plain = tr("For the terminal: `python -m core race race.json`.")
    files: tuple[tuple[str, str, str, Callable[[], str], str], ...] = (
        (tr("Runs (CSV)"), "bothways-race.csv", "text/csv", lambda: cells_csv(store, of), words),
        (tr("Steps (CSV)"), "bothways-race-steps.csv", "text/csv", lambda: steps_csv(store, of), steps),
        (tr("Script (Python)"), "race.py", "text/x-python", lambda: in_python(of), again),
        (tr("Race (JSON)"), "race.json", "application/json", lambda: json.dumps(of.spec.to_json(), indent=2), plain),
    )
    with st.container(horizontal=True):
        for label, name, kind, made, help in files:
            st.download_button(label, made, name, kind, on_click="ignore", icon=":material/download:", help=help)
