"""What is known of the machine: read back as written, and nothing at all from a file that can't be read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.fields import SpecError
from core.pace import Measured
from core.runs.machine import MACHINE, Machine, keep_machine, read_machine
from core.runs.measured import measured
from core.runs.store import Store
from core.spec import Experiment

TIMED = Measured(Experiment(), 71_042, 60_000.0, finished=False)
ASKING = {name: Experiment().with_({"train.device": name}) for name in ("auto", "cpu", "cuda", "mps")}


def test_what_was_found_is_read_back(tmp_path: Path) -> None:
    assert read_machine(tmp_path) == Machine()
    keep_machine(tmp_path / "new", ["cuda", "cpu"], [replace(TIMED, finished=True)])
    assert read_machine(tmp_path / "new") == Machine(("cuda", "cpu"), (TIMED,))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        b"\xff\xfe",
        {"devices": ["cpu"]},
        {"devices": 3, "timed": []},
        {"devices": [], "timed": [[1, 2]]},
        {"devices": [], "timed": [[{"model": {"colour": "red"}}, 1, 2.0, "cpu"]]},
        {"devices": [], "timed": [[{}, None, 2.0, "cpu"]]},
    ],
    ids=str,
)
def test_a_damaged_file_tells_nothing(store: Store, bad: object) -> None:
    body = bad if isinstance(bad, bytes) else (bad if isinstance(bad, str) else json.dumps(bad)).encode()
    (store.home / MACHINE).write_bytes(body)
    assert read_machine(store.home) == Machine()
    assert measured(store) == []


@pytest.mark.parametrize(
    ("devices", "refused", "auto"),
    [((), set(), ""), (("cpu",), {"cuda", "mps"}, "cpu"), (("mps", "cpu"), {"cuda"}, "mps")],
)
def test_a_device_that_is_not_here_is_refused_with_a_way_out(
    devices: tuple[str, ...], refused: set[str], auto: str
) -> None:
    here = Machine(devices)
    for name, experiment in ASKING.items():
        if name in refused:
            with pytest.raises(SpecError, match="no such device") as told:
                here.check(experiment)
            here.check(experiment.with_(told.value.works))
        else:
            here.check(experiment)
    assert here.taken("auto") == auto
