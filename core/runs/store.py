"""Everything that is known of runs: one database and one folder, read and written by many processes at once.

Who has a run's id may read it; only its owner may control, rename or delete it, so those methods ask for the owner.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from core.data.contract import TextError
from core.runs.failures import NoSuchRun, NotYours, StoreError, plainly
from core.runs.folders import Folders, checked
from core.runs.progress import Progress
from core.runs.tables import EVENTS, RACES, RUNS, SIGNALS, open_database
from core.runs.texts import REFERENCE, Texts
from core.shelf import default_home
from core.spec import Experiment, from_json

UNDER_WAY = ("queued", "running", "paused")
ENDED = ("finished", "stopped", "failed", "crashed")
SIGNAL_NAMES = ("pause", "resume", "step", "stop", "learning-rate", "release")
KEEP_RUNS = 60  # of each learner; the oldest ended ones beyond it are deleted
KEEP_BYTES = 4_000_000_000  # snapshots of all learners together; the oldest ended runs beyond it are deleted


@dataclass(frozen=True)
class Run:
    """One run as the store knows it. Times in seconds since 1970; `holder` names the worker that carries it out."""

    id: str
    owner: str
    title: str
    experiment: Experiment
    status: str  # queued | running | paused | finished | stopped | failed | crashed
    created: float
    started: float | None
    ended: float | None
    step: int
    steps: int
    message: str
    holder: str
    queued: float | None
    race: str = ""  # the race that it is a cell of
    stage: str = ""  # of that race: "sweep" or "race"

    @property
    def under_way(self) -> bool:
        """Waiting, running or paused: something may still happen."""
        return self.status in UNDER_WAY

    @property
    def resumable(self) -> bool:
        """Can it go on in a new worker, from its last snapshot?"""
        return self.status in ("stopped", "failed", "crashed") or (self.status == "paused" and not self.holder)


@lru_cache(maxsize=512)
def _experiment(text: str) -> Experiment:
    return from_json(text)


def _run(row: Row[Any]) -> Run:
    values = {name: getattr(row, name) for name in Run.__dataclass_fields__ if name != "experiment"}
    return Run(experiment=_experiment(row.experiment), **values)


def _by_race(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Rows of runs by their race, and each other run by itself, in the order of their first one."""
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.race or row.id, []).append(row)
    return groups


def _forgotten(run_id: str) -> Any:
    """`heard` once all signals sent so far count as obeyed, but for a learning rate that was set since."""
    wishes = select(func.coalesce(func.max(SIGNALS.c.seq), 0))
    last = wishes.where(SIGNALS.c.run == run_id, SIGNALS.c.name != "learning-rate").scalar_subquery()
    return case((RUNS.c.heard > last, RUNS.c.heard), else_=last)


