"""Downloads go on in the background and tell how far they are, or what went wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hub import CheckpointError
from core.runs.downloads import AT_ONCE, Download, Downloads
from core.shelf import downloaded, find, is_here
from tests.core.hub_stand_in import Hub, serving
from tests.core.models.peers import peer


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bert")
    peer("bert", "BertForMaskedLM").save_pretrained(folder)  # type: ignore[operator]
    return {one.name: one.read_bytes() for one in folder.iterdir()}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOTHWAYS_HOME", str(tmp_path))
    with serving() as hub:
        hub.models["tiny/bert"] = dict(files)
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


def ended(downloads: Downloads, name: str) -> Download:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        one = downloads.of(name)
        assert one
        assert 0 <= one.share <= 1
        if one.done:
            return one
        time.sleep(0.01)
    raise AssertionError("it never ends")


def test_a_checkpoint_arrives_in_the_background(hub: Hub, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path)
    assert downloads.of("tiny/bert") is None
    assert not is_here("tiny/bert")
    assert hub.asked == []  # before the learner asks for it, nobody asks the hub
    began = time.monotonic()
    downloads.begin("tiny/bert")
    assert time.monotonic() - began < 0.2
    one = ended(downloads, "tiny/bert")
    assert (one.problem, one.share) == ("", 1.0)
    assert one.size == sum(map(len, hub.models["tiny/bert"].values()))
    assert is_here("tiny/bert")
    assert downloaded() == ("tiny/bert",)
    assert find("tiny/bert").architecture == "bert"


def test_what_goes_wrong_is_told_in_words_and_can_be_tried_again(hub: Hub, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path)
    hub.files_status = 503
    downloads.begin("tiny/bert")
    assert "try again" in ended(downloads, "tiny/bert").problem
    assert not is_here("tiny/bert")
    hub.files_status = 0
    downloads.begin("tiny/bert")
    assert ended(downloads, "tiny/bert").problem == ""
    downloads.begin("tiny/nothing")
    assert "shows no “tiny/nothing”" in ended(downloads, "tiny/nothing").problem


def test_only_so_many_at_once(hub: Hub, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path)
    for number in range(AT_ONCE):
        downloads._all[f"busy/{number}"] = Download()
    with pytest.raises(CheckpointError, match="on their way"):
        downloads.begin("tiny/bert")
