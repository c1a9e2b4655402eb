"""Runs on this machine: a fair queue, a worker for each run, and certainty about which of them are alive.

The queue is in the store. So a restarted server finds the runs that wait, and the workers that went on without it.
Races are carried on whenever a run ends.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass

from core.runs.bounds import Bounds
from core.runs.failures import QueueFull, StoreError
from core.runs.locks import held
from core.runs.races import advance, races_under_way
from core.runs.starter import Job, Starter
from core.runs.store import Run, Store
from core.runs.turns import in_turn
from core.runs.variables import number

LOG = logging.getLogger(__name__)
TICK_SECONDS = 0.5  # ends of processes that it started wake it at once
LEARNER_RUNS = 8  # of one learner, waiting or under way; BOTHWAYS_LEARNER_RUNS
CRASHED = "The worker died at step {step} of {steps}, perhaps killed. Resume, and it goes on from its last snapshot."
NOT_STARTED = "The worker could not start; the server's log says why. Resume to try again."
TAKEN_OUT = "Taken out of the queue."


@dataclass(frozen=True)
class Capacity:
    """What this machine can do at once, and what it is doing."""

    workers: int
    running: int
    waiting: int


def most_workers() -> int:
    """As many as this process may use cores, but two at least, since the point is to compare two; BOTHWAYS_WORKERS."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(number("BOTHWAYS_WORKERS", max(2, cores or 1), low=1))


def settled(store: Store, run: Run) -> Run:
    """The run as it is now, said to have crashed if its worker is dead; unchanged where it was deleted meanwhile."""
    if not run.holder or held(store.folder(run.id)):
        return run
    now = store.run(run.id)  # it may have ended in good order since it was read
    if now and now.holder == run.holder and not held(store.folder(run.id)):
        message = CRASHED.format(step=now.step, steps=now.steps)
        store.set_status(run.id, "crashed", message, only=("running", "paused"))
    return store.run(run.id) or run


