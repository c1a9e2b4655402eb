"""Carry out one run: read its experiment, drive the loop, write what happens, obey signals, and end.

`python -m core.runs.worker RUN` is a worker of its own; the warm parent and the terminal call `carry_out`. torch is
imported inside, so that whoever only starts workers never loads it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from core.events import Event, Failed, Finished, Progress, Snapshot, Started, snapshot_steps
from core.retelling import opened
from core.runs import peak
from core.runs.beginnings import runs_in
from core.runs.bounds import Bounds, give_way, keep_to_one_thread
from core.runs.failures import NoSuchRun, StoreError, in_words
from core.runs.locks import lock_of
from core.runs.race_spec import SWEEP
from core.runs.store import Run, Store, open_store

if TYPE_CHECKING:
    from core.checkpoints import TrainingState

REPORT_SECONDS = 0.1  # between two looks at the signals
WRITE_SECONDS = 0.15  # between two writes to the store, at least: with REPORT_SECONDS about five a second
STATE_SECONDS = 30.0  # a state to resume from is never older than this
HOLD_SECONDS = 600.0  # a paused worker waits this long, then ends
LOCK_SECONDS = 1.0  # someone may be probing the lock

HALTS = {  # wish: (status, message)
    "stop": ("stopped", ""),
    "over": ("stopped", "Stopped at the time limit of {minutes:g} minutes. Resume, and it goes on exactly here."),
    "leave": ("paused", "Put aside because its program was asked to end. Resume, and it goes on exactly here."),
    "release": ("paused", "While it was paused it made room for others. Resume, and it goes on exactly here."),
    "rest": ("paused", "It was paused for a while, so its worker was sent home. Resume, and it goes on exactly here."),
}


def carry_out(
    store: Store,
    run_id: str,
    watch: Callable[[Event], None] = lambda event: None,
    bounds: Bounds | None = None,
    only: tuple[str, ...] = ("queued",),
) -> str:
    """Carry out a run to its end, a stop or a pause that outlasts patience; returns the run's status.

    `watch` sees every event. Raises StoreError when another worker is at it; any other exception was recorded as the
    run's failure before it is raised again.
    """
    lock = lock_of(store.folder(run_id))
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise StoreError("Another worker is already at this run.") from None
    try:
        if not store.set_status(run_id, "running", only=only, holder=f"process {os.getpid()}"):
            return store.existing(run_id).status
        return _carry_out(Work(store, store.existing(run_id), watch, bounds or Bounds()))
    finally:
        lock.release()


def _carry_out(work: Work) -> str:
    previous = {number: signal.signal(number, work.leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return work.go()
    except NoSuchRun:  # its owner deleted it
        work.store.remove(work.run.id)
        return "deleted"
    except Exception as error:
        if work.store.run(work.run.id) is None:  # files vanish together with a deleted run
            return "deleted"
        work.fail(error)
        raise
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class Work:
    """One run being carried out. `wish`: run, pause (after `single` more steps), or one of HALTS."""

    def __init__(self, store: Store, run: Run, watch: Callable[[Event], None], bounds: Bounds) -> None:
        self.store, self.run, self.watch, self.bounds = store, run, watch, bounds
        self.wish, self.single, self.leaving = "run", 0, False
        self.news: list[dict[str, Any]] = []
        self.written = self.saved = time.monotonic()
        self.told_progress = False
        self.shown = "running"

    def go(self) -> str:
        """Drive the loop until it ends or is told to."""
        keep_to_one_thread()
        first = peak.begin() if self.run.race else None  # races compare their runs' memory
        from core.training import Control, train

        experiment = self.run.experiment
        spec = experiment.resolved().train
        self.moments = snapshot_steps(spec.steps or 1, spec.snapshots) | {0}
        self.control = Control(report_seconds=REPORT_SECONDS, thorough=self.run.stage != SWEEP)
        state = self._state()
        source, start = opened(experiment, runs_in(self.store), self.store.read_text, worker=True)
        if self._on_cpu():
            self.bounds.limit_memory()
        self.began, self.idle = time.monotonic(), 0.0
        for event in train(experiment, source, state=state, control=self.control, start=start):
            if isinstance(event, Finished):
                event = replace(event, peak_bytes=peak.beyond(first))
            self._note(event)
            if isinstance(event, Finished | Failed):
                return self._end(event)
            self._listen()
            if self.wish != "run" and self._halted(event):
                return self.store.existing(self.run.id).status
        raise RuntimeError("Training ended without saying why.")

    def leave(self, number: int, frame: object) -> None:
        """Asked by the operating system to end: do so at the next whole moment. Asked again: at once."""
        self.leaving = True
        signal.signal(number, signal.SIG_DFL)

    def fail(self, error: Exception) -> None:
        """Record what went wrong in words."""
        step = self.news[-1]["step"] if self.news else self.store.existing(self.run.id).step
        self._end(Failed(step, in_words(error, self.bounds.megabytes)), told=False)

    def _state(self) -> TrainingState | None:
        """Where an earlier worker left off, if it did."""
        from core.checkpoints import TrainingState

        path = self.store.state(self.run.id)
        return TrainingState.load(path) if path.exists() else None

    def _on_cpu(self) -> bool:
        """A GPU's driver reserves far more address space than it uses, so no limit is set there."""
        from core.device import choose_device

        wanted = self.run.experiment.train.device
        return wanted == "cpu" or (wanted == "auto" and choose_device(wanted).type == "cpu")

    # What happens

    def _note(self, event: Event) -> None:
        """Keep an event: what a page waits for at once, the rest in batches."""
        self.watch(event)
        if isinstance(event, Snapshot):
            self._keep(event)
            return
        if isinstance(event, Started):
            self.store.drop_snapshots(self.run.id, after=event.step)
        self._add(event.to_json())
        first = isinstance(event, Progress) and not self.told_progress
        self.told_progress = self.told_progress or first
        if first or isinstance(event, Started) or time.monotonic() - self.written >= WRITE_SECONDS:
            self._write()

    def _add(self, event: dict[str, Any]) -> None:
        """Queue an event for the store; neighbouring reports of progress become one."""
        last = self.news[-1] if self.news else None
        if last and last["kind"] == event["kind"] == "progress":
            joined = {name: last[name] + value for name, value in event.items() if isinstance(value, list)}
            self.news[-1] = {**event, **joined}
        else:
            self.news.append(event)

    def _write(self) -> None:
        self.store.append(self.run.id, self.news)
        self.news.clear()
        self.written = time.monotonic()

    def _keep(self, event: Snapshot) -> None:
        """Keep a moment: its weights to look inside, unless nobody asked for it, then the state to resume from.

        The state comes last: a worker that dies in between does the moment again, and nothing is missing.
        """
        if event.step in self.moments or event.state.ended or self.wish != "run":
            weights = replace(event.state, optimiser={}, best={})
            weights.save(self.store.snapshot_path(self.run.id, event.step))
            self._add(event.to_json())
            self._write()
            self.store.measure(self.run.id)
        event.state.save(self.store.state(self.run.id))
        self.saved = time.monotonic()

    def _end(self, event: Finished | Failed, told: bool = True) -> str:
        if not told:
            self._add(event.to_json())
        self._write()
        status, message = ("finished", "") if isinstance(event, Finished) else ("failed", event.message)
        if status == "finished":
            self.store.state(self.run.id).unlink(missing_ok=True)  # nothing left to resume
            self.store.measure(self.run.id)
        self.store.set_status(self.run.id, status, message)
        return status

    # What is asked

    def _listen(self) -> None:
        """Hear the signals, the clock, and when to save a state to resume from."""
        for seq, name, value in self.store.signals(self.run.id):
            self._hear(name, value)
            self.store.heard(self.run.id, seq)
        spent = time.monotonic() - self.began - self.idle
        if self.bounds.minutes and spent > self.bounds.minutes * 60 and self.wish == "run":
            self.wish = "over"
        if self.leaving:
            self.wish = "leave"
        if self.wish == "run":
            self._show("running")  # after a pause, or single steps
        if self.wish != "run" or time.monotonic() - self.saved > STATE_SECONDS:
            self.control.snapshot = True

    def _hear(self, name: str, value: float | None) -> None:
        if name == "learning-rate":
            self.control.learning_rate_factor = float(value or 1.0)
            self.control.snapshot = True  # a later resume must know it
        elif self.wish in HALTS:
            return  # it is ending
        elif name == "step":
            self.single += self.wish == "pause"  # a running one pauses after its present step
            self.wish = "pause"
        elif name == "resume":
            self.wish, self.single = "run", 0
        elif name != "release" or self.wish == "pause":
            self.wish = name

    def _halted(self, event: Event) -> bool:
        """At a snapshot, which is a whole moment: pause here until told otherwise, or end. True when it is to end."""
        if not isinstance(event, Snapshot) or event.state.ended:
            return False
        self._write()
        if self.wish == "pause":
            self._pause()
        if self.wish in HALTS:
            status, message = HALTS[self.wish]
            self.store.set_status(self.run.id, status, message.format(minutes=self.bounds.minutes or 0))
            return True
        self.control.snapshot = self.wish == "pause"  # after a single step comes the next pause
        return False

    def _pause(self) -> None:
        """Wait, alive, for another wish or a single step."""
        began = time.monotonic()
        self._show("paused")
        while self.wish == "pause" and not self.single:
            time.sleep(REPORT_SECONDS)
            self._listen()
            if time.monotonic() - self.written > 1.0:
                self._write()  # a heartbeat
            if self.wish == "pause" and time.monotonic() - began > HOLD_SECONDS:
                self.wish = "rest"
        self.single = max(0, self.single - 1)
        self.idle += time.monotonic() - began
        self.told_progress = False  # the next step is told at once

    def _show(self, status: str) -> None:
        """Be running or paused for all to see."""
        if self.shown != status:
            self.store.set_status(self.run.id, status, holder=self.run.holder)
            self.shown = status


def main(run_id: str) -> int:
    """A worker process: 0 when the run ended in good order, 1 when it failed; the report goes to the server's log."""
    give_way()
    try:
        carry_out(open_store(), run_id, bounds=Bounds.from_environment())
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
