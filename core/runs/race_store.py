"""Races as the store keeps them: one row each, beside their runs. Every step of a race is one transaction, so that
any number of servers may carry it on at once.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from core.fields import SpecError
from core.runs.failures import NoSuchRun, NotYours
from core.runs.folders import checked
from core.runs.race_spec import RaceSpec, race_from_json
from core.runs.store import Store
from core.runs.tables import EVENTS, RACES, RUNS
from core.spec import Experiment

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Race:
    """One race as the store knows it. Times in seconds since 1970; `stopped` names entries that go no further."""

    id: str
    owner: str
    title: str
    spec: RaceSpec
    created: float
    ended: float | None
    stopped: tuple[str, ...]

    @property
    def under_way(self) -> bool:
        return self.ended is None


@lru_cache(maxsize=64)
def _spec(text: str) -> RaceSpec | None:
    """None where another version kept what this one can't read: that must stop neither lists nor the queue."""
    try:
        return race_from_json(text)
    except SpecError as error:
        LOG.warning("A race can't be read: %s", error)
        return None


def _race(row: Row[Any]) -> Race | None:
    spec = _spec(row.spec)
    about = (row.created, row.ended, tuple(json.loads(row.stopped)))
    return None if spec is None else Race(row.id, row.owner, row.title, spec, *about)


def keep_race(store: Store, spec: RaceSpec, owner: str, title: str) -> str:
    """Keep a new race and return its id."""
    race_id = secrets.token_hex(16)
    row = {"id": race_id, "owner": owner, "title": title[:200], "spec": json.dumps(spec.to_json())}
    with store.transaction() as connection:
        connection.execute(RACES.insert().values(created=time.time(), **row))
    return race_id


def find_race(store: Store, race_id: str) -> Race | None:
    """The race of this id, or None; an id that can't be one gives None too."""
    try:
        query = select(RACES).where(RACES.c.id == checked(race_id))
    except NoSuchRun:
        return None
    with store.transaction() as connection:
        row = connection.execute(query).first()
    return _race(row) if row else None


def race(store: Store, race_id: str) -> Race:
    """The race of this id, or NoSuchRun in words."""
    if (found := find_race(store, race_id)) is None:
        raise NoSuchRun("This race doesn't exist (any more). It may have been deleted by its owner.")
    return found


def owned_race(store: Store, race_id: str, owner: str) -> Race:
    """The race of this id, or NotYours when another learner owns it."""
    found = race(store, race_id)
    if not secrets.compare_digest(found.owner.encode(), owner.encode()):
        raise NotYours("This race belongs to someone else: you can look at it, but not change it.")
    return found


def races(store: Store, owner: str | None) -> list[Race]:
    """A learner's races, newest first; None lists everybody's (the terminal of this machine)."""
    query = select(RACES).order_by(RACES.c.created.desc())
    with store.transaction() as connection:
        rows = connection.execute(query if owner is None else query.where(RACES.c.owner == owner)).all()
    return [one for one in map(_race, rows) if one]


def races_under_way(store: Store) -> list[str]:
    """Ids of races that have something left to do, the oldest first."""
    with store.transaction() as connection:
        query = select(RACES.c.id).where(RACES.c.ended.is_(None))
        return list(connection.execute(query.order_by(RACES.c.created)).scalars())


def rename_race(store: Store, race_id: str, title: str, owner: str) -> None:
    """Give a race of one's own another title."""
    owned_race(store, race_id, owner)
    with store.transaction() as connection:
        connection.execute(update(RACES).where(RACES.c.id == race_id).values(title=title[:200]))


def mark_stopped(store: Store, race_id: str, keys: Iterable[str]) -> None:
    """Entries that go no further: nobody adds a run for them from now on."""
    with store.transaction() as connection:
        connection.execute(update(RACES).where(RACES.c.id == race_id).values(beat=time.time()))  # nobody else writes
        told = connection.execute(select(RACES.c.stopped).where(RACES.c.id == race_id)).scalar()
        stopped = json.dumps(list(dict.fromkeys([*json.loads(told or "[]"), *keys])))
        connection.execute(update(RACES).where(RACES.c.id == race_id).values(stopped=stopped))


def add_runs(store: Store, of: Race, runs: Collection[tuple[str, str, Experiment]]) -> bool:
    """Put runs (id, stage, experiment) into the queue: one whose id is there already stays as it is.

    False, and nothing is added, where the race was deleted or something of it was stopped since `of` was read.
    """
    with store.transaction() as connection:
        if not _still(connection, of):
            return False
        there = set(connection.execute(select(RUNS.c.id).where(RUNS.c.race == of.id)).scalars())
        for run_id, stage, experiment in runs:
            if run_id not in there:
                store.folder(run_id).mkdir(exist_ok=True)
                connection.execute(RUNS.insert().values(_row(of, run_id, stage, experiment)))
    return True


def _row(of: Race, run_id: str, stage: str, experiment: Experiment) -> dict[str, Any]:
    now, body = time.time(), json.dumps(experiment.to_json())
    whose = {"id": run_id, "owner": of.owner, "race": of.id, "stage": stage, "title": of.title}
    return {**whose, "experiment": body, "steps": experiment.resolved().train.steps, "created": now, "queued": now}


def close_race(store: Store, race_id: str) -> None:
    """Nothing is left to do for a race that can't be read."""
    with store.transaction() as connection:
        connection.execute(update(RACES).where(RACES.c.id == race_id).values(ended=time.time()))


def end_race(store: Store, of: Race) -> bool:
    """Note that nothing is left to do; False where something was stopped or deleted since `of` was read."""
    with store.transaction() as connection:
        if not _still(connection, of):
            return False
        connection.execute(update(RACES).where(RACES.c.id == of.id).values(ended=time.time()))
    return True


def _still(connection: Connection, of: Race) -> bool:
    """Is the race as it was read? From here to the end of the transaction nobody else carries it on."""
    same = (RACES.c.id == of.id, RACES.c.stopped == json.dumps(list(of.stopped)), RACES.c.ended.is_(None))
    return bool(connection.execute(update(RACES).where(*same).values(beat=time.time())).rowcount)


def last_events(store: Store, race_id: str) -> dict[str, dict[str, Any]]:
    """The last event of each run of a race that has told anything."""
    runs = select(RUNS.c.id).where(RUNS.c.race == checked(race_id))
    ends = select(func.max(EVENTS.c.seq)).where(EVENTS.c.run.in_(runs)).group_by(EVENTS.c.run)
    with store.transaction() as connection:
        rows = connection.execute(select(EVENTS.c.run, EVENTS.c.body).where(EVENTS.c.seq.in_(ends))).all()
    return {row.run: json.loads(row.body) for row in rows}
