"""A race as it goes: one lane for each strategy, side by side, and who may stop what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.runs.history import history
from core.runs.race_plan import left
from core.runs.races import (
    RACE,
    SWEEP,
    Cell,
    Entry,
    Race,
    cells,
    delete,
    find_race,
    races,
    score,
    stop_all,
    stop_strategy,
)
from core.tuning.registry import STRATEGIES
from ui import backend, state
from ui.canvas.sentence import Row, show_sentences
from ui.charts.lanes import Lane, Seed, lane_option, shared_axes
from ui.charts.palette import OF_STRATEGY
from ui.panels.amounts import duration, percent
from ui.panels.attempt import attempt
from ui.panels.naming import plain
from ui.panels.polling import SLOWLY
from ui.panels.tune_launch import seeds_of
from ui.panels.tune_start import TARGETS, ceiling_of_task, chance_of
from ui.panels.words_of_run import ago
from ui.words import tr

ACROSS = 3
LANE_HEIGHT = 300
MORE_SIGNS = ("star", "hexagon", "cross")  # of a strategy that races again
RECENT = 8  # own races that are offered
TROUBLE = ("failed", "crashed", "stopped")


@dataclass(frozen=True)
class Running:
    """A race with its cells, as they are now."""

    race: Race
    cells: tuple[Cell, ...]

    def of(self, entry: Entry, stage: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.entry.key == entry.key and cell.stage == stage]

    @property
    def mine(self) -> bool:
        return self.race.owner == state.owner()


def running(race_id: str) -> Running | None:
    of = find_race(backend.store(), race_id)
    return None if of is None else Running(of, cells(backend.store(), of))


def titles(entries: Sequence[Entry]) -> dict[str, str]:
    """A name for each entry by its key; its own settings are told where a strategy races twice."""
    names = [entry.strategy for entry in entries]
    found = {}
    for entry in entries:
        title = tr(STRATEGIES[entry.strategy].title)
        own = tr(", ").join(f"{name} {value}" for name, value in entry.settings)
        twice = names.count(entry.strategy) > 1 and own
        found[entry.key] = tr("{name} ({settings})", name=title, settings=own) if twice else title
    return found


def looks(entries: Sequence[Entry]) -> dict[str, tuple[str, str]]:
    """(colour, sign) of each entry by its key: its strategy's; another sign where a strategy races again."""
    found: dict[str, tuple[str, str]] = {}
    for entry in entries:
        colour, sign = OF_STRATEGY[entry.strategy]
        before = sum(one.strategy == entry.strategy for one in entries[: len(found)])
        found[entry.key] = (colour, MORE_SIGNS[(before - 1) % len(MORE_SIGNS)] if before else sign)
    return found


def draw_race(race_id: str) -> float | None:
    """Progress and lanes. Says when to draw again; None once the race is over."""
    now = running(race_id)
    if now is None:
        return None
    progress(now)
    entries = now.race.spec.strategies
    lanes = [lane_of(now, entry) for entry in entries]
    low, most = shared_axes(lanes)
    for first in range(0, len(entries), ACROSS):
        row = list(zip(entries, lanes, strict=True))[first : first + ACROSS]
        for column, (entry, lane) in zip(st.columns(ACROSS), row, strict=False):
            with column, st.container(border=True, gap="xsmall"):
                show_lane(now, entry, lane_option(lane, low, most))
    return SLOWLY if now.race.under_way else None


def progress(now: Running) -> None:
    """How far the whole race is, and how long it may still take."""
    if not now.race.under_way:
        return
    rest = left(backend.store(), now.race, backend.runner().capacity().workers)
    done = sum(cell.run.step / max(1, cell.run.steps) for cell in now.cells if cell.run) / max(1, len(now.cells))
    words = tr(
        "{done} of {all} runs are done · about {time} left", done=rest.over, all=rest.runs, time=duration(rest.seconds)
    )
    st.progress(min(1.0, done), words)


def lane_of(now: Running, entry: Entry) -> Lane:
    """What is drawn of a strategy: its seeds once there are some, until then the learning rates that it tries."""
    raced = [cell for cell in now.of(entry, RACE) if cell.run and cell.run.started]
    shown = raced or [cell for cell in now.of(entry, SWEEP) if cell.run and cell.run.started]
    base = now.race.spec.base
    seeds = [seed_of(cell) for cell in shown]
    steps = max((cell.run.steps for cell in shown if cell.run), default=0)
    f1 = any("f1" in one["held_out"] for cell in shown for one in history(backend.store(), cell.id).evaluations[-1:])
    return Lane(
        tr(STRATEGIES[entry.strategy].title),
        OF_STRATEGY[entry.strategy][0],
        seeds,
        steps,
        None if f1 else ceiling_of_task(base),
        0.0 if f1 else chance_of(base),
        "F1" if f1 else "right",
        bool(raced),
    )


def seed_of(cell: Cell) -> Seed:
    """One run's curves."""
    told = history(backend.store(), cell.id)
    name = tr("seed {n}", n=cell.seed) if cell.stage == RACE else tr("rate {rate}", rate=f"{cell.rate:g}")
    tested = [one["step"] for one in told.evaluations]
    return Seed(name, tested, [score(one["held_out"]) for one in told.evaluations], told.steps, told.losses)


