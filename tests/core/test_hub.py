"""Checkpoints from folders and from a hub: what is accepted, what is refused in which words, and no half files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.hub import ARCHITECTURES, MOST_MB, CheckpointError, fetch, from_hub, read_header
from core.loading import about_checkpoint, in_lines
from tests.core.hub_stand_in import LARGE, Hub, serving

SIZES: dict[str, dict[str, int]] = {
    "bert": {"num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 4, "intermediate_size": 32},
    "roberta": {"num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 4, "intermediate_size": 32},
    "distilbert": {"n_layers": 2, "dim": 16, "n_heads": 4, "hidden_dim": 32},
    "gpt2": {"n_layer": 2, "n_embd": 16, "n_head": 4},
}
VOCABULARY = 200


def write_checkpoint(folder: Path, architecture: str) -> int:
    """A tiny random checkpoint as transformers writes it; how many parameters it has."""
    import torch
    from tokenizers import Tokenizer, models
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(0)
    model = AutoModel.from_config(AutoConfig.for_model(architecture, vocab_size=VOCABULARY, **SIZES[architecture]))
    model.save_pretrained(folder, safe_serialization=True)
    words = {word: number for number, word in enumerate(("[UNK]", "the", "river", "bank"))}
    Tokenizer(models.WordLevel(words, unk_token="[UNK]")).save(str(folder / "tokenizer.json"))
    return sum(one.numel() for one in model.parameters())


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    """Folder and number of parameters by architecture."""
    made = {}
    for architecture in ARCHITECTURES:
        folder = tmp_path_factory.mktemp(architecture)
        made[architecture] = folder, write_checkpoint(folder, architecture)
    return made


@pytest.fixture
def bert(checkpoints: dict[str, tuple[Path, int]], tmp_path: Path) -> Path:
    """A copy of BERT's folder to break."""
    return Path(shutil.copytree(checkpoints["bert"][0], tmp_path / "bert"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, checkpoints: dict[str, tuple[Path, int]]) -> Iterator[Hub]:
    """A hub with the four checkpoints, and much beside them that nobody should download."""
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)  # tiny files come in many pieces, too
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as hub:
        for architecture, (folder, _) in checkpoints.items():
            files = {one.name: one.read_bytes() for one in folder.iterdir()}
            more = {"pytorch_model.bin": b"pickled", "README.md": b"# Tiny", "onnx/model.onnx": b"x"}
            hub.models[f"tiny/{architecture}"] = {**files, **more}
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


def words_of(name: str, home: Path, most_mb: float = MOST_MB) -> str:
    """What fetching says when it refuses."""
    with pytest.raises(CheckpointError) as refused:
        fetch(name, home, most_mb)
    return str(refused.value)


# Folders


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_folder_tells_what_it_holds(
    checkpoints: dict[str, tuple[Path, int]], architecture: str, tmp_path: Path
) -> None:
    path, parameters = checkpoints[architecture]
    folder = fetch(str(path), tmp_path)
    assert (folder.architecture, folder.weights) == (architecture, path / "model.safetensors")
    assert folder.tokenizer == path / "tokenizer.json"
    facts = about_checkpoint(folder)
    expected = {"layers": 2, "width": 16, "heads": 4, "vocabulary": VOCABULARY, "parameters": parameters}
    assert {name: facts[name] for name in expected} == expected
    assert facts["files"] == ["config.json", "model.safetensors", "tokenizer.json"]
    assert f"parameters    {parameters:,}" in in_lines(facts)
    assert list(tmp_path.iterdir()) == []


