"""Races go on by themselves: every run once, the best rate, through crashes and restarts; and only their owner's."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.runs import races
from core.runs import store as store_module
from core.runs.failures import NoSuchRun, NotYours, QueueFull
from core.runs.race_store import add_runs, keep_race
from core.runs.races import RACE, SWEEP, Cell, Race, advance, cells, race_from_json
from core.runs.store import Store, open_store
from core.runs.tables import RACES
from tests.core.runs.conftest import Server, serve, tiny, wait_for

SMALL: dict[str, Any] = {
    "data": {"task": "transfer", "question": "mood"},
    "train": {"steps": 30, "batch": 4, "held_out": 16},
    "tune": {"labels": None},
}
PLAIN: dict[str, Any] = {"base": SMALL, "strategies": ["full", "head"], "seeds": 2, "sweep_steps": 5}


@pytest.fixture
def kept(store: Store) -> Race:
    """A race that was kept and not begun."""
    return races.race(store, keep_race(store, race_from_json(PLAIN), "me", "My race"))


def end(store: Store, cell: Cell, accuracy: float = 0.5, **metrics: dict[str, float]) -> None:
    """Let a run end as if a worker had carried it out."""
    scores = {"held_out": {"accuracy": accuracy}, **metrics}
    store.append(cell.id, [{"kind": "started", "step": 0, "steps": 30, "parameters": 9, "device": "cpu"}])
    store.append(cell.id, [{"kind": "finished", "step": 30, "metrics": scores, "seconds": 1.0}])
    store.set_status(cell.id, "finished")


def queued(store: Store, of: Race) -> list[tuple[str, str, int, float | None]]:
    return [(one.entry.key, one.stage, one.seed, one.rate) for one in cells(store, of) if one.status == "queued"]


def test_the_sweep_comes_first_and_its_best_rate_runs_with_every_seed(store: Store, kept: Race) -> None:
    assert advance(store, kept.id)
    rates = {"full": (0.00033, 0.001, 0.003), "head": (0.0033, 0.01, 0.03)}
    assert queued(store, kept) == [(key, SWEEP, 0, rates[key][n]) for n in range(3) for key in ("full", "head")]
    for one in cells(store, kept):
        if one.stage == SWEEP and one.entry.key == "full":
            end(store, one, 0.9 if one.rate == 0.003 else 0.8)
    advance(store, kept.id)
    assert [one for one in queued(store, kept) if one[1] == RACE] == [("full", RACE, seed, 0.003) for seed in (0, 1)]
    for one in cells(store, kept):
        if one.status == "queued":
            end(store, one, 0.7)
    advance(store, kept.id)
    assert queued(store, kept) == [("head", RACE, seed, 0.0033) for seed in (0, 1)]  # of equals the smallest
    for one in cells(store, kept):
        if one.status == "queued":
            end(store, one)
    assert not advance(store, kept.id)
    assert races.race(store, kept.id).ended
    assert {one.status for one in cells(store, kept)} == {"finished"}


def test_the_rate_is_chosen_by_validation_not_by_the_test() -> None:
    event = {"kind": "finished", "metrics": {"held_out": {"accuracy": 0.9}, "validation": {"accuracy": 0.4}}}
    assert races.validation(event) == 0.4
    assert races.validation({"kind": "failed"}) is None
    assert races.score({"accuracy": 0.9, "f1": 0.3}) == 0.3
    assert races.best_rate({0.1: 0.5, 0.01: 0.5, 1.0: None, 0.5: 0.2}) == 0.01
    assert races.best_rate({0.1: None}) is None


def test_a_strategy_without_a_rate_that_works_is_left_out(store: Store, kept: Race) -> None:
    advance(store, kept.id)
    for one in cells(store, kept):
        if one.entry.key == "head":
            store.set_status(one.id, "failed", "Training blew up.") if one.run else None
        elif one.run:
            end(store, one)
    advance(store, kept.id)
    assert {key for key, *_ in queued(store, kept)} == {"full"}
    for one in cells(store, kept):
        if one.status == "queued":
            end(store, one)
    assert not advance(store, kept.id)


ADVANCE = """
import sys
from core.runs.races import advance
from core.runs.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(20):
    advance(store, sys.argv[2])
