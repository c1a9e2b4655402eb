"""Runs in real worker processes: what is asked of them, and what becomes of them when something dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.runs.failures import NotYours, QueueFull, StoreError
from core.runs.history import History
from core.runs.locks import held
from core.runs.store import Store
from tests.core.runs.conftest import Server, alive, serve, tiny, wait_for, zombies

LONG = 200_000  # never reached


def numbers(told: History) -> dict[str, Any]:
    """What must not depend on where, when and in how many pieces a run was carried out."""
    names = ("steps", "losses", "accuracies", "gradient_norms", "learning_rates", "evaluations", "snapshots")
    return {name: getattr(told, name) for name in names}


def finished(server: Server, run_id: str) -> dict[str, Any]:
    run = server.until(run_id, "finished", "failed", "crashed")
    assert (run.status, run.message) == ("finished", "")
    return numbers(server.history(run_id))


def test_a_run_is_told_from_its_first_step_to_its_last(server: Server) -> None:
    run_id = server.start(tiny(120))
    told = finished(server, run_id)
    assert told["steps"] == list(range(1, 121))
    assert [one["step"] for one in told["evaluations"]] == [50, 100, 120]
    assert server.store.snapshots(run_id) == told["snapshots"]
    run, history = server.run(run_id), server.history(run_id)
    assert (run.step, run.steps, run.holder) == (120, 120, "")
    assert history.finished is not None
    assert history.finished["metrics"]["held_out"]["n"] > 0
    assert not server.store.state(run_id).exists()


def test_warm_and_cold_workers_give_the_same_numbers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = tiny(60, model__family="lstm", model__direction="both")
    warm = finished(server, server.start(experiment))
    monkeypatch.setenv("BOTHWAYS_COLD", "1")
    assert finished(server, server.start(experiment)) == warm
    wait_for(lambda: not zombies(os.getpid()))


def test_pause_stands_still_a_step_is_one_step_and_resume_goes_on(server: Server) -> None:
    run_id = server.start(tiny(LONG))
    server.until_step(run_id, 20)
    server.signal(run_id, "pause")
    server.until(run_id, "paused")
    at = server.run(run_id).step
    assert server.store.snapshots(run_id)[-1] == at  # one can look inside right here
    for more in (1, 2, 3, 3):
        server.signal(run_id, "step")
        if more < 3:  # the last three clicks come faster than steps
            server.until_step(run_id, at + more)
    server.until_step(run_id, at + 4)
    wait_for(lambda: not server.store.signals(run_id))
    assert server.history(run_id).steps[-1] == at + 4
    assert server.run(run_id).status == "paused"
    server.signal(run_id, "resume")
    server.until_step(run_id, at + 100)
    assert server.run(run_id).status == "running"
    server.stop(run_id)
    assert server.history(run_id).finished is None


def test_the_learning_rate_follows_its_factor(server: Server) -> None:
    run_id = server.start(tiny(LONG, train__schedule="constant", train__warm_up=0))
    server.until_step(run_id, 20)
    server.signal(run_id, "learning-rate", 0.5)
    wait_for(lambda: server.history(run_id).learning_rates[-1] == server.history(run_id).learning_rates[0] / 2)
    server.stop(run_id)


def test_a_killed_worker_is_noticed_and_the_resumed_run_equals_an_uninterrupted_one(server: Server) -> None:
    experiment = tiny(900, model__dropout=0.1)
    whole = finished(server, server.start(experiment))
    run_id = server.start(experiment)
    server.until_step(run_id, 150)
    os.kill(server.worker(run_id), signal.SIGKILL)
    run = server.until(run_id, "crashed")
    assert "Resume" in run.message
    assert run.resumable
    server.runner.resume(run_id, owner=server.owner)
    told = finished(server, run_id)
    started = server.history(run_id).started
    assert started is not None
    assert 0 < started["step"] <= run.step
    assert told == whole


@pytest.mark.parametrize("ending", ["stop", "terminated"])
def test_a_run_that_was_ended_in_good_order_goes_on_exactly_there(server: Server, ending: str) -> None:
    experiment = tiny(500)
    whole = finished(server, server.start(experiment))
    run_id = server.start(experiment)
    server.until_step(run_id, 100)
    if ending == "stop":
        server.stop(run_id)
    else:
        os.kill(server.worker(run_id), signal.SIGTERM)
        assert "asked to end" in server.until(run_id, "paused").message
    at = server.run(run_id).step
    server.runner.resume(run_id, owner=server.owner)
    told = finished(server, run_id)
    started = server.history(run_id).started
    assert started is not None
    assert started["step"] == at
    assert told["losses"] == whole["losses"]
    assert told["evaluations"] == whole["evaluations"]


def test_a_run_that_was_put_aside_can_be_stopped(server: Server) -> None:
    run_id = server.start(tiny(LONG))
    server.until_step(run_id, 1)
    os.kill(server.worker(run_id), signal.SIGTERM)
    server.until(run_id, "paused")
    server.runner.cancel(run_id, owner=server.owner)
    assert server.run(run_id).status == "stopped"


def test_only_the_owner_controls_a_run(server: Server) -> None:
    run_id = server.start(tiny(LONG))
    for attempt in (
        lambda: server.runner.signal(run_id, "stop", owner="someone"),
        lambda: server.runner.cancel(run_id, owner="someone"),
        lambda: server.runner.resume(run_id, owner="someone"),
    ):
        with pytest.raises(NotYours, match="belongs to someone else"):
            attempt()
    server.until_step(run_id, 1)
    server.stop(run_id)


def test_deleting_a_run_under_way_ends_its_worker(server: Server) -> None:
    run_id = server.start(tiny(LONG))
    server.until_step(run_id, 10)
    worker, folder = server.worker(run_id), server.store.folder(run_id)
    server.store.delete(run_id, server.owner)
    wait_for(lambda: not alive(worker))
    assert server.store.run(run_id) is None
    assert server.store.events(run_id) == []
    assert not folder.exists()
    assert server.starter._parent
    wait_for(lambda: not zombies(server.starter._parent.process.pid))


def test_a_finished_run_can_not_go_on(server: Server) -> None:
    run_id = server.start(tiny(5))
    finished(server, run_id)
    with pytest.raises(StoreError, match="finished"):
        server.runner.resume(run_id, owner=server.owner)


def test_one_worker_serves_learners_in_turn_and_paused_runs_make_room(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.runner, "workers", 1)
    monkeypatch.setattr(server.runner, "learner_runs", 3)
    first, second, third = (server.start(tiny(LONG), "anna") for _ in range(3))
    with pytest.raises(QueueFull, match="3 is the most"):
        server.start(tiny(10), "anna")
    server.until_step(first, 1)
    other = server.start(tiny(LONG), "ben")
    assert [server.runner.place(run_id) for run_id in (first, other, second, third)] == [0, 1, 2, 3]
    assert server.runner.capacity().running == 1
    server.runner.signal(first, "pause", owner="anna")
    server.until_step(other, 1)  # the paused run was put aside for it
    aside = server.run(first)
    assert (aside.status, aside.holder) == ("paused", "")
    server.runner.cancel(third, owner="anna")
    assert server.run(third).status == "stopped"
    server.runner.signal(first, "step", owner="anna")  # waits for its turn, then takes one step
    for run_id, owner in ((other, "ben"), (second, "anna")):
        server.until_step(run_id, 1)
        server.runner.cancel(run_id, owner=owner)
    server.until_step(first, aside.step + 1)
    server.until(first, "paused")
    assert server.run(first).step == aside.step + 1
    server.runner.cancel(first, owner="anna")
    server.until(first, "stopped")


SERVER = """
import sys, time
from core.runs.local import Runner
from core.runs.store import open_store
from tests.core.runs.conftest import tiny
store = open_store(sys.argv[1])
runner = Runner(store)
run_id = store.create(tiny(200_000), "learner")
runner.submit(run_id)
while not store.run(run_id).step:
    time.sleep(0.01)
