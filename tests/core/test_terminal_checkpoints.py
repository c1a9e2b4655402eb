"""The terminal with checkpoints: load, look, fine-tune, export; transformers reads what comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.borrowed import borrow
from core.hub import from_folder
from core.models.imported import load_checkpoint
from core.terminal import main
from tests.core.models.peers import peer, written
from tests.core.models.test_exported import loaded
from tests.core.models.test_imported import scores
from tests.core.vocabularies import size_of, word_pieces

CHECKPOINT = "bert"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nn.Module]:
    folder = tmp_path_factory.mktemp("bert")
    word_pieces(folder, lower=True)
    theirs = peer("bert", "BertForMaskedLM", vocab_size=size_of(folder))
    written(theirs, folder)
    return folder, theirs


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command that works; the object on its last line."""
    monkeypatch.setenv("BOTHWAYS_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> dict[str, Any]:
        code = main([*arguments, "--json"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        last: dict[str, Any] = json.loads(shown.out.splitlines()[-1])
        return last

    return run


def test_load_look_fine_tune_and_export(made: tuple[Path, nn.Module], told: Any, tmp_path: Path) -> None:
    folder, theirs = made
    out, back = tmp_path / "out", tmp_path / "back"
    facts = told("load", str(folder), "--out", str(out))
    assert (facts["architecture"], facts["parameters"]) == ("bert", sum(one.numel() for one in theirs.parameters()))
    seen = told("look", str(out), "--text", "The river [mask] was steep", "--what", "attention")
    assert seen["tokens"][0] == "[CLS]"
    assert "[mask]" in seen["tokens"]
    assert len(seen["notes"]["prediction"]) == len(seen["tokens"])
    saved = told("export", str(out), "--as", "model", str(back))
    assert (saved["architecture"], saved["parameters"]) == ("BertForMaskedLM", facts["parameters"])
    tokens = torch.from_numpy(borrow(from_folder(folder)).encode_sentence("the bank")).clamp(max=20)[None]
    with torch.no_grad():
        torch.testing.assert_close(scores(loaded(back, "BertForMaskedLM"), tokens), scores(theirs, tokens))
    (tmp_path / "own.txt").write_text("The river bank was steep, and the bank by the river closed. " * 30)
    plain: dict[str, Any] = {"model": {"checkpoint": str(folder)}, "data": {"length": 12, "text": "own.txt"}}
    plain["train"] = {"steps": 2, "batch": 4, "held_out": 8, "warm_up": 0}
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps(plain))
    run = told("run", str(path))["run"]
    kept = told("show", run)["experiment"]["model"]
    assert kept["checkpoint"].startswith("kept:")
    assert (kept["width"], kept["layers"]) == (24, 2)
    told("export", run, "--as", "model", str(tmp_path / "tuned"))
    tuned = load_checkpoint(from_folder(tmp_path / "tuned"))
    before = load_checkpoint(from_folder(folder))
    assert not torch.equal(tuned.words.weight, before.words.weight)
    told("export", run, "--as", "model", str(tmp_path / "untuned"), "--step", "0")
    assert torch.equal(load_checkpoint(from_folder(tmp_path / "untuned")).words.weight, before.words.weight)


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        ({"data": {"task": "text"}, "model": {"size": "tiny"}}, "It would need model.tied_words = true"),
        ({"data": {"task": "sense"}, "model": {"size": "tiny"}}, "Only a model that reads text"),
    ],
)
def test_what_can_not_be_saved_says_why(
    experiment: dict[str, Any], words: str, told: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps({**experiment, "train": {"steps": 1, "batch": 2, "held_out": 8}}))
    run = told("run", str(path))["run"]
    assert main(["export", run, "--as", "model", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err


def test_a_path_that_is_no_checkpoint_is_refused(told: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "experiment.json"
    for checkpoint, words in (
        ("/nowhere/at/all", "There is no folder"),
        (3, "named by its folder"),
        ("models:x", "offered"),
    ):
        path.write_text(json.dumps({"model": {"checkpoint": checkpoint}}))
        assert main(["describe", str(path)]) == 2
        assert words in capsys.readouterr().err
