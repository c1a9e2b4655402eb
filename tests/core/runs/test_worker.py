"""One worker alone: its limits, its failures in words, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import insert

from core.runs.bounds import Bounds
from core.runs.failures import StoreError
from core.runs.history import history
from core.runs.starter import environment
from core.runs.store import Store
from core.runs.tables import RUNS
from core.runs.worker import carry_out
from tests.core.runs.conftest import tiny


def cold(store: Store, run_id: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A worker by its own command, waited for."""
    store.enqueue(run_id)
    return subprocess.run(
        [sys.executable, "-m", "core.runs.worker", run_id],
        env={**environment(store), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_that_needs_too_much_memory_says_so(store: Store) -> None:
    large = tiny(10, model__size="large", train__batch=2048)
    run_id = store.create(large, "me")
    cold(store, run_id, BOTHWAYS_MEMORY_MB="150")
    run = store.existing(run_id)
    assert run.status == "failed"
    assert "memory" in run.message
    assert "batch" in run.message
    assert history(store, run_id).failed == {"step": 0, "message": run.message}
    assert run.resumable


def test_the_time_limit_puts_a_run_aside_in_words(store: Store) -> None:
    run_id = store.create(tiny(200_000), "me")
    assert carry_out(store, run_id, bounds=Bounds(minutes=0.005)) == "stopped"
    run = store.existing(run_id)
    assert "time limit of 0.005 minutes" in run.message
    assert store.resume_step(run_id) == run.step > 0


def test_a_bug_fails_the_run_in_words_and_reaches_the_log(store: Store) -> None:
    run_id = store.create(tiny(10), "me")
    store.state(run_id).write_bytes(b"not a state")
    ended = cold(store, run_id)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    run = store.existing(run_id)
    assert run.status == "failed"
    assert "server's log" in run.message
    assert [event["kind"] for _, event in store.events(run_id)] == ["failed"]


@pytest.mark.parametrize("path", ["/etc/hostname", "text:../../owner"])
def test_an_experiment_that_names_a_file_is_never_read(store: Store, path: str) -> None:
    run_id = "0" * 32
    store.folder(run_id).mkdir()
    body: dict[str, Any] = {"data": {"task": "text", "text": path}}
    with store.transaction() as connection:  # as if somebody had got past `create`
        row = {"id": run_id, "owner": "me", "experiment": json.dumps(body), "created": 0.0}
        connection.execute(insert(RUNS).values(**row))
    with pytest.raises(Exception, match="pasted or uploaded"):
        carry_out(store, run_id)
    assert "Paste or upload" in store.existing(run_id).message


def test_a_run_has_one_worker_at_most(store: Store) -> None:
    run_id = store.create(tiny(10), "me")
    with FileLock(store.folder(run_id) / "lock"), pytest.raises(StoreError, match="already at this run"):
        carry_out(store, run_id)
    assert store.events(run_id) == []
    assert carry_out(store, run_id) == "finished"
    assert carry_out(store, run_id) == "finished"  # nothing to do
    assert len(history(store, run_id).steps) == 10


def test_a_run_that_was_stopped_in_the_queue_does_not_start(store: Store) -> None:
    run_id = store.create(tiny(10), "me")
    store.set_status(run_id, "stopped")
    assert carry_out(store, run_id) == "stopped"
    assert store.events(run_id) == []


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOTHWAYS_MEMORY_MB", "BOTHWAYS_MINUTES"):
        monkeypatch.delenv(name, raising=False)
    assert Bounds.from_environment() == Bounds(1000, 60.0)
    monkeypatch.setenv("BOTHWAYS_MEMORY_MB", "0")
    monkeypatch.setenv("BOTHWAYS_MINUTES", "1.5")
    assert Bounds.from_environment() == Bounds(None, 1.5)


def test_signal_handlers_are_given_back(store: Store) -> None:
    import signal

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    carry_out(store, store.create(tiny(2), "me"))
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert os.environ["OMP_NUM_THREADS"] == "1"