print(run_id, runner.starter._parent.process.pid, flush=True)
time.sleep(600)
"""


def test_workers_outlive_their_server_and_the_next_one_adopts_them(store: Store) -> None:
    first = subprocess.Popen([sys.executable, "-c", SERVER, str(store.home)], stdout=subprocess.PIPE, text=True)
    assert first.stdout
    run_id, parent = first.stdout.readline().split()
    first.kill()
    first.communicate()  # ends although the worker lives: it does not hold the server's output
    wait_for(lambda: not alive(int(parent)))  # no orphan
    at = store.existing(run_id).step
    wait_for(lambda: store.existing(run_id).step > at)
    server = serve(store.home)
    assert server.run(run_id).status == "running"
    assert server.runner.capacity().running == 1
    server.signal(run_id, "pause")
    server.until(run_id, "paused")
    os.kill(server.worker(run_id), signal.SIGKILL)
    server.until(run_id, "crashed")
    server.starter.close()


def test_the_warm_parent_may_die(tmp_path: Path) -> None:
    server = serve(tmp_path)
    before = server.start(tiny(LONG))
    server.until_step(before, 1)
    assert server.starter._parent
    parent = server.starter._parent.process.pid
    os.kill(parent, signal.SIGKILL)
    server.until_step(before, server.run(before).step + 50)  # its children go on
    finished(server, server.start(tiny(5)))
    assert not alive(parent)
    worker = server.worker(before)
    server.stop(before)
    wait_for(lambda: not alive(worker))
    assert not held(server.store.folder(before))
    server.leave()
