"""How fast runs went on this machine: what an estimate of the next one's time rests on.

Finished runs tell best. Before there are any, the warm parent's first steps do: it times some of each family's default
model when it starts and keeps that in a file, because it never opens the store.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select

from core.pace import Measured
from core.runs.store import Store
from core.runs.tables import EVENTS, RUNS
from core.spec import from_json

LATEST = 24  # runs that are asked
FIRST_STEPS = "first-steps.json"


def measured(store: Store) -> list[Measured]:
    """What went on this machine, and its tokens per second: finished runs of anyone, newest first; else first steps."""
    return _finished(store) or _first_steps(store.home / FIRST_STEPS)


def keep_first_steps(home: Path, timed: Iterable[Measured]) -> None:
    """Write down what was timed, whole or not at all."""
    rows = [[one.experiment.to_json(), one.parameters, one.tokens_per_second, one.device] for one in timed]
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / f"{FIRST_STEPS}.{os.getpid()}"
    unfinished.write_text(json.dumps(rows))
    unfinished.replace(home / FIRST_STEPS)


def _first_steps(file: Path) -> list[Measured]:
    rows = json.loads(file.read_text()) if file.exists() else []
    return [
        Measured(from_json(plain), parameters, speed, device, finished=False)
        for plain, parameters, speed, device in rows
    ]


def _finished(store: Store) -> list[Measured]:
    finished = select(RUNS.c.id, RUNS.c.experiment).where(RUNS.c.status == "finished").order_by(RUNS.c.ended.desc())
    with store._open() as connection:
        experiments = {row.id: row.experiment for row in connection.execute(finished.limit(LATEST))}
        ends = select(func.min(EVENTS.c.seq), func.max(EVENTS.c.seq)).where(EVENTS.c.run.in_(experiments))
        numbers = [seq for pair in connection.execute(ends.group_by(EVENTS.c.run)) for seq in pair]
        told = select(EVENTS.c.run, EVENTS.c.body).where(EVENTS.c.seq.in_(numbers)).order_by(EVENTS.c.seq)
        events = [(row.run, json.loads(row.body)) for row in connection.execute(told)]
    started = {run: event for run, event in events if event["kind"] == "started"}
    ended = {run: event for run, event in events if event["kind"] == "finished"}
    return [
        Measured(from_json(text), started[run]["parameters"], ended[run]["tokens_per_second"], started[run]["device"])
        for run, text in experiments.items()
        if run in started and run in ended
    ]