class Runner:
    """Starts queued runs in turn and notices dead workers. A daemon thread does it while there is something to do.

    Raises SpecError where the environment sets a limit that can't be.
    """

    def __init__(self, store: Store, starter: Starter | None = None) -> None:
        self.store = store
        self.starter = starter or Starter(store)
        self.workers = most_workers()
        self.learner_runs = int(number("BOTHWAYS_LEARNER_RUNS", LEARNER_RUNS, low=1))
        Bounds.from_environment()  # workers read it: a bad one is to be known before the first of them
        self._starting: dict[str, Job] = {}
        self._processes: list[Job] = []  # to be collected, so that none stays a zombie
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.starter.warm_up()
        self._wake()  # runs of an earlier server may be waiting, or alive

    def submit(self, run_id: str) -> None:
        """Put a new run into the queue. Raises QueueFull when its learner has too many under way."""
        run = self.store.existing(run_id)
        if run.queued is None:
            self._enqueue(run)

    def resume(self, run_id: str, *, owner: str) -> None:
        """Go on with a run that is paused, or that stopped, failed or crashed: from its last snapshot."""
        run = settled(self.store, self.store.owned(run_id, owner))
        if run.resumable:
            self._enqueue(run)
        elif run.status == "paused":
            self.signal(run_id, "resume", owner=owner)
        elif run.status == "finished":
            raise StoreError("This run is finished. Start a new one with more steps to go further.")

    def cancel(self, run_id: str, *, owner: str) -> None:
        """Stop a run: waiting, put aside, or under way."""
        run = self.store.owned(run_id, owner)
        if self.store.set_status(run_id, "stopped", TAKEN_OUT, only=("queued",)):
            return
        if run.status == "paused" and not run.holder:
            self.store.set_status(run_id, "stopped", only=("paused",))
        else:
            self.store.signal(run_id, "stop", owner=owner)

    def signal(self, run_id: str, name: str, value: float | None = None, *, owner: str) -> None:
        """Send a signal of the store; resuming or stepping a paused run that had made room starts a worker for it."""
        run = self.store.owned(run_id, owner)
        if name == "stop":
            self.cancel(run_id, owner=owner)
        elif name in ("resume", "step") and run.status == "paused" and not run.holder:
            self._enqueue(run, first=name)
        else:
            self.store.signal(run_id, name, value, owner=owner)

    def place(self, run_id: str) -> int:
        """Place in the queue, from 1; 0 for a run that doesn't wait."""
        runs = self.store.under_way()
        if runs:
            self._wake()
        order = self._order(runs)
        return order.index(run_id) + 1 if run_id in order else 0

    def capacity(self) -> Capacity:
        """What this machine can do at once, and what it is doing."""
        runs = self.store.under_way()
        running, waiting = sum(bool(run.holder) for run in runs), sum(run.status == "queued" for run in runs)
        return Capacity(self.workers, running, waiting)

    def check_room(self, owner: str, but: str = "") -> None:
        """QueueFull where a learner has too much under way beside the run `but`; a race counts as one run."""
        runs = [one for one in self.store.under_way() if one.owner == owner and one.id != but]
        under_way = {one.race or one.id for one in runs}
        if len(under_way) >= self.learner_runs:
            raise QueueFull(
                f"You have {len(under_way)} runs waiting, running or paused, and {self.learner_runs} is the most. "
                "Stop one, or wait until one has finished."
            )

    def look(self) -> None:
        """Have a look at the queue now: something was added or stopped."""
        self._wake()

    def _enqueue(self, run: Run, first: str | None = None) -> None:
        if not run.race:
            self.check_room(run.owner, but=run.id)
        self._starting.pop(run.id, None)  # an earlier start, which may have ended since the last tick
        self.store.enqueue(run.id, first)
        self._wake()

    def _wake(self) -> None:
        """Have a look now, and go on looking while there is something to do."""
        with self._lock:
            self.starter.news.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._attend, name="runner", daemon=True)
                self._thread.start()

    def _attend(self) -> None:
        """The thread's work: tick until nothing waits, runs or starts."""
        while True:
            self.starter.news.clear()
            try:
                busy = self._tick()
            except StoreError as error:  # a busy or full disk passes; the queue must outlive it
                LOG.warning("The queue waits: %s", error)
                busy = True
            if busy:
                self.starter.news.wait(TICK_SECONDS)
                continue
            with self._lock:
                if not self.starter.news.is_set():
                    self._thread = None
                    return

    def _tick(self) -> bool:
        """Look once after everything; False when nothing is under way."""
        before = runs = [settled(self.store, run) for run in self.store.under_way()]
        self._follow_starts(runs)  # before a race queues a run anew whose worker died
        if going := races_under_way(self.store):
            for race_id in going:
                advance(self.store, race_id)
            runs = self.store.under_way()
        working = [run for run in runs if run.holder]
        room = self.workers - len(working) - len(self._starting)
        waiting = [run_id for run_id in self._order(runs) if run_id not in self._starting]
        for run_id in waiting[: max(0, room)]:
            self._starting[run_id] = job = self.starter.run(run_id)
            self._processes += [job] if job.process else []
        if waiting[max(0, room) :]:
            self._ask_for_room(working)
        self._processes = [job for job in self._processes if not job.ended]
        busy = any(run.holder or run.status == "queued" for run in [*before, *runs])
        return bool(busy or self._starting or self._processes)

    def _order(self, runs: list[Run]) -> list[str]:
        alone_first = sorted(runs, key=lambda run: bool(run.race))  # a race lets its learner's other runs pass
        waiting = [(run.id, run.owner) for run in alone_first if run.status == "queued"]
        served = self.store.served({owner for _, owner in waiting}) if len(waiting) > 1 else {}
        return in_turn(waiting, [run.owner for run in runs if run.holder], served)

    def _follow_starts(self, runs: list[Run]) -> None:
        """Forget starts that led to a worker; a process that ended without taking up its run could not start."""
        now = {run.id: run for run in runs}
        for run_id, job in list(self._starting.items()):
            run = now.get(run_id)
            if run is None or run.status != "queued":
                self._starting.pop(run_id, None)
            elif job.ended:
                self._starting.pop(run_id, None)
                if not held(self.store.folder(run_id)):
                    self.store.set_status(run_id, "crashed", NOT_STARTED, only=("queued",))
            elif job.lost:
                self._starting.pop(run_id, None)  # it waits again

    def _ask_for_room(self, working: list[Run]) -> None:
        """Others wait: a paused worker is asked to put its run aside."""
        for run in working:
            if run.status == "paused":
                self.store.tell(run.id, "release")
                return
