"""How fast finished runs went on this machine: what an estimate of the next one's time rests on."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from core.pace import Measured
from core.runs.store import Store
from core.runs.tables import EVENTS, RUNS
from core.spec import from_json

LATEST = 24  # runs that are asked


def measured(store: Store) -> list[Measured]:
    """The latest finished runs of anyone on this machine, newest first: what they were and their tokens per second."""
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
