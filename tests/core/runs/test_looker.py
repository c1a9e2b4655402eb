"""Looking inside from a server without torch: the same pictures, errors in words, and a process that may die."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from core.data.registry import open_source
from core.decoding.trace import from_json as trace_from
from core.picture import LOOKS, Picture, difference
from core.runs.failures import LookError
from core.runs.looker import Looker
from core.runs.sight import EXAMPLES, open_eye, packed, unpacked
from core.spec import from_json as experiment_from
from tests.core.runs.conftest import Server, alive, tiny, wait_for


@pytest.fixture(scope="module")
def looker(server: Server) -> Iterator[Looker]:
    looker = Looker(server.store, server.starter)
    yield looker
    looker.close()


@pytest.fixture(scope="module")
def run_id(server: Server) -> str:
    run_id = server.start(tiny(30, model__direction="both"))
    server.until(run_id, "finished")
    return run_id


def sent(picture: Picture) -> Picture:
    """The picture as it arrives on the other side."""
    header, body = packed(picture)
    return unpacked(json.loads(json.dumps(header)), body)


def close(a: object, b: object) -> bool:
    """Equal, but for the last digits of numbers: processes with other threads add up in another order."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[name], b[name]) for name in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, np.ndarray | float) and isinstance(b, np.ndarray | float):
        return bool(np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True))
    return a == b


def same(a: Picture, b: Picture) -> bool:
    return (a.tokens, a.axes) == (b.tokens, b.axes) and close(a.notes, b.notes) and close(a.arrays, b.arrays)


@pytest.mark.parametrize("what", [one for one in LOOKS if one != "cells"])  # this model is a Transformer
def test_a_look_gives_what_the_model_itself_gives(server: Server, looker: Looker, run_id: str, what: str) -> None:
    store = server.store
    step = store.snapshots(run_id)[-1]
    eye = open_eye(store.existing(run_id).experiment, store.snapshot(run_id, step), store.read_text)
    text = " ".join(eye.source.words[:5])
    for sentence in ("", text):
        picture = looker.look(run_id, step, sentence, what)
        assert picture.arrays
        assert same(picture, sent(eye.look(sentence, what)))
    assert picture.tokens == tuple(text.split())


def test_training_moves_what_is_seen(server: Server, looker: Looker, run_id: str) -> None:
    first, *_, last = server.store.snapshots(run_id)
    before, after = (looker.look(run_id, step, "", "attention").arrays["attention"] for step in (first, last))
    assert before.shape == after.shape
    assert not np.array_equal(before, after)


def test_two_snapshots_are_looked_at_side_by_side(server: Server, looker: Looker, run_id: str) -> None:
    first, *_, last = server.store.snapshots(run_id)
    itself = looker.look(run_id, last, "", "likeness").arrays["cka"]
    across = looker.look(run_id, last, "", "likeness", other=[run_id, first]).arrays["cka"]
    assert np.allclose(np.diagonal(itself), 1, atol=1e-5)
    assert across.shape == itself.shape
    assert across[-1, -1] < 0.999  # training moved the last layer
    with pytest.raises(LookError, match="no snapshot"):
        looker.look(run_id, last, "", "likeness", other=[run_id, last + 1])
    change = difference(*(looker.look(run_id, step, "", "attention") for step in (first, last)))
    assert np.abs(change.arrays["attention"]).max() > 0
    assert np.allclose(change.arrays["attention"].sum(-1), 0, atol=1e-5)


def test_what_can_not_be_looked_at_is_said_in_words(server: Server, looker: Looker, run_id: str) -> None:
    lstm = server.start(tiny(2, model__family="lstm"))
    server.until(lstm, "finished")
    for run, step, text, what, words in (
        (run_id, 30, "gibberish", "attention", "not a word of this game"),
        (run_id, 29, "", "attention", "no snapshot of step 29"),
        (run_id, 30, "", "soul", "no such look"),
        ("../../etc", 30, "", "attention", "doesn't name a run"),
        ("0" * 32, 30, "", "attention", "no snapshot"),
        (lstm, 2, "", "attention", "attention"),
    ):
        with pytest.raises(LookError, match=words):
            looker.look(run, step, text, what)
    assert looker.look(run_id, 30, "", "states").arrays  # and it goes on


def test_the_looking_process_may_die_and_is_replaced(server: Server, run_id: str) -> None:
    looker = Looker(server.store, server.starter)
    before = looker.look(run_id, 30, "", "states")
    assert looker._sight
    assert looker._sight.job.process is None  # forked
    os.kill(looker._sight.job.pid, signal.SIGKILL)
    assert same(looker.look(run_id, 30, "", "states"), before)
    second = looker._sight.job.pid
    looker.close()
    wait_for(lambda: not alive(second))


def test_a_look_that_takes_too_long_is_given_up(server: Server, run_id: str) -> None:
    looker = Looker(server.store, server.starter)
    looker.look(run_id, 30, "", "states")
    looker.seconds = 0.5
    assert looker._sight
    stuck = looker._sight.job.pid
    os.kill(stuck, signal.SIGSTOP)
    with pytest.raises(LookError, match="longer than"):
        looker.look(run_id, 30, "", "states")
    wait_for(lambda: not alive(stuck))
    looker.seconds = 60.0
    assert looker.look(run_id, 30, "", "states").arrays
    looker.close()


def test_a_cold_looking_process_answers_too(server: Server, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTHWAYS_COLD", "1")
    looker = Looker(server.store)
    assert looker.look(run_id, 30, "", "influence").arrays
    with pytest.raises(LookError, match="not a word"):
        looker.look(run_id, 30, "gibberish", "attention")
    looker.close()


def test_a_translator_writes_in_the_looking_process(server: Server, looker: Looker) -> None:
    plain = {
        "data": {"task": "backwards", "most": 3},
        "model": {"family": "encoder-decoder", "size": "tiny"},
        "train": {"steps": 3, "batch": 8, "held_out": 20, "snapshots": 1},
    }
    run = server.start(experiment_from(plain))
    server.until(run, "finished")
    source = open_source(server.store.existing(run).experiment.data.settings)
    one = looker.translate(run, 3, "cat dog")
    assert one.tokens == ("cat", "dog")
    assert trace_from(one.notes["events"][-1]).kind == "decoded"
    several = looker.translate(run, 3, first=2, count=3, decoder="beam", options={"width": 2})
    held_out = source.held_out(EXAMPLES)
    assert several.tokens == tuple(source.source_words[t] for t in held_out.source[2, : held_out.source_lengths[2]])
    assert len(several.notes["written"]) == 3
    alone = looker.translate(run, 3, first=2, decoder="beam", options={"width": 2})
    assert several.notes["written"][0] == alone.notes["written"][0]
    for decoder, text, words in (("synchronous", "cat", "doesn't write that way"), ("", "cat unicorn", "not a word")):
        with pytest.raises(LookError, match=words):
            looker.translate(run, 3, text, decoder=decoder)
