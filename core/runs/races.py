"""Races under way: which run comes next, and who may stop it.

A race is carried on by `advance` alone, which the runner calls whenever a run ends and when it starts: so it goes on
with no page open, after a restart and after a crash. What is to be done follows from the race and its runs; ids of
runs follow from the race, so that however many servers advance it at once, each run is there once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.fields import SpecError
from core.runs.failures import NoSuchRun
from core.runs.race_spec import FACTORS, RACE, SWEEP, Entry, RaceSpec, race_from_json, race_with
from core.runs.race_store import (
    Race,
    add_runs,
    close_race,
    end_race,
    find_race,
    keep_race,
    last_events,
    mark_stopped,
    owned_race,
    race,
    races,
    races_under_way,
    rename_race,
)
from core.runs.store import ENDED, Run, Store
from core.runs.worker import HALTS
from core.spec import Experiment

if TYPE_CHECKING:
    from core.runs.local import Runner

__all__ = [
    "FACTORS", "RACE", "SWEEP", "Cell", "Entry", "Race", "RaceSpec", "SpecError", "advance", "begin", "cells", "chosen",
    "delete", "find_race", "race", "race_from_json", "race_with", "races", "races_under_way", "rename_race",
    "stop_all", "stop_strategy",
]  # fmt: skip
SENT_AWAY = HALTS["leave"][1]  # what a run says whose worker was asked to end, as when a machine shuts down


@dataclass(frozen=True)
class Cell:
    """One run of a race, there or yet to come. `rate` None: not chosen yet."""

    entry: Entry
    stage: str
    seed: int
    rate: float | None
    id: str
    run: Run | None = None

    @property
    def status(self) -> str:
        return self.run.status if self.run else "to come"

    @property
    def over(self) -> bool:
        return self.run is not None and self.run.status in ENDED


def begin(store: Store, runner: Runner, spec: RaceSpec, owner: str, title: str = "") -> str:
    """Keep a new race, queue its first runs and return its id. Raises QueueFull as a new run would."""
    runner.check_room(owner)
    race_id = keep_race(store, spec, owner, title)
    advance(store, race_id)
    runner.look()
    return race_id


def cells(store: Store, of: Race) -> tuple[Cell, ...]:
    """All runs of a race, the sweep first, as far as they are there."""
    there = store.cells(of.id)
    planned = tuple(_all(of, there))
    rates = {one.entry.key: one.run.experiment.train.learning_rate for one in planned if one.run and one.stage == RACE}
    return tuple(replace(one, rate=one.rate or rates.get(one.entry.key)) for one in planned)


def _all(of: Race, there: Mapping[str, Run]) -> Iterator[Cell]:
    spec = of.spec
    rates = spec.all_rates
    most = max(map(len, rates.values()))
    for place in range(most if most > 1 else 0):
        for entry in spec.strategies:
            tried = rates[entry.key]
            if len(tried) > 1 and place < len(tried):
                yield _cell(of, there, entry, SWEEP, spec.seed_numbers()[0], tried[place])
    for seed in spec.seed_numbers():
        for entry in spec.strategies:
            tried = rates[entry.key]
            yield _cell(of, there, entry, RACE, seed, tried[0] if len(tried) == 1 else None)


def _cell(of: Race, there: Mapping[str, Run], entry: Entry, stage: str, seed: int, rate: float | None) -> Cell:
    name = f"{of.id}|{entry.key}|{stage}|{seed}|{rate if stage == SWEEP else ''}"
    run_id = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Cell(entry, stage, seed, rate, run_id, there.get(run_id))


# Carrying on


def advance(store: Store, race_id: str) -> bool:
    """Do what can be done now: queue what is next, send lost runs on, end the race. True while it is under way."""
    of = find_race(store, race_id)
    if of is None:
        close_race(store, race_id)
    if of is None or not of.under_way:
        return False
    try:
        there = tuple(_all(of, store.cells(of.id)))
        if _send_on(store, there):
            return True
        wanted = list(_next(store, of, there))
        if wanted:
            add_runs(store, of, [(cell.id, cell.stage, _experiment(of, cell)) for cell in wanted])
        elif all(cell.over or (cell.run is None and _given_up(of, there, cell)) for cell in there):
            return not end_race(store, of)
    except NoSuchRun:  # it was deleted meanwhile
        return False
    return True


def _experiment(of: Race, cell: Cell) -> Experiment:
    assert cell.rate
    return of.spec.experiment(cell.entry, cell.stage, cell.rate, cell.seed)


def _next(store: Store, of: Race, there: tuple[Cell, ...]) -> Iterator[Cell]:
    """The runs that can begin now and aren't there yet."""
    ready = {entry.key for entry in of.spec.strategies if entry.key not in of.stopped}
    missing = [cell for cell in there if cell.run is None and cell.entry.key in ready]
    asked = any(cell.rate is None and _swept(there, cell.entry) for cell in missing)
    best = chosen(store, of, there) if asked else {}
    for cell in missing:
        if rate := cell.rate or best.get(cell.entry.key):
            yield replace(cell, rate=rate)


