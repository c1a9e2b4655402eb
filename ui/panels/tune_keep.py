"""Taking a race along: its link, its numbers, each cell's weights, and the code of its strategies."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.tuning.registry import STRATEGIES
from ui.charts.tables import as_csv
from ui.panels.code import ROOT, show_code
from ui.panels.tune_outcomes import Outcome
from ui.panels.tune_race import Running
from ui.places import go, link_to

HEADER = (
    "strategy", "seed", "learning rate", "score", "shifted score", "pretraining loss before", "pretraining loss after",
    "numbers that learn", "seconds", "peak bytes", "run",
)  # fmt: skip


def keep(now: Running, found: Sequence[Outcome]) -> None:
    """Look into a cell, take the race along, read the code."""
    st.subheader("Go on from here")
    look_in(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**The link of this race.** Who has it sees what you see; only its owner can stop it.")
        st.code(link_to("fine_tune", race=now.race.id), language=None, wrap_lines=True)
    with right:
        st.markdown("**Take it along.**")
        take(now, found)
    strategies = dict.fromkeys(entry.strategy for entry in now.race.spec.strategies)
    with st.expander("Show the code", icon=":material/code:", key="tune-code", on_change="rerun") as opened:
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
            "Strategy",
            list(of),
            format_func=titles.__getitem__,
            key="tune-look",
            width=260,
            help="Whose model is looked into.",
        )
        one = of[key]
        run = st.selectbox(
            "Seed",
            list(one.runs),
            format_func=dict(zip(one.runs, map(str, one.seeds), strict=True)).__getitem__,
            key=f"tune-look-seed-{key}",
            width=120,
            help="Which of its runs.",
        )
        words = "Attention and states of this model; choose “Two at once” there to see it before beside after."
        if st.button("Look inside", icon=":material/visibility:", help=words):
            go("look", run=run)
        words = "Loss, gradients and learning rate of this strategy’s runs."
        if st.button("See its curves", icon=":material/monitoring:", help=words):
            go("train", run=",".join(one.runs))


def take(now: Running, found: Sequence[Outcome]) -> None:
    """Files: the numbers, and the race itself for the terminal."""
    with st.container(horizontal=True):
        st.download_button(
            "Numbers (CSV)",
            lambda: as_csv(HEADER, rows(found)),
            "bothways-race.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
            help="A row for each seed of each strategy.",
        )
        st.download_button(
            "The race (JSON)",
            json.dumps(now.race.spec.to_json(), indent=2, ensure_ascii=False),
            "race.json",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
            help="For `python -m core race race.json`: the same race in a terminal, with the same numbers.",
        )


def rows(found: Sequence[Outcome]) -> list[tuple[Any, ...]]:
    """A row for each seed of each strategy."""
    return [row for one in found for row in _rows(one)]


def _rows(one: Outcome) -> list[tuple[Any, ...]]:
    found = []
    for run, seed, told in zip(one.runs, one.seeds, one.told, strict=True):
        first, last = (told.evaluations[at]["more"].get("pretraining", {}).get("loss", "") for at in (0, -1))
        alone = Outcome(one.key, one.title, one.colour, one.sign, one.rate, (run,), (seed,), (told,))
        shifted = alone.shifted[0] if alone.shifted else ""
        peak = (told.finished or {}).get("peak_bytes") or ""
        measured = (alone.scores[seed], shifted, first, last, one.learning or 0, told.seconds, peak, run)
        found.append((one.title, seed, one.rate or "", *measured))
    return found
