"""Experiments that start from a checkpoint: found by name, asked, trained, resumed; the words of transformers."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.data.batches import frame
from core.data.contract import IGNORE, TextError
from core.data.corpora import TextSource
from core.data.registry import open_source
from core.events import Failed, Finished, Sampled, Snapshot
from core.fields import SpecError
from core.generation import continue_text, fill_blanks
from core.hub import CheckpointError, Folder, fetch, from_folder
from core.loading import starting
from core.models.imported import load_checkpoint
from core.parts import ObjectiveSpec
from core.shelf import find, keep, offered, tokenizer_of
from core.spec import Experiment, from_json
from core.text import MASK
from core.training import train
from tests.core.hub_stand_in import serving
from tests.core.models.peers import peer, written
from tests.core.vocabularies import ROBERTA_MARKS, byte_pairs, size_of, word_pieces

KINDS = {"bert": "BertForMaskedLM", "roberta": "RobertaForMaskedLM", "distilbert": "DistilBertForMaskedLM"}
KINDS["gpt2"] = "GPT2LMHeadModel"
STORY = "The river bank was steep, and the bank by the river closed. " * 30


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, torch.nn.Module]]:
    """A folder with weights and vocabulary for each architecture, and its model in transformers."""
    found = {}
    for architecture, kind in KINDS.items():
        folder = tmp_path_factory.mktemp(architecture)
        if architecture in ("gpt2", "roberta"):
            byte_pairs(folder, ROBERTA_MARKS if architecture == "roberta" else ["<|endoftext|>"])
        else:
            word_pieces(folder, lower=True)
        theirs = peer(architecture, kind, vocab_size=size_of(folder))
        written(theirs, folder)
        found[architecture] = folder, theirs
    return found


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("BOTHWAYS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def experiment(folder: Folder, name: str, **train: Any) -> Experiment:
    plain = starting(folder, name)
    plain["data"] |= {"text": "text:own", "length": 12}
    plain["train"] |= {"steps": 2, "batch": 4, "held_out": 8, "warm_up": 0, "precision": "float32", **train}
    return from_json(plain)


def source_of(one: Experiment) -> TextSource:
    source = open_source(one.data.settings, lambda _: STORY, one.model.checkpoint)
    assert isinstance(source, TextSource)
    return source


def snapshots(one: Experiment, **more: Any) -> list[Snapshot]:
    events = list(train(one, source_of(one), **more))
    assert isinstance(events[-1], Finished), events[-1]
    return [event for event in events if isinstance(event, Snapshot)]


@pytest.fixture(params=KINDS)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_its_scores_are_theirs_in_our_order(architecture: str, made: Any) -> None:
    folder, theirs = made[architecture]
    name = keep(from_folder(folder))
    cut = tokenizer_of(name)
    ours = load_checkpoint(find(name), cut.order)
    ids = cut.encode_sentence("The river bank was [mask] steep.")
    with torch.no_grad():
        expected = theirs(input_ids=torch.from_numpy(cut.order[ids])[None]).logits
        got = ours(torch.from_numpy(ids)[None]).logits
    torch.testing.assert_close(got, expected[..., torch.from_numpy(cut.order)], rtol=0.0, atol=1e-4)


def test_it_is_trained_from_where_it_stood(architecture: str, made: Any) -> None:
    folder = from_folder(made[architecture][0])
    name = keep(folder)
    one = experiment(folder, name)
    assert from_json(one.to_json()) == one
    first, *_, last = snapshots(one)
    start = load_checkpoint(find(name), tokenizer_of(name).order).state_dict()
    assert first.state.weights.keys() == start.keys()
    for key, value in first.state.weights.items():
        assert torch.equal(value, start[key]), key
    assert not torch.equal(last.state.weights["words.weight"], start["words.weight"])
    shutil.rmtree(find(name).path / "nothing", ignore_errors=True)
    whole = snapshots(one)[-1].state.weights
    middle = snapshots(experiment(folder, name, snapshots=2), state=first.state)[-1].state.weights
    assert all(torch.equal(whole[key], middle[key]) for key in whole)  # resumed: the same, bit for bit


def test_what_is_asked_stands_between_its_marks(architecture: str, made: Any) -> None:
    folder = from_folder(made[architecture][0])
    one = experiment(folder, keep(folder))
    source, marks = source_of(one), [] if architecture == "gpt2" else [3, 4]
    tokens = source.held_out(5).tokens
    assert tokens.shape == (5, 13)
    if marks:
        assert (tokens[:, 0] == 3).all()
        assert (tokens[:, 11] == 4).all()
        assert not np.isin(tokens[:, 1:11], marks).any()
    for rate in (0.01, 0.9):
        objective, draw = ObjectiveSpec("masked-word", mask_rate=rate), np.random.default_rng(0)
        asked = frame(objective, source.sample(draw, 200), draw, len(source.words), source.tokenizer.marks)
        assert (asked.labels != IGNORE).any(1).all()
        assert not np.isin(asked.labels, marks).any()


def test_nothing_is_trained_in_no_step(made: Any) -> None:
    folder = from_folder(made["bert"][0])
    one = experiment(folder, keep(folder), steps=0)
    events = list(train(one, source_of(one)))
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 0
    assert events[-1].metrics["held_out"]["loss"] > 0
    assert [event.step for event in events if isinstance(event, Snapshot)] == [0, 0]


def test_samples_show_blanks_and_what_is_put_there(made: Any) -> None:
    folder = from_folder(made["bert"][0])
    one = experiment(folder, keep(folder))
    sampled = [event for event in train(one, source_of(one)) if isinstance(event, Sampled)]
    assert sampled[-1].given[0] == "[CLS]"
    assert sampled[-1].given.count("[mask]") == len(sampled[-1].written) > 0


def test_blanks_are_filled_as_in_transformers(made: Any) -> None:
    for architecture in ("bert", "roberta", "distilbert"):
        folder, theirs = made[architecture]
        name = keep(from_folder(folder))
        cut, ours = tokenizer_of(name), load_checkpoint(find(name), tokenizer_of(name).order)
        ids = cut.encode_sentence("The ____ bank was ____ .")
        with torch.no_grad():
            scores = theirs(input_ids=torch.from_numpy(cut.order[ids])[None]).logits[0]
        scores[:, torch.from_numpy(cut.order[:3])] = -torch.inf
        expected = scores.argmax(-1)[torch.from_numpy(ids == MASK)].tolist()
        assert [int(cut.order[word.token]) for word in fill_blanks(ours, ids)] == expected
        assert len(expected) == 2


def test_text_goes_on_as_in_transformers(made: Any) -> None:
    folder, theirs = made["gpt2"]
    name = keep(from_folder(folder))
    cut = tokenizer_of(name)
    ours = load_checkpoint(find(name), cut.order)
    ids = cut.encode_sentence("The river bank")
    given = torch.from_numpy(cut.order[ids])[None]
    never = cut.order[:3].tolist()
    expected = theirs.generate(
        given, max_new_tokens=10, do_sample=False, suppress_tokens=never, eos_token_id=None, pad_token_id=0
    )[0, len(ids) :].tolist()
    written = list(continue_text(ours, ids, 10, np.random.default_rng(0), temperature=0.0))
    assert [int(cut.order[word.token]) for word in written] == expected


# Names


def test_only_folders_of_the_named_directory_are_offered(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered() == ()
    models = tmp_path / "models"
    shutil.copytree(made["bert"][0], models / "small-bert")
    (models / "empty").mkdir()
    shutil.copytree(made["bert"][0], models / "..odd name")
    monkeypatch.setenv("BOTHWAYS_MODELS", str(models))
    assert offered() == ("models:small-bert",)
    assert find("models:small-bert").architecture == "bert"
    for name in ("models:empty", "models:..", "models:../models/small-bert", str(models / "small-bert"), "kept:xyz"):
        with pytest.raises(CheckpointError):
            find(name)


@pytest.mark.parametrize("path", ["/etc", "../up", "models:../x", "models:", "kept:short", "a/b/c", "~/x", "C:\\x"])
def test_an_experiment_never_names_a_path(path: str) -> None:
    with pytest.raises(SpecError, match="a path can't be used"):
        from_json({"data": {"task": "text"}, "model": {"checkpoint": path}})


def test_a_checkpoint_that_is_not_here_says_what_to_do(made: Any) -> None:
    folder = from_folder(made["bert"][0])
    one = experiment(folder, "organisation/model")
    with pytest.raises(TextError, match="isn't on this machine yet"):
        source_of(one)
    here = experiment(folder, keep(folder))
    source = source_of(here)
    other = from_json({**here.to_json(), "model": {**here.to_json()["model"], "width": 32, "heads": 4}})
    failed = list(train(other, source))[-1]
    assert isinstance(failed, Failed)
    assert "“embeddings.word_embeddings.weight” is" in failed.message


def test_a_game_and_too_long_a_context_are_refused_with_a_way_out(made: Any) -> None:
    folder = from_folder(made["bert"][0])
    plain = starting(folder, "organisation/model")
    for data, works in (({"task": "sense"}, {"model.checkpoint": ""}), ({"length": 21}, {"data.length": 20})):
        with pytest.raises(SpecError) as refused:
            from_json({**plain, "data": {**plain["data"], **data}} if "length" in data else {**plain, "data": data})
        assert refused.value.works.items() >= works.items()


def test_from_the_hub_by_its_name(made: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    path, theirs = made["bert"]
    with serving() as hub:
        hub.models["tiny/bert"] = {one.name: one.read_bytes() for one in path.iterdir()}
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        fetch("tiny/bert", home)
        asked = len(hub.asked)
        cut = tokenizer_of("tiny/bert")
        ours = load_checkpoint(find("tiny/bert"), cut.order)
        assert len(hub.asked) == asked  # what is here is not asked for
    ids = cut.encode_sentence("The river [mask].")
    with torch.no_grad():
        expected = theirs(input_ids=torch.from_numpy(cut.order[ids])[None]).logits
    got = ours(torch.from_numpy(ids)[None]).logits
    torch.testing.assert_close(got, expected[..., torch.from_numpy(cut.order)], rtol=0.0, atol=1e-4)
