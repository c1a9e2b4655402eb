"""Real stores, real worker processes: one warm server for most tests, tiny experiments, and waiting with patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.runs.history import History, history
from core.runs.local import Runner
from core.runs.starter import Starter
from core.runs.store import Run, Store, open_store
from core.spec import Experiment

PATIENCE = 60.0  # on a busy machine; nothing here is timed by it


def tiny(steps: int, **changes: Any) -> Experiment:
    """A game that learns about a thousand steps a second; `changes` as part__name."""
    small = {"train.steps": steps, "train.batch": 4, "train.held_out": 16, "train.evaluate_every": 50}
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return Experiment().with_({"model.size": "tiny", **small, **named})


def wait_for(what: Callable[[], Any]) -> Any:
    """The first true value of `what`."""
    until = time.monotonic() + PATIENCE
    while not (value := what()):
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)
    return value


def alive(process: int) -> bool:
    """Is this process there, and not a zombie?"""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def zombies(parent: int) -> list[int]:
    """Children of a process that ended and were not collected."""
    tasks = Path(f"/proc/{parent}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [child for child in children if Path(f"/proc/{child}").exists() and not alive(child)]


@dataclass
class Server:
    """What a page has at hand."""

    store: Store
    starter: Starter
    runner: Runner
    owner: str = "learner"

    def start(self, experiment: Experiment, owner: str | None = None) -> str:
        run_id = self.store.create(experiment, owner or self.owner)
        self.runner.submit(run_id)
        return run_id

    def run(self, run_id: str) -> Run:
        return self.store.existing(run_id)

    def history(self, run_id: str) -> History:
        return history(self.store, run_id)

    def until(self, run_id: str, *status: str) -> Run:
        """The run, once its status is one of these."""
        return wait_for(lambda: run if (run := self.run(run_id)).status in status else None)

    def until_step(self, run_id: str, step: int) -> None:
        wait_for(lambda: self.run(run_id).step >= step)

    def worker(self, run_id: str) -> int:
        """The process that carries out a run."""
        return int(self.run(run_id).holder.split()[1])

    def signal(self, run_id: str, name: str, value: float | None = None) -> None:
        self.runner.signal(run_id, name, value, owner=self.owner)

    def stop(self, run_id: str) -> None:
        self.runner.cancel(run_id, owner=self.owner)
        self.until(run_id, "stopped", "finished")

    def leave(self) -> None:
        """Delete all runs, which ends their workers, and let the warm parent go."""
        for run in self.store.runs(None, cells=True):
            self.store.delete(run.id, run.owner)
        self.starter.close()


def serve(home: Path) -> Server:
    """A server of this home."""
    store = open_store(home)
    starter = Starter(store)
    return Server(store, starter, Runner(store, starter))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    for run in store.runs(None, cells=True):
        store.delete(run.id, run.owner)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with a warm parent, for all tests that don't harm it."""
    server = serve(tmp_path_factory.mktemp("home"))
    server.runner.workers, server.runner.learner_runs = 4, 20
    yield server
    server.leave()
