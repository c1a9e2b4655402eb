"""Checkpoints as starting points: labelled words in their pieces, and a step of fine-tuning from their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.contract import IGNORE
from core.events import Finished
from core.fields import written
from core.hub import Folder, from_folder
from core.retelling import known, opened
from core.shelf import keep
from core.spec import Experiment, from_json
from core.starts import open_start
from core.training import train
from tests.core.models.peers import peer
from tests.core.models.peers import written as write_peer
from tests.core.test_from_checkpoint import KINDS
from tests.core.vocabularies import ROBERTA_MARKS, byte_pairs, size_of, word_pieces

SENTENCE = (("Don't", "O"), ("close", "O"), ("the", "O"), ("river", "B-place"), ("bank", "I-place"), (".", "O"))
TAGS = ("".join(f"{word}\t{tag}\n" for word, tag in SENTENCE) + "\n") * 20
ROUND = {"bert": ("[CLS]", "[SEP]"), "roberta": ("<s>", "</s>"), "gpt2": ()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, home: Path) -> dict[str, str]:
    """What experiments call each architecture's small checkpoint."""
    patch, found = pytest.MonkeyPatch(), {}
    patch.setenv("BOTHWAYS_HOME", str(home))
    for architecture in ROUND:
        folder = tmp_path_factory.mktemp(architecture)
        if architecture == "bert":
            word_pieces(folder, lower=True)
        else:
            byte_pairs(folder, ROBERTA_MARKS if architecture == "roberta" else ["<|endoftext|>"])
        write_peer(peer(architecture, KINDS[architecture], vocab_size=size_of(folder)), folder)
        found[architecture] = "checkpoint:" + keep(from_folder(folder))
    patch.undo()
    return found


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("BOTHWAYS_HOME", str(home))


def tuned(start: str, strategy: str = "full", **data: Any) -> Experiment:
    train_ = {"steps": 2, "batch": 4, "held_out": 8, "snapshots": 1, "warm_up": 0, "device": "cpu"}
    model = written(open_start(start).model)
    tune = {"strategy": strategy, "start": start, "labels": 8}
    about = {"task": "own-tags", "text": "text:" + "0" * 32, "length": 24, **data}
    return from_json({"data": about, "model": model, "train": train_, "tune": tune})


@pytest.mark.parametrize("architecture", ROUND)
def test_words_fall_into_pieces_and_the_first_carries_the_tag(architecture: str, names: dict[str, str]) -> None:
    source, start = opened(tuned(names[architecture]), read_text=lambda _: TAGS)
    assert start is not None
    assert isinstance(start.weights, Folder)
    assert start.order is not None
    batch = source.held_out(2)
    tokens, labels = batch.real(0), batch.labels[0]
    pieces = [source.words[token] for token in tokens]
    around = ROUND[architecture]
    assert tuple(pieces[:1] + pieces[-1:]) == around if around else pieces[-1].strip("␣") == "."
    asked = np.flatnonzero(labels != IGNORE)
    assert [source.classes[k] for k in labels[asked]] == [tag for _, tag in SENTENCE]
    inner = pieces[1:-1] if around else pieces
    text = "".join(inner).replace("␣", " ").replace("##", "")
    assert text.replace(" ", "").casefold() == "don'tclosetheriverbank."
    assert len(asked) < len(inner)
    for place, (word, _) in zip(asked, SENTENCE, strict=True):
        assert word.casefold().startswith(pieces[place].strip("␣").casefold())
    assert known(source, start).share > 0.8


@pytest.mark.parametrize("architecture", ROUND)
def test_a_checkpoint_is_fine_tuned(architecture: str, names: dict[str, str]) -> None:
    experiment = tuned(names[architecture])
    source, start = opened(experiment, read_text=lambda _: TAGS)
    *_, last = train(experiment, source, start=start)
    assert isinstance(last, Finished), last
    assert last.metrics["held_out"]["n"] > 0
    assert last.metrics["pretraining"]["loss"] > 0
