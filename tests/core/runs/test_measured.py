"""What an estimate of time rests on: first steps until a run has finished here, then finished runs."""

from __future__ import annotations

from dataclasses import replace

from core.device import devices
from core.pace import Measured, expected
from core.runs.machine import keep_machine, read_machine
from core.runs.measured import measured
from core.runs.store import Store
from core.runs.warm import know_machine
from core.runs.worker import carry_out
from core.shelf import default_home
from core.spec import Experiment, from_json

SHORT = from_json({"model": {"size": "tiny"}, "train": {"steps": 3, "batch": 4, "held_out": 8}})


def test_first_steps_serve_until_a_run_has_finished(store: Store) -> None:
    assert measured(store) == []
    timed = Measured(Experiment(), 71_042, 60_000.0)
    keep_machine(store.home, ["cpu"], [timed])
    assert measured(store) == [replace(timed, finished=False)]
    told = expected(Experiment(), 48, 2, measured(store))
    assert not told.low
    assert "timed" in told.reason

    run_id = store.create(SHORT, owner="a" * 32)
    carry_out(store, run_id)
    (only,) = measured(store)
    assert only.experiment == SHORT
    assert only.finished
    assert "finished run" in expected(SHORT, 48, 2, [only]).reason


def test_the_warm_parent_finds_devices_and_times_the_defaults(store: Store, monkeypatch) -> None:
    monkeypatch.setenv("BOTHWAYS_HOME", str(store.home))
    assert default_home() == store.home
    know_machine()
    assert list(read_machine(store.home).devices) == devices()
    if devices() != ["cpu"]:
        assert measured(store) == []  # its speed is known once a run has finished
        return
    found = measured(store)
    assert {one.experiment.model.family for one in found} == {"transformer", "lstm"}
    assert all(one.tokens_per_second > 0 and one.parameters > 1000 for one in found)
