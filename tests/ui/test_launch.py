"""Beginning runs from a page: all of them, or none."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.runs.failures import NoSuchDevice, QueueFull
from core.runs.machine import keep_machine
from core.runs.store import Store
from core.spec import Experiment
from tests.ui.records import OWNER
from ui import backend, state
from ui.panels.launch import launch

PAIR = [Experiment(), Experiment().with_({"model.direction": "both"})]


class Queue:
    """Takes so many runs and refuses the next."""

    def __init__(self, room: int) -> None:
        self.room, self.taken = room, []

    def submit(self, run_id: str) -> None:
        if len(self.taken) == self.room:
            raise QueueFull("Too many.")
        self.taken.append(run_id)


def queue_with(room: int, monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue(room)
    monkeypatch.setattr(
        "ui.panels.launch.backend", SimpleNamespace(store=backend.store, machine=backend.machine, runner=lambda: queue)
    )
    monkeypatch.setattr(state, "owner", lambda: OWNER)
    return queue


def test_runs_are_kept_and_queued_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = queue_with(2, monkeypatch)
    ids = launch(PAIR)
    assert queue.taken == list(ids)
    assert [store.existing(run_id).experiment for run_id in ids] == PAIR


@pytest.mark.parametrize("room", [0, 1])
def test_a_refusal_leaves_no_run_behind_that_would_wait_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    queue_with(room, monkeypatch)
    with pytest.raises(QueueFull):
        launch(PAIR)
    assert store.runs(OWNER) == []


def test_a_device_that_is_not_here_is_refused_before_anything_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_with(2, monkeypatch)
    keep_machine(store.home, ["cpu"], [])
    with pytest.raises(NoSuchDevice, match="no such device"):
        launch([PAIR[0], PAIR[1].with_({"train.device": "cuda"})])
    assert store.runs(OWNER) == []
    assert len(launch([PAIR[0].with_({"train.device": "cpu"})])) == 1