def show_lane(now: Running, entry: Entry, option: dict[str, Any]) -> None:
    """Name, where it stands, the curves, and a button to stop it."""
    show_sentences(
        [Row(titles(now.race.spec.strategies)[entry.key], [], OF_STRATEGY[entry.strategy][0])],
        key=f"lane-name-{entry.key}",
    )
    st.markdown(f":small[{standing(now, entry)}]")
    st.echarts_chart(option, key=f"lane-{entry.key}", height=LANE_HEIGHT)
    going = any(not cell.over for cell in (*now.of(entry, SWEEP), *now.of(entry, RACE)))
    if now.mine and now.race.under_way and going and entry.key not in now.race.stopped:
        st.button(
            tr("Stop this one"),
            icon=":material/stop:",
            key=f"stop-{entry.key}",
            type="tertiary",
            help=tr("No further run of this strategy; the others go on."),
            on_click=_stop_one,
            args=(now.race.id, entry.key),
        )


def standing(now: Running, entry: Entry) -> str:
    """One line on where a strategy is."""
    swept, raced = now.of(entry, SWEEP), now.of(entry, RACE)
    if trouble := next((cell.run for cell in (*swept, *raced) if cell.run and cell.run.status in TROUBLE), None):
        if entry.key in now.race.stopped:
            return tr("Stopped.")
        return f":red[{plain(tr(trouble.message)) or tr('A run of it ended early.')}]"
    ended = [cell for cell in raced if cell.over]
    if len(ended) == len(raced):
        means = [seed_of(cell).scores[-1] for cell in ended if seed_of(cell).scores]
        mean = sum(means) / len(means) if means else None
        rate = None if raced[0].rate is None else f"{raced[0].rate:g}"
        parts = {"mean": percent(mean), "seeds": seeds_of(len(ended))}
        if rate is None:
            return tr("**{mean}**, mean of {seeds}", **parts)
        return tr("**{mean}**, mean of {seeds}, learning rate {rate}", **parts, rate=rate)
    if swept and any(not cell.over for cell in swept):
        if not any(cell.run for cell in swept):
            return tr("Waiting")
        begun = sum(cell.over for cell in swept)
        return tr("Trying learning rates: {done} of {all} done", done=begun, all=len(swept))
    at = sum(cell.run.step / max(1, cell.run.steps) for cell in raced if cell.run) / max(1, len(raced))
    if not at:
        return tr("Its seeds come next")
    done, share = len(ended), percent(at, 0)
    return tr("Seeds: {done} of {all} done, {share} of all steps", done=done, all=len(raced), share=share)


def controls(now: Running) -> None:
    """Stop everything, or go back to the choice; whoever only looks is told so."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if now.mine and now.race.under_way:
            help = tr("Ends all runs of this race and begins no other. What was measured stays.")
            st.button(tr("Stop all"), icon=":material/stop_circle:", help=help, on_click=_stop, args=(now.race.id,))
        if not now.mine:
            st.caption(tr("View only: this race belongs to someone else."), help=tr("Its owner can stop it."))
        help = tr("Back to the choice of start, task and strategies.")
        st.button(tr("Another race"), icon=":material/replay:", help=help, on_click=leave)
        words = tr("Asks before it deletes.")
        if now.mine and st.button(tr("Delete …"), icon=":material/delete:", type="tertiary", help=words):
            st.dialog(tr("Delete this race?"))(confirm_delete)(now)


def confirm_delete(now: Running) -> None:
    """Deleting can't be undone, so it is asked."""
    st.markdown(
        tr(
            "All {n} runs of “{name}” go with their measurements and weights. This can't be undone, and its link stops "
            "working.",
            n=len(now.cells),
            name=plain(heading(now.race)),
        )
    )
    words = tr("Deletes this race and its runs.")
    if st.button(
        tr("Delete for good"), type="primary", icon=":material/delete:", help=words, on_click=_delete, args=(now,)
    ):
        st.rerun()


def _delete(now: Running) -> None:
    if attempt(partial(delete, backend.store(), now.race.id, state.owner())):
        leave()


def earlier() -> None:
    """Own races, to look at again."""
    mine = races(backend.store(), state.owner())[:RECENT]
    if not mine:
        return
    with st.expander(tr("Your races"), icon=":material/history:", key="tune-earlier"):
        for one in mine:
            parts = {"task": heading(one), "names": tr(", ").join(titles(one.spec.strategies).values())}
            label = (
                tr("{task}: {names} · under way, {ago}", **parts, ago=ago(one.created))
                if one.under_way
                else tr("{task}: {names} · over, {ago}", **parts, ago=ago(one.created))
            )
            words = tr("Opens this race.")
            st.button(label, key=f"race-{one.id}", type="tertiary", help=words, on_click=open_race, args=(one.id,))


def heading(of: Race) -> str:
    """What a race is run for."""
    base = of.spec.base
    target = str(getattr(base.data.settings, "question", base.data.task))
    title, _ = TARGETS.get(target, (target, ""))
    if not base.tune.labels:
        return tr(title)
    return tr("{task}, {n} labelled sentences", task=tr(title), n=f"{base.tune.labels:,}")


def open_race(race_id: str) -> None:
    state.set_param("race", race_id)


def leave() -> None:
    state.set_param("race", None)


def _stop(race_id: str) -> None:
    attempt(partial(stop_all, backend.store(), backend.runner(), race_id, state.owner()))


def _stop_one(race_id: str, key: str) -> None:
    attempt(partial(stop_strategy, backend.store(), backend.runner(), race_id, key, state.owner()))
