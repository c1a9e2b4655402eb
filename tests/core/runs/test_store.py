"""The store under many processes, with bad ids, for strangers, and when the disk or the database says no."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from core.data.contract import TextError
from core.runs import store as store_module
from core.runs import tables, texts
from core.runs.failures import NoSuchRun, NotYours, StoreError, in_words
from core.runs.store import SIGNAL_NAMES, Store, open_store
from tests.core.runs.conftest import tiny

WRITER = """
import sys
from core.runs.store import open_store
from tests.core.runs.conftest import tiny
store = open_store(sys.argv[1])
run_id = store.create(tiny(10), sys.argv[2])
for step in range(100):
    store.append(run_id, [{"kind": "evaluated", "step": step, "part": part} for part in (0, 1)])
    store.signal(run_id, "learning-rate", step + 1, owner=sys.argv[2])
print(run_id)
"""


def test_many_processes_open_and_write_at_once(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"  # nobody made it yet
    owners = [f"owner-{n}" for n in range(4)]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(home), owner], stdout=subprocess.PIPE, text=True)
        for owner in owners
    ]
    ids = [writer.communicate()[0].strip() for writer in writers]
    store = open_store(home)
    for owner, run_id in zip(owners, ids, strict=True):
        assert [run.id for run in store.runs(owner)] == [run_id]
        told = store.events(run_id)
        assert [(one["step"], one["part"]) for _, one in told] == [
            (step, part) for step in range(100) for part in (0, 1)
        ]
        assert store.events(run_id, after=told[150][0]) == told[151:]
        assert [value for _, _, value in store.signals(run_id)] == list(range(1, 101))
    assert len(store.runs(None)) == 4


def test_a_new_run_is_what_was_asked_for(store: Store) -> None:
    experiment = tiny(10, model__direction="both", data__p=0.7)
    before = time.time()
    run = store.existing(store.create(experiment, "me", "My run"))
    assert (run.owner, run.title, run.experiment, run.status) == ("me", "My run", experiment, "queued")
    assert (run.step, run.steps, run.message, run.holder) == (0, 10, "", "")
    assert before <= run.created <= time.time()
    assert store.under_way() == []  # not submitted


def test_signals_count_until_they_were_heard_or_the_run_is_queued_anew(store: Store) -> None:
    run_id = store.create(tiny(10), "me")
    for name in ("pause", "resume", "stop"):
        store.signal(run_id, name, owner="me")
    (first, *_), *_ = store.signals(run_id)
    store.heard(run_id, first)
    assert [name for _, name, _ in store.signals(run_id)] == ["resume", "stop"]
    store.signal(run_id, "learning-rate", 0.5, owner="me")
    assert store.enqueue(run_id)
    assert [(name, value) for _, name, value in store.signals(run_id)] == [("learning-rate", 0.5)]
    (last, *_), *_ = store.signals(run_id)
    store.heard(run_id, last)
    assert store.enqueue(run_id)
    assert store.signals(run_id) == []


@pytest.mark.parametrize("value", [None, 0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_senseless_learning_rate_is_refused(store: Store, value: float | None) -> None:
    run_id = store.create(tiny(10), "me")
    with pytest.raises(StoreError, match="above 0"):
        store.signal(run_id, "learning-rate", value, owner="me")
    with pytest.raises(StoreError, match="no signal"):
        store.signal(run_id, "explode", owner="me")


def test_a_stranger_may_look_but_not_touch(store: Store) -> None:
    run_id = store.create(tiny(10), "me", "mine")
    for name in SIGNAL_NAMES:
        with pytest.raises(NotYours):
            store.signal(run_id, name, 0.5, owner="you")
    with pytest.raises(NotYours):
        store.rename(run_id, "yours", owner="you")
    with pytest.raises(NotYours):
        store.delete(run_id, "you")
    assert store.existing(run_id).title == "mine"
    assert store.signals(run_id) == []
    assert store.runs("you") == []


def test_a_deleted_run_leaves_nothing(store: Store) -> None:
    kept, gone = store.create(tiny(10), "me"), store.create(tiny(10), "me")
    for run_id in (kept, gone):
        store.append(run_id, [{"kind": "evaluated", "step": 1}])
        store.signal(run_id, "stop", owner="me")
        store.snapshot_path(run_id, 1).write_bytes(b"weights")
    store.delete(gone, "me")
    assert store.run(gone) is None
    assert store.events(gone) == store.signals(gone) == store.snapshots(gone) == []
    assert [path.name for path in (store.home / "runs").iterdir()] == [kept]
    assert len(store.events(kept)) == 1
    with pytest.raises(NoSuchRun):
        store.append(gone, [])
    with pytest.raises(NoSuchRun, match="deleted by its owner"):
        store.delete(gone, "me")


@pytest.mark.parametrize(
    "bad", ["", "..", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 32 + "\n", "a" * 30 + "/x", "a" * 33]
)
def test_what_is_not_an_id_never_becomes_a_path(store: Store, bad: str) -> None:
    assert store.run(bad) is None
    for use in (store.folder, store.snapshots, store.events, store.signals, store.state):
        with pytest.raises(NoSuchRun):
            use(bad)
    with pytest.raises(NoSuchRun):
        store.snapshot(bad, 0)


def test_the_oldest_ended_runs_of_a_learner_make_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEEP_RUNS", 3)
    ids = [store.create(tiny(10), "me") for _ in range(3)]
    other = store.create(tiny(10), "you")
    for run_id in (ids[0], ids[2], other):
        store.set_status(run_id, "finished")
    ids += [store.create(tiny(10), "me") for _ in range(2)]
    assert {run.id for run in store.runs("me")} == {ids[1], ids[2], ids[3], ids[4]}  # ids[1] still waits
    assert not store.folder(ids[0]).exists()
    assert store.run(other)


def test_the_largest_pile_of_snapshots_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEEP_BYTES", 10)
    older, newer = store.create(tiny(10), "me"), store.create(tiny(10), "you")
    for run_id in (older, newer):
        store.set_status(run_id, "finished")
        store.snapshot_path(run_id, 1).write_bytes(b"x" * 8)
        store.measure(run_id)
    store.create(tiny(10), "me")
    assert store.run(older) is None
    assert store.run(newer)


def test_texts_are_kept_once_and_by_their_content(store: Store) -> None:
    name = store.keep_text("Zwei Wörter")
    assert store.keep_text("Zwei Wörter") == name
    assert store.read_text(name) == "Zwei Wörter"
    assert len(list((store.home / "texts").iterdir())) == 1
    with pytest.raises(TextError, match="no longer kept"):
        store.read_text("text:" + "0" * 64)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "notes.txt", "text:../../x", "text:" + "0" * 63, "text:" + "0" * 64 + "\n"]
)
def test_a_link_never_reads_a_file(store: Store, path: str) -> None:
    with pytest.raises(TextError):
        store.read_text(path)
    with pytest.raises(TextError, match="pasted or uploaded"):
        store.create(tiny(10, data__task="text", data__text=path, train__batch=2), "me")
    assert store.runs("me") == []


def test_texts_without_a_run_make_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "KEEP_BYTES", 100)
    used = store.keep_text("a" * 60)
    store.create(tiny(10, data__task="text", data__text=used), "me")
    unused = store.keep_text("b" * 30)
    last = store.keep_text("c" * 30)
    assert store.read_text(used)
    assert store.read_text(last)
    with pytest.raises(TextError):
        store.read_text(unused)


def test_a_locked_database_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUSY_SECONDS", 0.05)
    store = open_store(tmp_path)
    run_id = store.create(tiny(10), "me")
    other = sqlite3.connect(tmp_path / "bothways.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="busy"):
        store.append(run_id, [{"kind": "evaluated", "step": 1}])
    assert store.existing(run_id).step == 0  # reading never waits
    other.execute("ROLLBACK")
    store.append(run_id, [{"kind": "evaluated", "step": 1}])
    assert store.existing(run_id).step == 1


def test_a_full_disk_is_said_in_words(store: Store) -> None:
    run_id = store.create(tiny(10), "me")

    @event.listens_for(store._engine, "checkout")
    def small(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # no page more than now

    with pytest.raises(StoreError, match="disk is full"):
        store.append(run_id, [{"kind": "evaluated", "step": 1, "much": "x" * 100_000}])
    assert "disk is full" in in_words(OSError(28, "No space left on device"))
    assert store.events(run_id) == []


def test_a_home_that_can_not_be_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be read or written"):
        open_store(tmp_path / "file")


@pytest.mark.parametrize("module", ["store", "history", "local", "looker", "starter", "sight", "worker", "warm"])
def test_the_server_side_never_loads_torch(module: str) -> None:
    code = f"import sys, core.runs.{module}; print('torch' in sys.modules, 'pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