def test_masks_of_old_files_are_not_counted_as_parameters(bert: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    before = about_checkpoint(fetch(str(bert), bert))["parameters"]
    masks = {"h.0.attn.bias": torch.ones(1, 1, 8, 8), "embeddings.position_ids": torch.ones(1, 8)}
    save_file({**load_file(bert / "model.safetensors"), **masks}, bert / "model.safetensors")
    assert about_checkpoint(fetch(str(bert), bert))["parameters"] == before


def test_a_folder_without_tokenizer_says_so(bert: Path) -> None:
    (bert / "tokenizer.json").unlink()
    folder = fetch(str(bert), bert)
    assert folder.tokenizer is None
    assert "there is no tokenizer" in about_checkpoint(folder)["works"]


def change_config(folder: Path, **more: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "There is no config.json"),
        ("{", "config.json is damaged"),
        ("[" * 100_000, "config.json is damaged"),
        (b"\xff\xfe\x00", "config.json is damaged"),
        ("[1]", "should be a JSON object"),
        ("{}", "names no architecture"),
        ('{"model_type": "t5"}', "“t5”. Bothways reads bert, distilbert, roberta, gpt2"),
        ('{"model_type": ["bert"]}', "Bothways reads bert"),
    ],
)
def test_settings_that_do_not_work(bert: Path, config: str | bytes | None, words: str) -> None:
    (bert / "config.json").unlink()
    if config is not None:
        (bert / "config.json").write_bytes(config.encode() if isinstance(config, str) else config)
    assert words in words_of(str(bert), bert)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "There are no weights here"),
        (["pytorch_model.bin"], "pytorch_model.bin, which is pickled: opening such a file can run any program"),
        (["model.safetensors.index.json", "model-00001-of-00002.safetensors"], "split over several files"),
    ],
)
def test_weights_of_another_kind(bert: Path, files: list[str], words: str) -> None:
    (bert / "model.safetensors").unlink()
    for name in files:
        (bert / name).write_bytes(b"\x80\x04.")
    assert words in words_of(str(bert), bert)


def header(told: object) -> bytes:
    text = json.dumps(told).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "header can't be read"),
        (b"\x80\x04.", "header can't be read"),
        (b"\xff" * 100, "header can't be read"),
        ((20).to_bytes(8, "little") + b"{" * 20, "header makes no sense"),
        (header([1]), "header makes no sense"),
        (header({"a": 1}), "header makes no sense"),
        (header({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}) + bytes(4), "header makes no sense"),
        (header({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}) + bytes(4), "header makes no sense"),
        (header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}) + bytes(4), "cut off or damaged"),
        (header({"__metadata__": {"format": "pt"}}), "no weights at all"),
    ],
)
def test_damaged_weights(bert: Path, content: bytes, words: str) -> None:
    (bert / "model.safetensors").write_bytes(content)
    assert words in words_of(str(bert), bert)


