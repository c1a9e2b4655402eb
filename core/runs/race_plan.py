"""How much a race is before it starts, and how much of it is left: from what runs took on this machine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from core.describe import describe
from core.pace import BACKWARD, Expected, work
from core.runs.beginnings import runs_in
from core.runs.measured import measured
from core.runs.race_spec import RACE, SWEEP, RaceSpec
from core.runs.race_store import Race
from core.runs.races import Cell, cells
from core.runs.store import Store
from core.runs.tables import RUNS
from core.spec import Experiment, from_json

ONLY_READ = {SWEEP: 2_000, RACE: 20_000}  # sentences: of the task, of the pretraining, and before beside after
START_SECONDS = 0.3  # of a worker
LATEST = 120  # finished runs of races that are asked
Pace = tuple[Experiment, float]  # a run of a race that finished, and its seconds from start to end


@dataclass(frozen=True)
class Planned:
    """What a race will take. `seconds` with so many runs at once; `reason` says where they come from.

    `low` True: nothing was trained here yet, so that it takes at least these seconds.
    """

    sweep_runs: int
    runs: int  # of the sweep and of the race
    steps: int
    seconds: float
    reason: str
    low: bool = False


@dataclass(frozen=True)
class Left:
    """How far a race is; `seconds` are those until its end if nothing else runs."""

    over: int
    runs: int
    seconds: float


def planned(store: Store, spec: RaceSpec, workers: int) -> Planned:
    """The numbers of runs and of steps, and about how long they take. Raises TextError where data can't be opened."""
    paces, steps, seconds, guessed = paces_of(store), 0, 0.0, list[Expected]()
    sweep_runs = runs = 0
    for entry in spec.strategies:
        rates = spec.rates_of(entry)
        for stage, n in ((SWEEP, len(rates) if len(rates) > 1 else 0), (RACE, spec.seeds)):
            if n:
                one = spec.experiment(entry, stage, rates[0], spec.base.train.seed)
                took = pace(one, paces)
                if took is None:
                    guessed.append(_estimated(store, one, stage))
                    took = guessed[-1].seconds
                seconds += n * took
                steps, runs = steps + n * (one.train.steps or 0), runs + n
                sweep_runs += n if stage == SWEEP else 0
    reason = guessed[0].reason if guessed else "from runs of earlier races on this machine"
    low = any(one.low for one in guessed)
    return Planned(sweep_runs, runs, steps, seconds / max(1, min(workers, runs)), reason, low)


def left(store: Store, of: Race, workers: int) -> Left:
    """How much of a race is still to be done. Strategies that were stopped take no more time."""
    all_, paces = cells(store, of), paces_of(store)
    waits = [one for one in all_ if not one.over and (one.run or one.entry.key not in of.stopped)]
    seconds = sum(_rest(store, of, one, paces) for one in waits) if of.under_way else 0.0
    return Left(len(all_) - len(waits), len(all_), seconds / max(1, min(workers, len(waits))))


def _rest(store: Store, of: Race, cell: Cell, paces: Iterable[Pace]) -> float:
    rate = cell.rate or of.spec.rates_of(cell.entry)[0]
    one = of.spec.experiment(cell.entry, cell.stage, rate, cell.seed)
    whole = pace(one, paces)
    share = cell.run.step / max(1, cell.run.steps) if cell.run else 0.0
    return (_estimated(store, one, cell.stage).seconds if whole is None else whole) * (1 - share)


def paces_of(store: Store) -> tuple[Pace, ...]:
    """The latest runs of races that finished on this machine."""
    done = (RUNS.c.race != "", RUNS.c.status == "finished", RUNS.c.started.is_not(None))
    query = select(RUNS.c.experiment, RUNS.c.started, RUNS.c.ended).where(*done).order_by(RUNS.c.ended.desc())
    with store.transaction() as connection:
        rows = connection.execute(query.limit(LATEST)).all()
    return tuple((from_json(row.experiment), row.ended - row.started) for row in rows)


def pace(experiment: Experiment, paces: Iterable[Pace]) -> float | None:
    """Seconds of a run, from those of its strategy, data and model that are nearest in length; None where none is."""
    alike = [one for one in paces if _kind(one[0]) == _kind(experiment)]
    if not alike:
        return None
    tokens = max(1.0, work(experiment))
    far = [abs(math.log(max(1.0, work(one)) / tokens)) for one, _ in alike]
    nearest = [pair for pair, distance in zip(alike, far, strict=True) if distance <= min(far) + 0.01]
    return sum(seconds * tokens / max(1.0, work(one)) for one, seconds in nearest) / len(nearest)


def _kind(one: Experiment) -> tuple[object, ...]:
    return one.tune.strategy, one.data.task, one.model, one.tune.start


def _estimated(store: Store, one: Experiment, stage: str) -> Expected:
    """Seconds of a run whose strategy never raced here: those of its training, and of all that is measured of it."""
    told, tokens = (
        describe(one, measured=measured(store), read_text=store.read_text, runs=runs_in(store)),
        max(1.0, work(one)),
    )
    read = ONLY_READ[stage] * one.data.settings.length / BACKWARD
    return replace(told.expected, seconds=START_SECONDS + told.expected.seconds * (tokens + read) / tokens)