class Store(Folders):
    """Runs, their events, signals, snapshots and texts. Safe to use from many threads and processes."""

    def __init__(self, home: Path, url: str | None = None) -> None:
        super().__init__(home)
        self.url = url
        self.texts = Texts(home, self.text_in_use)
        self.progress = Progress(self.transaction)
        with plainly():
            self._engine = open_database(home, url)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; a complaint of the database becomes StoreError in plain words."""
        with plainly(), self._engine.begin() as connection:
            yield connection

    # Runs

    def create(self, experiment: Experiment, owner: str, title: str = "") -> str:
        """Keep a new run, not yet in the queue, and return its id. Makes room by the oldest ended runs.

        Raises TextError when the experiment names a text by anything but `text:<sha256>`: a link never reads a file.
        """
        if (text := experiment.data.own) and not REFERENCE.fullmatch(text):
            raise TextError("Own text must be pasted or uploaded; a file's name can't be used here.")
        run_id = secrets.token_hex(16)
        body = json.dumps(experiment.to_json())
        steps = experiment.resolved().train.steps
        with self.transaction() as connection:
            self.folder(run_id).mkdir()
            row = {"id": run_id, "owner": owner, "title": title, "experiment": body, "steps": steps}
            connection.execute(insert(RUNS).values(created=time.time(), **row))
        self._make_room(owner)
        return run_id

    def run(self, run_id: str) -> Run | None:
        """The run of this id, or None; an id that can't be one gives None too."""
        try:
            query = select(RUNS).where(RUNS.c.id == checked(run_id))
        except NoSuchRun:
            return None
        with self.transaction() as connection:
            row = connection.execute(query).first()
        return _run(row) if row else None

    def existing(self, run_id: str) -> Run:
        """The run of this id, or NoSuchRun in words."""
        if (run := self.run(run_id)) is None:
            raise NoSuchRun("This run doesn't exist (any more). It may have been deleted by its owner.")
        return run

    def owned(self, run_id: str, owner: str) -> Run:
        """The run of this id, or NotYours when another learner owns it."""
        run = self.existing(run_id)
        if not secrets.compare_digest(run.owner.encode(), owner.encode()):
            raise NotYours("This run belongs to someone else: you can look at it, but not change it.")
        return run

    def runs(self, owner: str | None, cells: bool = False) -> list[Run]:
        """A learner's runs, newest first, without those of races; None lists everybody's (the terminal)."""
        query = select(RUNS).order_by(RUNS.c.created.desc()).where(*(() if cells else (RUNS.c.race == "",)))
        with self.transaction() as connection:
            rows = connection.execute(query if owner is None else query.where(RUNS.c.owner == owner)).all()
        return [_run(row) for row in rows]

    def cells(self, race: str) -> dict[str, Run]:
        """The runs of a race by id."""
        with self.transaction() as connection:
            rows = connection.execute(select(RUNS).where(RUNS.c.race == checked(race))).all()
        return {row.id: _run(row) for row in rows}

    def under_way(self) -> list[Run]:
        """All runs that wait, run or are paused, in the order in which they were queued."""
        query = select(RUNS).where(RUNS.c.status.in_(UNDER_WAY), RUNS.c.queued.is_not(None) | (RUNS.c.holder != ""))
        with self.transaction() as connection:
            return [_run(row) for row in connection.execute(query.order_by(RUNS.c.queued, RUNS.c.created)).all()]

    def served(self, owners: Iterable[str]) -> dict[str, float]:
        """When each of these learners last had a worker that did something; missing: never."""
        last = func.max(RUNS.c.beat).label("last")
        query = select(RUNS.c.owner, last).where(RUNS.c.owner.in_(list(owners)), RUNS.c.beat > 0)
        with self.transaction() as connection:
            return {row.owner: row.last for row in connection.execute(query.group_by(RUNS.c.owner))}

    def rename(self, run_id: str, title: str, owner: str) -> None:
        """Give a run of one's own another title."""
        self.owned(run_id, owner)
        with self.transaction() as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(title=title[:200]))

    def delete(self, run_id: str, owner: str) -> None:
        """Delete a run of one's own with its events and files. A worker that is at it notices and ends."""
        self.owned(run_id, owner)
        self.forget([run_id])

    def forget(self, ids: list[str], race: str = "") -> None:
        """Delete runs with all that belongs to them, and the race whose runs they are."""
        with self.transaction() as connection:
            connection.execute(delete(RACES).where(RACES.c.id == race))
            connection.execute(delete(RUNS).where(RUNS.c.id.in_(ids)))
            for table in (EVENTS, SIGNALS):
                connection.execute(delete(table).where(table.c.run.in_(ids)))
        with plainly():
            for run_id in ids:
                self.remove(run_id)

    def _make_room(self, owner: str) -> None:
        """Delete a learner's oldest ended runs beyond KEEP_RUNS, and anybody's oldest beyond KEEP_BYTES.

        A race counts as one, however many runs it has, and goes as a whole.
        """
        columns = (RUNS.c.id, RUNS.c.owner, RUNS.c.status, RUNS.c.bytes, RUNS.c.race)
        with self.transaction() as connection:
            rows = connection.execute(select(*columns).order_by(RUNS.c.created.desc())).all()
            going = set(connection.execute(select(RACES.c.id).where(RACES.c.ended.is_(None))).scalars())
        kept, size = 0, 0
        for name, group in _by_race(rows).items():
            mine, size = group[0].owner == owner, size + sum(row.bytes for row in group)
            kept += mine
            ended = name not in going and all(row.status in ENDED for row in group)
            if ended and ((mine and kept > KEEP_RUNS) or size > KEEP_BYTES):
                self.forget([row.id for row in group], race=name)

    # What a worker tells

    def append(self, run_id: str, events: Iterable[dict[str, Any]]) -> None:
        """Add what happened, in order, in one transaction; none at all is a sign of life. NoSuchRun once deleted."""
        events = list(events)
        moved: dict[str, Any] = {"beat": time.time()}
        for one in events:
            moved["step"] = one["step"]
            if one["kind"] == "started":
                moved["steps"] = one["steps"]
        with self.transaction() as connection:
            if not connection.execute(update(RUNS).where(RUNS.c.id == checked(run_id)).values(**moved)).rowcount:
                raise NoSuchRun("This run was deleted.")
            if events:
                connection.execute(insert(EVENTS), [{"run": run_id, "body": json.dumps(one)} for one in events])

    def events(self, run_id: str, after: int = 0) -> list[tuple[int, dict[str, Any]]]:
        """(sequence number, event) in order, after a sequence number."""
        query = select(EVENTS.c.seq, EVENTS.c.body).where(EVENTS.c.run == checked(run_id), EVENTS.c.seq > after)
        with self.transaction() as connection:
            return [(seq, json.loads(body)) for seq, body in connection.execute(query.order_by(EVENTS.c.seq))]

    def finished(self, latest: int) -> list[tuple[Experiment, dict[str, Any], dict[str, Any]]]:
        """(experiment, first event, last event) of the latest finished runs of anyone, newest first; none of a race."""
        done = (RUNS.c.status == "finished", RUNS.c.race == "")
        query = select(RUNS.c.id, RUNS.c.experiment).where(*done).order_by(RUNS.c.ended.desc())
        with self.transaction() as connection:
            runs = connection.execute(query.limit(latest)).all()
            ends = select(func.min(EVENTS.c.seq), func.max(EVENTS.c.seq)).group_by(EVENTS.c.run)
            numbers = connection.execute(ends.where(EVENTS.c.run.in_([run.id for run in runs]))).all()
            wanted = select(EVENTS.c.run, EVENTS.c.body).where(
                EVENTS.c.seq.in_([seq for pair in numbers for seq in pair])
            )
            told: dict[str, list[dict[str, Any]]] = {}
            for row in connection.execute(wanted.order_by(EVENTS.c.seq)):
                told.setdefault(row.run, []).append(json.loads(row.body))
        return [(_experiment(run.experiment), told[run.id][0], told[run.id][-1]) for run in runs if run.id in told]

    def set_status(
        self, run_id: str, status: str, message: str = "", only: tuple[str, ...] = (), holder: str = ""
    ) -> bool:
        """Change the status; with `only`, just from one of those. True when it did. A worker names itself `holder`."""
        values: dict[str, Any] = {"status": status, "message": message, "holder": holder}
        if status in ENDED:
            values["ended"] = time.time()
        elif holder:
            values.update(ended=None, beat=time.time(), started=func.coalesce(RUNS.c.started, time.time()))
        change = update(RUNS).where(RUNS.c.id == checked(run_id)).values(**values)
        with self.transaction() as connection:
            return bool(connection.execute(change.where(RUNS.c.status.in_(only)) if only else change).rowcount)

    def measure(self, run_id: str) -> None:
        """Note how much room a run's files take."""
        with self.transaction() as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == checked(run_id)).values(bytes=self.size(run_id)))

    # What a worker is told

    def enqueue(self, run_id: str, first: str | None = None) -> bool:
        """Put a run that no worker holds into the queue; False: too late.

        What it was told before no longer counts; `first` is a signal for its next worker to begin with.
        """
        idle = update(RUNS).where(RUNS.c.id == checked(run_id), RUNS.c.holder == "", RUNS.c.status != "finished")
        with self.transaction() as connection:
            change = idle.values(status="queued", message="", queued=time.time(), ended=None, heard=_forgotten(run_id))
            done = bool(connection.execute(change).rowcount)
            if done and first:
                connection.execute(insert(SIGNALS).values(run=run_id, name=first))
        return done

    def signal(self, run_id: str, name: str, value: float | None = None, *, owner: str) -> None:
        """Tell a run of one's own: pause, resume, step, stop, or learning-rate with the factor on its schedule."""
        if name not in SIGNAL_NAMES:
            raise StoreError(f"A run knows no signal “{name}”. It knows {', '.join(SIGNAL_NAMES[:-1])}.")
        if name == "learning-rate" and not (value is not None and math.isfinite(value) and 0 < value <= 1000):
            raise StoreError("The learning rate can be multiplied by any number above 0 and up to 1000.")
        self.owned(run_id, owner)
        self.tell(run_id, name, value)

    def tell(self, run_id: str, name: str, value: float | None = None) -> None:
        """A signal of the machinery itself, on nobody's behalf."""
        with self.transaction() as connection:
            connection.execute(insert(SIGNALS).values(run=checked(run_id), name=name, value=value))

    def signals(self, run_id: str) -> list[tuple[int, str, float | None]]:
        """(sequence number, name, value) of the signals that were not obeyed yet."""
        heard = select(RUNS.c.heard).where(RUNS.c.id == checked(run_id)).scalar_subquery()
        query = select(SIGNALS.c.seq, SIGNALS.c.name, SIGNALS.c.value).where(SIGNALS.c.run == run_id)
        with self.transaction() as connection:
            return [
                tuple(row) for row in connection.execute(query.where(SIGNALS.c.seq > heard).order_by(SIGNALS.c.seq))
            ]

    def last_signal(self, run_id: str, name: str) -> float | None:
        """The value of the latest signal of this name, obeyed or not; None where there was none."""
        query = select(SIGNALS.c.value).where(SIGNALS.c.run == checked(run_id), SIGNALS.c.name == name)
        with self.transaction() as connection:
            return connection.execute(query.order_by(SIGNALS.c.seq.desc()).limit(1)).scalar()

    def heard(self, run_id: str, seq: int) -> None:
        """Note that signals up to `seq` were obeyed."""
        with self.transaction() as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == checked(run_id)).values(heard=seq))

    def forget_signals(self, run_id: str) -> None:
        """What a run was told so far no longer counts, but for its learning rate."""
        with self.transaction() as connection:
            change = update(RUNS).where(RUNS.c.id == checked(run_id)).values(heard=_forgotten(run_id))
            connection.execute(change)

    # Texts

    def keep_text(self, text: str) -> str:
        """Keep a learner's text and return its name, `text:<sha256>`."""
        return self.texts.keep(text)

    def read_text(self, reference: str) -> str:
        """A kept text by its name; TextError for anything else."""
        return self.texts.read(reference)

    def text_in_use(self, reference: str) -> bool:
        """Does a kept run learn from this text?"""
        with self.transaction() as connection:
            return any(
                connection.execute(select(column).where(column.contains(reference)).limit(1)).first()
                for column in (RUNS.c.experiment, RACES.c.spec)
            )


def open_store(home: Path | str | None = None, url: str | None = None) -> Store:
    """The store of this machine: BOTHWAYS_HOME and BOTHWAYS_DATABASE, or the user's data folder with SQLite in it."""
    return Store(Path(home) if home else default_home(), url or os.environ.get("BOTHWAYS_DATABASE") or None)