def _swept(there: tuple[Cell, ...], entry: Entry) -> bool:
    """Is an entry's sweep over?"""
    return all(cell.over for cell in there if cell.stage == SWEEP and cell.entry.key == entry.key)


def _given_up(of: Race, there: tuple[Cell, ...], cell: Cell) -> bool:
    """Will a run that isn't there never come? Its entry was stopped, or no learning rate worked."""
    return cell.entry.key in of.stopped or (cell.rate is None and _swept(there, cell.entry))


def _send_on(store: Store, there: tuple[Cell, ...]) -> int:
    """A run whose worker was sent away waits for another one; so does one whose worker died, once. How many did?"""
    sent = 0
    for run in (cell.run for cell in there):
        if run and not run.holder:
            died = run.status == "crashed" and run.started and run.queued == run.created
            if died or (run.status == "paused" and run.message == SENT_AWAY):
                sent += store.enqueue(run.id)
    return sent


# The sweep


def chosen(store: Store, of: Race, there: tuple[Cell, ...]) -> dict[str, float | None]:
    """Each entry's learning rate once its sweep is over: the best by `validation`; None where none came to an end."""
    told = last_events(store, of.id)
    found: dict[str, float | None] = {}
    for entry in of.spec.strategies:
        tried = [cell for cell in there if cell.stage == SWEEP and cell.entry.key == entry.key]
        if tried and _swept(there, entry):
            found[entry.key] = best_rate({cell.rate or 0.0: validation(told.get(cell.id, {})) for cell in tried})
    return found


def best_rate(scores: Mapping[float, float | None]) -> float | None:
    """The learning rate with the best score, of equals the smallest; None where none has one."""
    known = {rate: score for rate, score in scores.items() if score is not None}
    return min(known, key=lambda rate: (-known[rate], rate), default=None)


def validation(event: Mapping[str, Any]) -> float | None:
    """What a finished run scored on validation data, which neither trains nor tests; None of one that didn't finish."""
    if event.get("kind") != "finished":
        return None
    metrics = event["metrics"]
    return score(metrics.get("validation", metrics["held_out"]))


def score(metrics: Mapping[str, float]) -> float:
    """What strategies are compared by, 0…1: F1 where it was measured, else the share of right answers."""
    return next(metrics[name] for name in ("f1", "accuracy") if name in metrics)


# Control


def stop_all(store: Store, runner: Runner, race_id: str, owner: str) -> None:
    """Stop a race: nothing more begins, what runs stops at its next step."""
    of = owned_race(store, race_id, owner)
    _stop(store, runner, of, [entry.key for entry in of.spec.strategies])


def stop_strategy(store: Store, runner: Runner, race_id: str, key: str, owner: str) -> None:
    """Stop one entry of a race; the others go on."""
    _stop(store, runner, owned_race(store, race_id, owner), [key])


def _stop(store: Store, runner: Runner, of: Race, keys: list[str]) -> None:
    mark_stopped(store, of.id, keys)
    for cell in _all(of, store.cells(of.id)):
        if cell.entry.key in keys and cell.run and not cell.over:
            runner.cancel(cell.run.id, owner=of.owner)
    advance(store, of.id)
    runner.look()


def delete(store: Store, race_id: str, owner: str) -> None:
    """Delete a race of one's own with all its runs; workers that are at it notice and end."""
    owned_race(store, race_id, owner)
    store.forget([], race_id)  # from here on nobody adds a run
    store.forget(list(store.cells(race_id)))
