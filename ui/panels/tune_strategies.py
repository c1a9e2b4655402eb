"""Which strategies race: each with its story, its own settings, and a picture of what it touches."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.fields import SpecError, settings_of
from core.parts.tune import STRATEGIES as READS
from core.runs.races import Entry
from core.spec import Experiment, TrainSpec, TuneSpec
from core.starts import Start
from core.tuning.plan import plan
from core.tuning.registry import STRATEGIES
from ui import state
from ui.canvas.sentence import Row, show_sentences
from ui.charts.palette import OF_STRATEGY
from ui.panels.controls import control
from ui.panels.naming import plain
from ui.panels.tune_layers import show_layers
from ui.words import tr

USUAL = ("scratch", "head", "full", "lora", "alternating", "alignment")
ACROSS, TICKS_ACROSS = 3, 2
MOST_COPIES = 3  # of one strategy, beside the first
RATE = next((one, about) for one, about in settings_of(TrainSpec) if one.name == "learning_rate")


def why_not(base: Experiment, start: Start, name: str) -> str:
    """Why this strategy can't be raced from here, in the learner's words; "" where it can."""
    try:
        tuned = base.with_({"tune.strategy": name})
    except SpecError as error:
        return tr(error.reason)
    return tr(STRATEGIES[name].refuses(tuned, start.experiment.objective_name))


def choose(base: Experiment, start: Start) -> list[str]:
    """Tick any number; what this start can't take says why."""
    usual = [name for name in USUAL if name in STRATEGIES]
    others = [name for name in STRATEGIES if name not in usual]
    ticked = set(_tick(base, start, usual))
    with st.expander(tr("{n} more strategies", n=len(others)), icon=":material/add:", key="tune-more"):
        ticked |= set(_tick(base, start, others))
    return [name for name in STRATEGIES if name in ticked]


def _tick(base: Experiment, start: Start, names: list[str]) -> list[str]:
    ticked = []
    for first in range(0, len(names), TICKS_ACROSS):
        row = names[first : first + TICKS_ACROSS]
        for column, name in zip(st.columns(TICKS_ACROSS, gap="medium"), row, strict=False):
            with column, st.container(gap="xxsmall"):
                if _box(name, why_not(base, start, name)):
                    ticked.append(name)
    return ticked


def _box(name: str, problem: str) -> bool:
    """One strategy to tick, with its story, or with the reason why it can't be."""
    strategy = STRATEGIES[name]
    key = f"tune-{name}{' no' if problem else ''}"
    on = st.checkbox(
        tr(strategy.title),
        value=not problem and name in USUAL,
        key=key,
        disabled=bool(problem),
        help=tr("Source: {source}.", source=strategy.source),
        persist_state="session",
    )
    st.caption(f":material/block: {plain(problem)}" if problem else plain(tr(strategy.story)))
    return bool(on) and not problem


def show_chosen(base: Experiment, start: Start, names: list[str], classes: int) -> tuple[Entry, ...] | None:
    """A card for each strategy: its settings and what it touches. None where one of them can't work."""
    cards = [(name, copy) for name in names for copy in range(1 + state.recall(f"tune copies {name}", 0))]
    entries: list[Entry | None] = []
    for first in range(0, len(cards), ACROSS):
        row = cards[first : first + ACROSS]
        for column, (name, copy) in zip(st.columns(ACROSS), row, strict=False):
            with column, st.container(border=True, gap="xsmall"):
                entries.append(_card(base, start, name, copy, classes))
    return None if None in entries else tuple(one for one in entries if one)


def _card(base: Experiment, start: Start, name: str, copy: int, classes: int) -> Entry | None:
    card = f"{name} {copy + 1}" if copy else name
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="stretch"):
            title = tr(STRATEGIES[name].title)
            title = tr("{name} ({n})", name=title, n=copy + 1) if copy else title
            show_sentences([Row(title, [], OF_STRATEGY[name][0])], key=f"tune-name-{card}")
        settings, rate = _settings(base, name, card, copy)
    try:
        tuned = base.with_({"tune.strategy": name, **{f"tune.{one}": value for one, value in settings.items()}})
    except SpecError as error:
        st.error(plain(tr(error.reason)), icon=":material/conversion_path:")
        repairs = {one.removeprefix("tune."): value for one, value in error.works.items() if one.startswith("tune.")}
        about = {"help": tr("Puts a value in place that works."), "on_click": _put, "args": (card, repairs)}
        st.button(tr("Repair"), key=f"tune-repair-{card}", type="primary", **about)
        return None
    show_layers(plan(tuned, len(start.words), classes, start.past), card)
    return Entry(name, tuple(sorted(settings.items())), None if rate is None else (rate,))


def _settings(base: Experiment, name: str, card: str, copy: int) -> tuple[dict[str, Any], float | None]:
    """The strategy's own settings that differ from their defaults, and a learning rate to take as it is."""
    kept, turn = state.recall(f"tune settings {card}", {}), state.recall(f"tune round {card}", 0)
    default = base.with_({"tune.strategy": name, "train.learning_rate": None}).resolved().train.learning_rate
    found: dict[str, Any] = {}
    words = tr("This strategy's own settings. As they are, they work well on the built-in model.")
    with st.popover(tr("Settings"), help=words, key=f"tune-open-{card}", type="tertiary"):
        st.caption(tr("Source: {source}.", source=plain(STRATEGIES[name].source)))
        one, about = RATE
        rate = control(one, about, kept.get("rate"), f"tune-rate-{card}-{turn}", derived=default)
        st.caption(tr("Left as it is, rates around it are tried first. Changed, it is taken as it is."))
        for one, about in settings_of(TuneSpec):
            if one.name in READS[name]:
                value = control(one, about, kept.get(one.name, one.default), f"tune-{card}-{one.name}-{turn}")
                if value != one.default:
                    found[one.name] = value
        _copies(name, copy)
    state.remember(f"tune settings {card}", {**found, **({} if rate is None else {"rate": rate})})
    return found, rate


def _copies(name: str, copy: int) -> None:
    """The same strategy a second time, to compare its settings: a rank, a temperature, a weight."""
    there = state.recall(f"tune copies {name}", 0)
    if not READS[name] or copy != there:
        return
    if there < MOST_COPIES:
        words = tr("Adds this strategy again: give it other settings, and see which are better.")
        label = tr("Race it again with other settings")
        st.button(label, key=f"tune-again-{name}", help=words, **_copied(name, there + 1))
    if copy:
        words = tr("The others stay.")
        st.button(tr("Take this one out"), key=f"tune-out-{name}", help=words, **_copied(name, there - 1))


def _copied(name: str, count: int) -> dict[str, Any]:
    """What a button does that sets how often a strategy races beside the first time."""
    return {"on_click": state.remember, "args": (f"tune copies {name}", count)}


def _put(card: str, values: dict[str, Any]) -> None:
    """Settings in place of what was chosen; the widgets show them."""
    state.remember(f"tune settings {card}", {**state.recall(f"tune settings {card}", {}), **values})
    state.remember(f"tune round {card}", state.recall(f"tune round {card}", 0) + 1)
