"""Starting from a checkpoint in the app: chosen, fetched in the background, looked into; problems are told in words."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from core.hub import from_folder
from core.loading import starting
from core.shelf import is_here
from core.spec import from_json
from tests.core.hub_stand_in import serving
from tests.core.models.peers import peer, written
from tests.core.vocabularies import byte_pairs, size_of, word_pieces
from tests.ui.test_build import choose, healthy, labelled, opened, page, press
from tests.ui.test_tokens import rows
from ui import backend, links

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    bert, gpt2 = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("gpt2")
    word_pieces(bert, lower=True)
    byte_pairs(gpt2, ["<|endoftext|>"])
    written(peer("bert", "BertForMaskedLM", vocab_size=size_of(bert)), bert)
    written(peer("gpt2", "GPT2LMHeadModel", vocab_size=size_of(gpt2)), gpt2)
    return {"bert": bert, "gpt2": gpt2}


@pytest.fixture
def server_models(made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What whoever runs the server offers."""
    models = tmp_path / "models"
    shutil.copytree(made["bert"], models / "small-bert")
    shutil.copytree(made["gpt2"], models / "small-gpt2")
    monkeypatch.setenv("BOTHWAYS_MODELS", str(models))
    return models


def draft(at: Any) -> Any:
    return from_json(at.session_state["kept.choices"])


def told(at: Any) -> str:
    return " ".join(one.value for kind in ("error", "warning", "markdown", "caption") for one in at.get(kind))


def test_an_offered_checkpoint_brings_its_model_and_its_tokenizer(server_models: Path) -> None:
    at = choose(page(), "Start from", "a checkpoint")
    assert labelled(at, "selectbox", "Checkpoint").options == [
        "small-bert (on this server)",
        "small-gpt2 (on this server)",
    ]
    at = choose(at, "Checkpoint", "models:small-bert", "selectbox")
    model = draft(at).model
    assert (model.checkpoint, model.direction, model.sizes.width) == ("models:small-bert", "both", 24)
    assert "BERT" in told(at)
    assert "brings its own tokenizer" in told(at)
    labels = [one.label for kind in ("button_group", "selectbox", "number_input") for one in at.get(kind)]
    assert not {"Family", "Direction", "Tokenizer", "Size"} & set(labels)
    at = choose(at, "Checkpoint", "models:small-gpt2", "selectbox")
    assert draft(at).model.direction == "left-to-right"
    at = choose(at, "Start from", "fresh weights")
    assert draft(at).model.checkpoint == ""
    assert draft(at).model.sizes.width == 64
    at = press(at, "Undo")
    assert draft(at).model.checkpoint == "models:small-gpt2"


def test_a_checkpoints_tokenizer_stands_beside_those_that_are_trained(server_models: Path) -> None:
    at = choose(choose(page(), "Start from", "a checkpoint"), "Checkpoint", "models:small-bert", "selectbox")
    at = opened(at, "text-falls-apart")
    labelled(at, "text_input", "A sentence to cut").set_value("the river bank")
    found = rows(healthy(at.run()), "Tokenizer")
    assert len(found) == 7
    assert found[-1][:4] == ["the checkpoint's own", "3", "1.00", "0.0\u00a0%"]
    assert found[-1][4] == f"{size_of(server_models / 'small-bert')}"


def test_looking_without_training_is_a_run_of_no_steps(server_models: Path) -> None:
    at = choose(choose(page(), "Start from", "a checkpoint"), "Checkpoint", "models:small-bert", "selectbox")
    assert not [one for one in at.button if "beside it" in one.label]
    labelled(at, "button", "Only look inside").click()
    at.run()  # it goes to a page that isn't part of this test
    (run,) = backend.store().runs(None)
    assert run.experiment.train.steps == 0
    until = time.monotonic() + 60
    while backend.store().existing(run.id).status != "finished" and time.monotonic() < until:
        time.sleep(0.1)
    assert backend.store().existing(run.id).status == "finished", backend.store().existing(run.id).message
    seen = backend.looker().look(run.id, 0, "The river [mask] was steep", "attention")
    assert seen.tokens[0] == "[CLS]"
    assert "[mask]" in seen.tokens


def test_a_checkpoint_of_the_hub_is_asked_for_only_by_the_button(
    made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as hub:
        hub.models["tiny/bert"] = {one.name: one.read_bytes() for one in made["bert"].iterdir()}
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        link = links.encode(from_json(starting(from_folder(made["bert"]), "tiny/bert")))
        at = page(experiment=link)
        assert "isn't on this machine yet" in told(at)
        assert hub.asked == []
        at = press(at, "Fetch")
        until = time.monotonic() + 20
        while not is_here("tiny/bert") and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.2)
        at = healthy(at.run())
        assert draft(at).model.checkpoint == "tiny/bert"
        assert "brings its own tokenizer" in told(at)
        hub.status = 503
        labelled(at, "text_input", "Or its name on the hub").set_value("tiny/other")
        at = press(healthy(at.run()), "Fetch")
        time.sleep(1.0)
        assert "out of order" in told(healthy(at.run()))
        assert draft(at).model.checkpoint == "tiny/bert"  # what was there stays


def test_a_stranger_s_link_names_no_path() -> None:
    plain = {"data": {"task": "text"}, "model": {"checkpoint": "organisation/model"}}
    assert links.decode(links.encode(from_json(plain))).model.checkpoint == "organisation/model"
    import base64
    import json

    for path in ("/etc", "../models", "models:../x"):
        plain["model"]["checkpoint"] = path
        word = base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")
        with pytest.raises(links.LinkError, match="a path can't be used"):
            links.decode(word)


def test_a_damaged_checkpoint_is_told_and_the_page_goes_on(server_models: Path) -> None:
    (server_models / "small-bert" / "model.safetensors").write_bytes(b"half")
    at = choose(choose(page(), "Start from", "a checkpoint"), "Checkpoint", "models:small-bert", "selectbox")
    assert "model.safetensors is damaged" in told(at)
    assert labelled(at, "button", "Train it")
