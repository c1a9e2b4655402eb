"""The terminal as people use it: by command, with real output, exit codes and files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.picture import LOOKS
from core.runs.store import open_store
from tests.core.runs.conftest import wait_for

SMALL = {
    "data": {"task": "sense", "p": 0.7},
    "model": {"direction": "left-to-right", "size": "tiny"},
    "train": {"steps": 40, "batch": 8, "held_out": 32, "evaluate_every": 20},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def experiment(home: Path) -> str:
    path = home / "experiment.json"
    path.write_text(json.dumps(SMALL))
    return str(path)


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        env={**os.environ, "BOTHWAYS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def told(home: Path, *arguments: str) -> dict[str, Any]:
    """The object on the last line of a command that works."""
    done = command(home, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


@pytest.fixture(scope="module")
def result(home: Path, experiment: str) -> dict[str, Any]:
    """One run, from a file with a change, written into a folder."""
    return told(home, "run", experiment, "--set", "model.direction=both", "--out", str(home / "out"))


def test_run_ends_with_the_object_that_was_promised(result: dict[str, Any]) -> None:
    names = ["run", "parameters", "device", "steps", "seconds", "tokens_per_second", "metrics", "ceilings"]
    assert list(result) == names
    assert result["steps"] == 40
    assert {split: set(values) for split, values in result["metrics"].items()} == {
        "train": {"loss", "accuracy"},
        "held_out": {"loss", "accuracy"},
    }
    assert result["ceilings"] == pytest.approx({"left": 0.65, "right": 0.85, "both": 1.0})


def test_run_leaves_a_folder_and_a_run_that_pages_can_show(home: Path, result: dict[str, Any]) -> None:
    out, store = home / "out", open_store(home)
    assert json.loads((out / "result.json").read_text()) == result
    assert json.loads((out / "experiment.json").read_text())["model"]["direction"] == "both"
    kinds = [json.loads(line)["kind"] for line in (out / "events.jsonl").read_text().splitlines()]
    assert (kinds[0], kinds[-1]) == ("started", "finished")
    steps = sorted(int(path.stem[5:]) for path in out.glob("step-*.safetensors"))
    assert steps == store.snapshots(result["run"])
    assert store.existing(result["run"]).status == "finished"


def test_runs_and_show(home: Path, result: dict[str, Any]) -> None:
    assert result["run"] in [run["id"] for run in told(home, "runs")["runs"]]
    shown = told(home, "show", result["run"][:12])
    assert (shown["id"], shown["status"], shown["step"]) == (result["run"], "finished", 40)
    assert shown["metrics"]["held_out"]["accuracy"] == result["metrics"]["held_out"]["accuracy"]
    assert "sense: transformer, both (deep)" in command(home, "runs").stdout


def test_look_at_a_run_and_at_its_folder_give_the_same(home: Path, result: dict[str, Any]) -> None:
    files = []
    for number, target in enumerate((result["run"], str(home / "out"))):
        files.append(home / f"look-{number}.npz")
        seen = told(home, "look", target, "--what", "influence", "--out", str(files[-1]))
        assert seen["arrays"]["influence"] == [len(seen["tokens"])] * 2
    with np.load(files[0]) as first, np.load(files[1]) as second:
        assert first.files == second.files
        assert all(np.array_equal(first[name], second[name]) for name in first.files)
        assert json.loads(str(first["about"]))["axes"]["influence"] == ["T", "S"]


def test_every_look_is_within_reach_with_its_options(
    home: Path, result: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.terminal import main

    monkeypatch.setenv("BOTHWAYS_HOME", str(home))
    options = {"ablation": "heads=[[0, 1]]", "saliency": "word=2", "states": "dimensions=3", "probes": "words=random"}
    for what in LOOKS:
        given = ["look", str(home / "out"), "--what", what, "--json", "--out", str(home / what)]
        if what == "cells":
            assert main(given) == 2
            assert "no gates" in capsys.readouterr().err
            continue
        if what == "likeness":
            given += ["--other", str(home / "out")]
        assert main([*given, *(["--set", options[what]] if what in options else [])]) == 0
        seen = json.loads(capsys.readouterr().out.splitlines()[-1])
        with np.load(home / f"{what}.npz") as kept:
            assert {name: list(kept[name].shape) for name in kept.files if name != "about"} == seen["arrays"]
        if what == "states":
            assert seen["arrays"]["points"][-1] == 3
        if what == "ablation":
            assert seen["notes"]["heads"] == [[0, 1]]
    assert main(["look", str(home / "out"), "--what", "flow", "--set", "word=soon"]) == 2
    assert "whole number" in capsys.readouterr().err


def test_several_seeds_give_their_mean(home: Path, experiment: str) -> None:
    together = told(home, "run", experiment, "--seeds", "2", "--set", "train.steps=5")
    single = [one["metrics"]["held_out"]["loss"] for one in together["seeds"]]
    assert len(set(single)) == 2
    assert together["metrics"]["held_out"]["loss"] == pytest.approx(sum(single) / 2)
    assert repr(together["steps"]) == "5"


def test_look_chooses_what_the_model_has_and_says_where_it_wrote(home: Path, experiment: str) -> None:
    run = told(home, "run", experiment, "--set", "train.steps=2", "--set", "model.family=lstm")["run"]
    seen = told(home, "look", run, "--out", str(home / "seen"))
    assert "influence" in seen["arrays"]
    assert seen["out"] == str(home / "seen.npz")
    with np.load(seen["out"]) as kept:
        assert list(kept["influence"].shape) == seen["arrays"]["influence"]


def test_own_text_by_its_path_is_kept_and_named_by_content(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("the quick fox jumps over the lazy dog . " * 60, encoding="utf-8")
    body = {"data": {"text": "mine.txt", "length": 8}, "train": {"steps": 3, "batch": 2, "held_out": 8}}
    (tmp_path / "text.json").write_text(json.dumps({**body, "model": {"size": "tiny"}}))
    result = told(home, "run", str(tmp_path / "text.json"), "--out", str(tmp_path / "out"))
    assert result["ceilings"] is None
    reference = open_store(home).existing(result["run"]).experiment.data.settings.text
    assert reference.startswith("text:")
    (tmp_path / "mine.txt").unlink()
    assert told(home, "look", str(tmp_path / "out"), "--text", "the fox")["tokens"] == ["the", "fox"]


def test_an_interrupted_run_is_put_aside_and_resumed(home: Path, experiment: str) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "core", "run", experiment, "--set", "train.steps=900"],
        env={**os.environ, "BOTHWAYS_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    store = open_store(home)
    wait_for(lambda: any(one.steps == 900 and one.step > 20 for one in store.runs(None)))
    run.send_signal(signal.SIGINT)
    said = run.communicate()[1]
    assert run.returncode == 2
    (one,) = (one for one in store.runs(None) if one.steps == 900)
    assert one.status == "paused"
    assert f"python -m core resume {one.id}" in said
    assert told(home, "resume", one.id[:16])["steps"] == 900
    assert store.existing(one.id).status == "finished"


def test_describe_and_list_need_no_torch(home: Path, experiment: str) -> None:
    described = told(home, "describe", experiment)
    assert described["ceilings"]["left"] == pytest.approx(described["ceiling"])
    assert sum(described["parameters_by_part"].values()) == described["parameters"]
    assert {row["name"] for row in told(home, "list", "tasks")["tasks"]} >= {"sense", "text"}
    code = "import sys, core.terminal; core.terminal.main(['list', 'fusions']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert "gated" in done.stdout


def test_a_checkpoint_is_described_without_reading_its_weights(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    sizes = {"n_layer": 1, "n_embd": 4, "n_head": 2, "vocab_size": 9}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2", **sizes}))
    save_file({"wte.weight": np.zeros((9, 4), np.float32)}, tmp_path / "model.safetensors")
    facts = told(tmp_path, "load", str(tmp_path))
    assert facts["architecture"] == "gpt2"
    assert (facts["layers"], facts["width"], facts["heads"], facts["vocabulary"], facts["parameters"]) == (
        1,
        4,
        2,
        9,
        36,
    )
    assert facts["files"] == ["config.json", "model.safetensors"]
    shown = command(tmp_path, "load", str(tmp_path)).stdout
    assert "parameters    36" in shown
    assert "there is no tokenizer" in shown


@pytest.mark.parametrize("what", ["tasks", "models", "fusions", "objectives", "looks", "tokenizers"])
def test_everything_listed_is_shown_in_words(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    from core.terminal import LISTS, main

    assert main(["list", what]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(LISTS[what]()) >= 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "EXPERIMENT", "--set", "model.heads=7"], "Try model.heads = "),
        (["run", "EXPERIMENT", "--set", "model.heads"], "part.name=value"),
        (["run", "EXPERIMENT", "--set", "model.width=wide"], "Try model.width = null."),
        (["run", "EXPERIMENT", "--out", "EXPERIMENT"], "can't be read or written (File exists)"),
        (["run", "EXPERIMENT", "--seeds", "0"], "At least one seed"),
        (["run", "nowhere.json"], "can't be read"),
        (["describe", "EXPERIMENT", "--set", "data.task=text", "--set", "data.text=/nowhere.txt"], "can't be read"),
        (["show", "abc"], "There is no run"),
        (["look", "abc"], "There is no run"),
        (["resume", ""], "There is no run"),
        (["load", "/nowhere/at/all"], "There is no folder"),
        (["list", "nonsense"], "invalid choice"),
        ([], "required"),
    ],
)
def test_what_can_not_work_is_said_on_standard_error_with_code_2(
    home: Path,
    experiment: str,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from core.terminal import main

    monkeypatch.setenv("BOTHWAYS_HOME", str(home))
    try:
        code = main([experiment if one == "EXPERIMENT" else one for one in arguments])
    except SystemExit as ended:  # argparse's own
        code = int(str(ended.code))
    shown = capsys.readouterr()
    assert code == 2
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_labelled_file_is_read_checked_and_learned_from(home: Path) -> None:
    rows = "".join(f"this film is {word} number {n},{word}\n" for n in range(20) for word in ("good", "bad"))
    (home / "films.csv").write_text("text,label\n" + rows)
    plain = {"data": {"task": "own-classes", "text": "films.csv"}, "model": {"size": "tiny"}, "train": {"steps": 30}}
    (home / "films.json").write_text(json.dumps(plain))
    done = command(home, "run", str(home / "films.json"), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ceilings"] is None
    assert set(told["metrics"]["held_out"]) == {"loss", "accuracy", "macro_f1"}
    (home / "films.csv").write_text("text,label\n" + rows + "one,two,three\n")
    refused = command(home, "run", str(home / "films.json"))
    assert refused.returncode == 2
    assert "Line 42 has 3 columns" in refused.stderr


@pytest.fixture(scope="module")
def translator(home: Path) -> str:
    path = home / "pairs.json"
    train = {"steps": 30, "batch": 16, "held_out": 32, "evaluate_every": 30}
    path.write_text(json.dumps({"data": {"task": "agreement"}, "model": {"size": "tiny"}, "train": train}))
    return str(told(home, "run", str(path))["run"])


def test_translate_tells_each_word_and_where_it_looked(home: Path, translator: str) -> None:
    done = told(home, "translate", translator, "--text", "The red house")
    assert done["source"] == ["the", "red", "house"]
    assert done["decoder"] == "greedy"
    assert len(done["written"]) == len(done["probabilities"]) == len(done["attention"])
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for row in done["attention"])
    shown = command(home, "translate", translator, "--text", "the red house").stdout
    assert shown.splitlines()[1] == f"written     {' '.join(done['written'])}".rstrip()
    wide = told(home, "translate", translator, "--decoder", "beam", "--set", "width=3")
    assert wide["options"]["width"] == 3
    assert len(wide["events"][0]["candidates"]) == 3


def test_translate_says_what_is_wrong(home: Path, translator: str, result: dict[str, Any]) -> None:
    for arguments, words in (
        (("--text", "the reed house"), "“reed” is not a word of this game. Try “red”."),
        (("--decoder", "mask-predict"), "This model doesn't write that way."),
        (("--set", "widht=2"), "Did you mean decode.width?"),
        (("--set", "width=99"), "Beam must be at most 32."),
    ):
        done = command(home, "translate", translator, *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert "Only an encoder–decoder translates." in command(home, "translate", result["run"]).stderr
