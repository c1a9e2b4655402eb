"""Races in the terminal, as people use them: from a file to tables, with real workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.test_terminal import command, told

SMALL: dict[str, Any] = {
    "base": {"data": {"task": "transfer"}, "train": {"steps": 4, "held_out": 20}, "tune": {"labels": 24}},
    "strategies": ["head", {"strategy": "lora", "rank": 2}],
    "seeds": 2,
    "rates": [],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def race(home: Path) -> dict[str, Any]:
    (home / "race.json").write_text(json.dumps(SMALL))
    return told(home, "race", str(home / "race.json"), "--set", "seeds=1", "--out", str(home / "out"))


def test_a_race_is_carried_out_and_told(home: Path, race: dict[str, Any]) -> None:
    head, lora = race["strategies"]
    assert [one["strategy"] for one in (head, lora)] == ["head", "lora rank=2"]
    assert head["status"] == lora["status"] == {"finished": 1}
    assert head["learning"] == 130  # 64 weights and a bias for each of two classes
    before, after = (head["pretraining"][0][name] for name in ("before", "after"))
    assert before == pytest.approx(after)  # the body never moved
    assert lora["pretraining"][0]["before"] == pytest.approx(before)
    assert 0 < head["held_out"]["mean"] < 1
    assert 0 < head["shifted"]["mean"] < 1
    assert "no verdict with 1 seed" in race["verdicts"]["held_out"][0]["words"]
    assert {path.name for path in (home / "out").iterdir()} == {
        *("cells.csv", "steps.csv", "result.json", "race.json", "race.py")
    }


def test_a_kept_race_is_shown_again_and_exported(home: Path, race: dict[str, Any]) -> None:
    assert told(home, "race", race["race"][:8]) == race
    out = home / "tables"
    assert told(home, "export", race["race"][:8], "--as", "csv", str(out))["files"][0] == "cells.csv"
    assert len((out / "cells.csv").read_text().splitlines()) == 1 + 2
    assert told(home, "export", race["race"], "--as", "script", str(home / "script"))["files"] == [
        "race.json",
        "race.py",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("race", "nowhere.json"), "can't be read"),
        (("race", "FILE", "--set", "seeds=0"), "race.seeds = 0"),
        (("race", "FILE", "--set", 'strategies=["magic"]'), "race.strategies"),
        (("race", "FILE", "--set", "data.question=who"), "data.question"),
        (("export", "nothing", "--as", "csv", "out"), "There is no race"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    home: Path, race: dict[str, Any], arguments: tuple[str, ...], words: str
) -> None:
    done = command(home, *(str(home / "race.json") if one == "FILE" else one for one in arguments))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