def test_weights_cut_off_anywhere(bert: Path) -> None:
    path = bert / "model.safetensors"
    whole = path.read_bytes()
    for length in (3, 8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "cut off" in words_of(str(bert), bert)
    path.write_bytes(whole)
    assert read_header(path)


def test_settings_and_weights_that_do_not_fit(bert: Path) -> None:
    change_config(bert, vocab_size=300)
    with pytest.raises(CheckpointError, match=r"word vectors are 200 × 16, but config\.json says 300 × 16"):
        about_checkpoint(fetch(str(bert), bert))
    change_config(bert, hidden_size="wide")
    with pytest.raises(CheckpointError, match="hidden_size should be a whole number"):
        about_checkpoint(fetch(str(bert), bert))


@pytest.mark.parametrize(
    "name", ["", "/nowhere/at/all", "../up", "a/b/c", "a--b", "a..b", "-x", "a b", "ä", "x.git", "."]
)
def test_names_that_are_neither(hub: Hub, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert words_of(name, tmp_path)
    with pytest.raises(CheckpointError, match="not a name on the hub"):
        from_hub(name, tmp_path)  # what a link goes through: never a path
    assert hub.asked == []


def test_a_file_is_not_a_folder(bert: Path) -> None:
    assert "is a file" in words_of(str(bert / "config.json"), bert)


# The hub


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_hub_gives_the_same_as_the_folder(
    hub: Hub, checkpoints: dict[str, tuple[Path, int]], architecture: str, tmp_path: Path
) -> None:
    path, parameters = checkpoints[architecture]
    folder = fetch(f"tiny/{architecture}", tmp_path)
    assert folder.weights.read_bytes() == (path / "model.safetensors").read_bytes()
    assert folder.path.is_relative_to(tmp_path)
    assert about_checkpoint(folder)["parameters"] == parameters
    got = {one.name for one in folder.path.iterdir() if one.is_file()}
    assert got == {"config.json", "model.safetensors", "tokenizer.json"}  # of all that is there
    large = [path for method, path, _, _ in hub.asked if method == "GET" and path.startswith("/storage/")]
    assert len(large) == 1  # by the redirect


def test_a_checkpoint_is_downloaded_once_and_again_when_it_changes(hub: Hub, tmp_path: Path) -> None:
    first = fetch("tiny/bert", tmp_path)
    asked = len(hub.asked)
    assert fetch("tiny/bert", tmp_path) == first
    assert [path for _, path, _, _ in hub.asked[asked:]] == ["/api/models/tiny/bert"]
    hub.models["tiny/bert"]["vocab.txt"] = b"the\n"
    again = fetch("tiny/bert", tmp_path)
    assert again.path != first.path
    assert (again.path / "vocab.txt").read_bytes() == b"the\n"


def test_a_name_without_organisation(hub: Hub, tmp_path: Path) -> None:
    hub.models["gpt2"] = hub.models["tiny/gpt2"]
    assert fetch("gpt2", tmp_path).architecture == "gpt2"


def test_a_token_opens_a_private_model_and_stays_on_the_hub(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.token["tiny/bert"] = "hf_key"
    told = words_of("tiny/bert", tmp_path)
    assert "it is private" in told
    assert "Set HF_TOKEN" in told
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "There is no “tiny/bert”" in words_of("tiny/bert", tmp_path)
    monkeypatch.setenv("HF_TOKEN", "hf_key")
    assert fetch("tiny/bert", tmp_path).architecture == "bert"
    elsewhere = [token for _, path, token, _ in hub.asked if path.startswith("/storage/")]
    assert elsewhere == [""]


def test_a_token_that_another_program_saved_is_not_used(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("hf_saved")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    fetch("tiny/bert", tmp_path)
    assert {token for _, _, token, _ in hub.asked} == {""}


def test_a_gated_model(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.gated.add("tiny/bert")
    told = words_of("tiny/bert", tmp_path)
    assert "whom its owner lets in" in told
    assert "Set HF_TOKEN" in told
    monkeypatch.setenv("HF_TOKEN", "hf_key")
    assert "The HF_TOKEN that is set doesn't open it" in words_of("tiny/bert", tmp_path)


def test_a_model_that_is_not_there(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "shows no “tiny/nothing”" in words_of("tiny/nothing", tmp_path)  # the hub says 401 to strangers
    monkeypatch.setenv("HF_TOKEN", "hf_key")
    assert "There is no “tiny/nothing” on the hub" in words_of("tiny/nothing", tmp_path)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"model.safetensors": None}, "pytorch_model.bin, which is pickled"),
        ({"model.safetensors": None, "pytorch_model.bin": None}, "no weights here"),
        ({"model.safetensors": None, "model.safetensors.index.json": b"{}"}, "split over several files"),
        ({"config.json": None}, "has no config.json"),
        ({"config.json": b'{"model_type": "t5"}'}, "“t5”"),
    ],
)
def test_what_can_not_be_read_is_not_downloaded(
    hub: Hub, files: dict[str, bytes | None], words: str, tmp_path: Path
) -> None:
    changed = {**hub.models["tiny/bert"], **files}
    hub.models["tiny/bert"] = {name: content for name, content in changed.items() if content is not None}
    assert words in words_of("tiny/bert", tmp_path)
    assert set(hub.paths("GET")) <= {"bert", "config.json"}


def test_a_model_that_is_too_large_is_not_downloaded(hub: Hub, tmp_path: Path) -> None:
    hub.sizes["model.safetensors"] = 2_000_000_000
    told = words_of("tiny/bert", tmp_path)
    assert "takes 2,000 MB, more than the 1,500 MB allowed here" in told
    assert "BOTHWAYS_MODEL_MB" in told
    assert hub.paths("GET") == ["bert"]
    hub.sizes["model.safetensors"] = LARGE
    assert "more than" in words_of("tiny/bert", tmp_path, 0.01)
    assert fetch("tiny/bert", tmp_path, 1).architecture == "bert"


def test_damaged_weights_from_the_hub(hub: Hub, tmp_path: Path) -> None:
    hub.models["tiny/bert"]["model.safetensors"] = hub.models["tiny/bert"]["model.safetensors"][:-8]
    assert "cut off or damaged" in words_of("tiny/bert", tmp_path)


def parts(home: Path) -> list[Path]:
    """Weights under `home`, in whatever state."""
    return [one for one in home.rglob("*") if one.is_file() and one.stat().st_size >= LARGE]


def test_a_cut_is_mended_where_the_hub_goes_on(hub: Hub, tmp_path: Path) -> None:
    hub.cut = 1
    assert about_checkpoint(fetch("tiny/bert", tmp_path))["layers"] == 2
    ranges = [asked for _, path, _, asked in hub.asked if path.startswith("/storage/")]
    assert ranges[0] == ""
    assert ranges[1].startswith("bytes=")  # not from the start


def test_a_file_that_breaks_off_is_never_used_and_the_next_try_works(hub: Hub, tmp_path: Path) -> None:
    hub.cut, hub.dead_after_cut = 1, True
    told = words_of("tiny/bert", tmp_path)
    assert "The connection broke while model.safetensors" in told
    assert "try again" in told
    assert parts(tmp_path) == []
    hub.dead_after_cut = False
    asked = len(hub.asked)
    folder = fetch("tiny/bert", tmp_path)
    assert folder.weights.read_bytes() == hub.models["tiny/bert"]["model.safetensors"]
    assert not any(path.endswith("config.json") for _, path, _, _ in hub.asked[asked:])  # that one was whole
    assert not list(tmp_path.rglob("*.part"))


def test_a_hub_that_is_lost_in_mid_file_is_no_reason_to_use_half(hub: Hub, tmp_path: Path) -> None:
    hub.cut, hub.dead_after_cut = 1, True
    words_of("tiny/bert", tmp_path)
    hub.status = 503
    assert "out of order" in words_of("tiny/bert", tmp_path)


def test_a_hub_that_is_lost_after_its_listing_is_not_asked_for_long(hub: Hub, tmp_path: Path) -> None:
    hub.files_status = 503
    start = time.monotonic()
    assert "The connection broke while config.json" in words_of("tiny/bert", tmp_path)
    assert time.monotonic() - start < 1
    hub.files_status = 0
    assert fetch("tiny/bert", tmp_path).architecture == "bert"


# No hub


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@pytest.fixture(params=["refused", "silent", "out of order", "offline"])
def no_hub(request: pytest.FixtureRequest, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call it, and the hub is gone in one of four ways."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes the call and never speaks

        def go() -> str:
            if request.param == "offline":
                monkeypatch.setenv("HF_HUB_OFFLINE", "1")
            elif request.param == "out of order":
                hub.status = 503
            else:
                port = closed_port() if request.param == "refused" else silent.getsockname()[1]
                monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
            return {"offline": "HF_HUB_OFFLINE is set", "out of order": "out of order"}.get(
                str(request.param), "can't be reached"
            )

        monkeypatch.setattr("core.hub.WAIT", 0.5)
        yield go


def test_without_a_hub_it_says_so_at_once_and_goes_on(no_hub: Any, bert: Path, tmp_path: Path) -> None:
    words = no_hub()
    start = time.monotonic()
    told = words_of("tiny/bert", tmp_path)
    assert time.monotonic() - start < 2
    assert words in told
    assert "go on working" in told
    assert fetch(str(bert), tmp_path).architecture == "bert"


def test_without_a_hub_what_was_downloaded_still_works(no_hub: Any, tmp_path: Path) -> None:
    before = fetch("tiny/bert", tmp_path)
    no_hub()
    assert fetch("tiny/bert", tmp_path) == before


@pytest.mark.parametrize("broken", ["<html>Sign in to this network</html>", "[]", '{"id": "tiny/bert"}', "{}"])
def test_something_else_that_answers(hub: Hub, broken: str, tmp_path: Path) -> None:
    hub.broken = broken
    assert "doesn't speak as a hub does. Check HF_ENDPOINT" in words_of("tiny/bert", tmp_path)


def test_an_endpoint_that_is_no_address(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    assert "HF_ENDPOINT" in words_of("tiny/bert", tmp_path)


def test_a_disk_that_refuses_is_not_taken_for_the_hub(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file where a folder belongs")
    with pytest.raises(OSError) as refused:  # noqa: PT011 (its kind differs between systems)
        fetch("tiny/bert", tmp_path)
    assert refused.value.filename


def test_nothing_is_told_about_the_learner(hub: Hub, tmp_path: Path) -> None:
    fetch("tiny/bert", tmp_path)
    assert not any("telemetry" in path for _, path, _, _ in hub.asked)
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