"""


def test_many_servers_that_advance_a_race_at_once_make_each_run_once(store: Store, kept: Race) -> None:
    advance(store, kept.id)
    for one in cells(store, kept):
        if one.stage == SWEEP:
            end(store, one)
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", ADVANCE, str(store.home), kept.id], stdin=-1, stdout=-1, stderr=-1, text=True
        )
        for _ in range(3)
    ]
    for server in servers:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin
        server.stdin.write("go\n")
        server.stdin.flush()
    for server in servers:
        assert server.communicate()[1] == ""
        assert server.returncode == 0
    assert queued(store, kept) == [
        (key, RACE, seed, rate) for seed in (0, 1) for key, rate in (("full", 0.00033), ("head", 0.0033))
    ]
    assert len(store.cells(kept.id)) == 6 + 4


def test_what_was_stopped_meanwhile_gets_no_more_runs(store: Store, kept: Race) -> None:
    races.mark_stopped(store, kept.id, ["head"])
    missing = [(one.id, one.stage, tiny(5)) for one in cells(store, kept)]
    assert not add_runs(store, kept, missing)  # `kept` was read before
    assert advance(store, kept.id)
    assert {key for key, *_ in queued(store, kept)} == {"full"}


def test_only_the_owner_stops_renames_or_deletes_a_race(server: Server) -> None:
    store, runner = server.store, server.runner
    race_id = keep_race(store, race_from_json(PLAIN), "anna", "hers")
    for attempt in (
        lambda: races.stop_all(store, runner, race_id, "ben"),
        lambda: races.stop_strategy(store, runner, race_id, "full", "ben"),
        lambda: races.rename_race(store, race_id, "his", "ben"),
        lambda: races.delete(store, race_id, "ben"),
    ):
        with pytest.raises(NotYours, match="belongs to someone else"):
            attempt()
    assert races.race(store, race_id).title == "hers"
    races.rename_race(store, race_id, "ours", "anna")
    assert [one.title for one in races.races(store, "anna")] == ["ours"]
    assert races.races(store, "ben") == []
    races.delete(store, race_id, "anna")
    with pytest.raises(NoSuchRun):
        races.race(store, race_id)
    assert races.find_race(store, "../etc") is None


def test_a_deleted_race_leaves_nothing(store: Store, kept: Race) -> None:
    alone = store.create(tiny(10), "me")
    advance(store, kept.id)
    races.delete(store, kept.id, "me")
    assert not advance(store, kept.id)
    assert not add_runs(store, kept, [(one.id, one.stage, tiny(5)) for one in cells(store, kept)])
    assert store.cells(kept.id) == {}
    assert [path.name for path in (store.home / "runs").iterdir()] == [alone]


def test_lists_of_runs_leave_those_of_races_out(store: Store, kept: Race) -> None:
    alone = store.create(tiny(10), "me")
    advance(store, kept.id)
    assert [run.id for run in store.runs("me")] == [run.id for run in store.runs(None)] == [alone]
    assert len(store.runs("me", cells=True)) == 7
    assert {run.race for run in store.cells(kept.id).values()} == {kept.id}


def test_a_race_counts_as_one_run_and_goes_as_a_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEEP_RUNS", 3)
    older = races.race(store, keep_race(store, race_from_json({**PLAIN, "rates": []}), "me", ""))
    advance(store, older.id)
    for one in cells(store, older):
        end(store, one)  # all there is has ended, and it is still to be closed
    ids = [store.create(tiny(10), "me") for _ in range(2)]
    assert len(store.cells(older.id)) == 4
    for run_id in ids:
        store.set_status(run_id, "finished")
    third = store.create(tiny(10), "me")
    fourth = store.create(tiny(10), "me")  # one too many: the race is the oldest, but it isn't over
    assert len(store.cells(older.id)) == 4
    assert not advance(store, older.id)
    store.create(tiny(10), "me")
    assert races.find_race(store, older.id) is None
    assert store.cells(older.id) == {}
    assert {run.id for run in store.runs("me")} >= {third, fourth}


def test_a_race_that_can_not_be_read_stops_neither_lists_nor_the_queue(store: Store, kept: Race) -> None:
    bad = keep_race(store, race_from_json(PLAIN), "me", "")
    with store.transaction() as connection:
        connection.execute(update(RACES).where(RACES.c.id == bad).values(spec='{"strategies": ["of another age"]}'))
    assert [one.id for one in races.races(store, "me")] == [kept.id]
    assert races.find_race(store, bad) is None
    assert set(races.races_under_way(store)) == {kept.id, bad}
    assert not advance(store, bad)
    assert races.races_under_way(store) == [kept.id]


OLD = """CREATE TABLE runs (id VARCHAR(32) PRIMARY KEY, owner VARCHAR(64) NOT NULL, title TEXT NOT NULL,
experiment TEXT NOT NULL, status VARCHAR(16) NOT NULL, message TEXT NOT NULL, created FLOAT NOT NULL, queued FLOAT,
started FLOAT, ended FLOAT, step INTEGER NOT NULL, steps INTEGER NOT NULL, beat FLOAT, heard INTEGER NOT NULL,
holder VARCHAR(64) NOT NULL, bytes INTEGER NOT NULL)"""


def test_a_database_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "bothways.db")
    old.execute(OLD)
    row = ("a" * 32, "me", "old", "{}", "finished", "", 1.0, None, None, 2.0, 3, 3, None, 0, "", 0)
    old.execute(f"INSERT INTO runs VALUES ({','.join('?' * len(row))})", row)
    old.commit()
    for _ in range(2):
        (run,) = open_store(tmp_path).runs("me")
        assert (run.title, run.race, run.step) == ("old", "", 3)


# With real workers

REAL: dict[str, Any] = {
    "base": {**SMALL, "train": {"steps": 8, "batch": 4, "held_out": 16}, "tune": {"labels": 16}},
    "strategies": [{"strategy": "full", "rates": [0.001, 0.003]}, "head"],
    "rates": [],
    "seeds": 1,
}


@pytest.fixture
def raced(server: Server) -> Iterator[Callable[..., Race]]:
    """Begin races on a server; they are deleted at the end."""
    begun: list[str] = []

    def begin(plain: dict[str, Any] = PLAIN, owner: str = "racer") -> Race:
        begun.append(races.begin(server.store, server.runner, race_from_json(plain), owner, "Race"))
        return races.race(server.store, begun[-1])

    yield begin
    for race_id in begun:
        if of := races.find_race(server.store, race_id):
            races.delete(server.store, race_id, of.owner)


def over(store: Store, race_id: str) -> Race:
    return wait_for(lambda: of if not (of := races.race(store, race_id)).under_way else None)


def test_a_race_ends_by_itself_and_its_runs_equal_runs_alone(server: Server, raced: Callable[..., Race]) -> None:
    of = over(server.store, raced(REAL).id)
    done = cells(server.store, of)
    assert [one.status for one in done] == ["finished"] * 4
    one = next(one for one in done if one.stage == RACE)
    assert one.run
    run_id = server.start(one.run.experiment)
    server.until(run_id, "finished")
    assert server.history(run_id).losses == server.history(one.id).losses
    finished = server.history(one.id).finished
    assert finished
    assert finished["metrics"]["pretraining"]["loss"] > 1
    assert server.history(one.id).compared
    short = next(one for one in done if one.stage == SWEEP)
    assert not server.history(short.id).compared  # only its task is measured
    assert 0 < finished["peak_bytes"] < 500e6
    assert server.history(one.id).snapshots == [0, 8]


LONG: dict[str, Any] = {**PLAIN, "base": {**SMALL, "train": {**SMALL["train"], "steps": 3000}}, "rates": []}


def running(store: Store, of: Race) -> list[Cell]:
    return [one for one in cells(store, of) if one.run and one.run.holder and one.run.step > 10]


def at_work(store: Store, of: Race) -> set[int]:
    """The processes that carry out runs of a race."""
    return {int(one.run.holder.split()[1]) for one in running(store, of) if one.run}


def test_a_run_whose_worker_dies_is_sent_on_once(server: Server, raced: Callable[..., Race]) -> None:
    of = raced({**LONG, "strategies": ["full"], "seeds": 1})
    workers = list[int]()
    for _ in range(2):
        workers.append(wait_for(lambda: next(iter(at_work(server.store, of) - set(workers)), 0)))
        os.kill(workers[-1], signal.SIGKILL)
    over(server.store, of.id)
    assert [one.status for one in cells(server.store, of)] == ["crashed"]


def test_stopping_one_strategy_lets_the_others_go_on_and_stopping_all_ends_it(
    server: Server, raced: Callable[..., Race]
) -> None:
    of = raced(LONG)
    wait_for(lambda: running(server.store, of))
    races.stop_strategy(server.store, server.runner, of.id, "head", "racer")
    wait_for(lambda: all(one.over for one in cells(server.store, of) if one.entry.key == "head"))
    assert races.race(server.store, of.id).under_way
    assert any(not one.over for one in cells(server.store, of) if one.entry.key == "full")
    races.stop_all(server.store, server.runner, of.id, "racer")
    over(server.store, of.id)
    assert "stopped" in {one.status for one in cells(server.store, of)}


def test_a_race_is_one_run_of_the_learners_share_and_lets_single_runs_pass(
    server: Server, raced: Callable[..., Race], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.runner, "workers", 1)
    monkeypatch.setattr(server.runner, "learner_runs", 2)
    of = raced(LONG)
    wait_for(lambda: running(server.store, of))
    alone = server.start(tiny(200_000), "racer")
    assert server.runner.place(alone) == 1
    with pytest.raises(QueueFull, match="2 is the most"):
        raced(LONG)
    with pytest.raises(QueueFull, match="2 is the most"):
        server.start(tiny(5), "racer")
    server.runner.cancel(alone, owner="racer")


SERVER = """
import sys, time
from core.runs import races
from core.runs.local import Runner
from core.runs.store import open_store
store = open_store(sys.argv[1])
runner = Runner(store)
print(races.begin(store, runner, races.race_from_json(sys.argv[2]), "me", ""), flush=True)
time.sleep(600)
"""


def test_a_race_goes_on_with_the_next_server(store: Store) -> None:
    command = [sys.executable, "-c", SERVER, str(store.home), json.dumps(REAL)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout
    race_id = first.stdout.readline().strip()
    first.kill()
    first.communicate()
    of = races.race(store, race_id)
    assert of.under_way
    time.sleep(0.5)
    server = serve(store.home)
    over(store, race_id)
    assert {one.status for one in cells(store, of)} == {"finished"}
    server.leave()
