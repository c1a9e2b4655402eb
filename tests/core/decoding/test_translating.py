"""Decoders of encoder–decoders, against all sentences scored by teacher forcing and the batched greedy writer."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from core.data.contract import Batch
from core.decoding.registry import DECODERS, FITTING, Options, decode, fitting
from core.decoding.trace import Decoded, Round, Step
from core.models.build import initialise
from core.models.greedy import translations
from core.models.seq2seq import Seq2Seq, both_ways
from core.spec import ModelSpec, SpecError
from core.text import END, SPECIAL, SPECIAL_WRITTEN, START

FIRST, T, S = len(SPECIAL_WRITTEN), 4, 5  # the first real word; words of a target with its end; words of a source
V = FIRST + 2
WAYS: dict[str, dict[str, object]] = {
    "left-to-right": {"direction": "left-to-right"},
    "right-to-left": {"direction": "right-to-left"},
    "lstm": {"direction": "left-to-right", "cells": "lstm"},
    "two-way": {"direction": "left-to-right", "crossing": "two-way"},
    "unmasked": {"direction": "both", "writing": "unmasked"},
    "agreement": {"direction": "both"},
    "lstm agreement": {"direction": "both", "cells": "lstm"},
    "synchronous": {"direction": "both", "writing": "synchronous"},
    "mask-predict": {"direction": "both", "writing": "mask-predict"},
}
ONE_WAY = ("left-to-right", "right-to-left", "lstm", "two-way")


def grown(way: str, seed: int = 0) -> Seq2Seq:
    """A model that has learned nothing, whose answers are far from even."""
    spec = ModelSpec(family="encoder-decoder", width=8, heads=2, layers=2, feed_forward=8, **WAYS[way])  # type: ignore[arg-type]
    model = Seq2Seq(spec, V, V, S, T)
    initialise(model, seed)
    with torch.no_grad():
        model.read_out.scores.weight *= 4
        model.read_out.scores.weight[END] += 0.3
    return model.eval()


def sources(n: int = 6) -> np.ndarray:
    return np.random.default_rng(1).integers(FIRST, V, (n, S))


def result(model: Seq2Seq, source: np.ndarray, decoder: str | None = None, **options: object) -> Decoded:
    *told, last = decode(model, source, decoder, Options(**options))  # type: ignore[arg-type]
    assert isinstance(last, Decoded)
    assert all(isinstance(one, Step | Round) for one in told)
    return last


@torch.no_grad()
def chances(model: Seq2Seq, source: np.ndarray, sentences: list[tuple[int, ...]], direction: str) -> np.ndarray:
    """(K,) log-probability of each sentence by teacher forcing, one at a time."""
    found = []
    for words in sentences:
        order = words[::-1] if direction == "right-to-left" else words
        given = torch.tensor([[START, *order]])
        logits = model.read_out(model.write(model.read(torch.tensor(source[None])), given, direction))[0]
        found.append(_of(logits, torch.tensor([*order, END])))
    return np.array(found)


def _of(logits: Tensor, targets: Tensor) -> float:
    logits = logits.double().clone()
    logits[:, [*range(len(SPECIAL)), START]] = -torch.inf
    return float(logits.log_softmax(-1).gather(-1, targets[:, None]).sum())


EVERY = [words for n in range(T) for words in itertools.product(range(FIRST, V), repeat=n)]


@pytest.mark.parametrize("way", ONE_WAY)
def test_the_widest_beam_finds_what_brute_force_finds(way: str) -> None:
    for seed in range(3):
        model, source = grown(way, seed), sources()[seed]
        scores = chances(model, source, EVERY, model.directions[0])
        found = result(model, source, "beam", width=32)
        assert found.tokens == EVERY[int(scores.argmax())]
        assert found.log_probability == pytest.approx(scores.max(), abs=1e-4)


@pytest.mark.parametrize("way", ["agreement", "lstm agreement"])
def test_agreement_finds_what_brute_force_finds(way: str) -> None:
    for seed in range(3):
        model, source = grown(way, seed), sources()[seed]
        parts = {one: chances(model, source, EVERY, one) for one in model.directions}
        both = sum(parts.values())
        found = result(model, source, width=32)
        assert found.tokens == EVERY[int(np.argmax(both))]
        assert found.score == pytest.approx(np.max(both), abs=1e-4)
        for one, scores in parts.items():
            assert found.by_direction[one] == pytest.approx(scores[np.argmax(both)], abs=1e-4)
            assert result(model, source, "beam", width=32, direction=one).tokens == EVERY[int(scores.argmax())]


@torch.no_grad()
@pytest.mark.parametrize("way", ["agreement", "lstm agreement"])
def test_two_that_never_end_still_agree_on_a_sentence_that_was_cut_off(way: str) -> None:
    model = grown(way)
    with torch.no_grad():
        model.read_out.scores.bias[END] = -100.0
    *_, last = decode(model, np.array([FIRST, FIRST + 1]), "agreement", Options(width=1))
    assert isinstance(last, Decoded)
    assert not last.finished
    assert len(last.tokens) == T
    assert last.score == pytest.approx(sum(last.by_direction.values()))
    assert last.score > -90  # the end that isn't there costs nothing


def test_two_halves_find_what_brute_force_finds() -> None:
    """Each half is given its own words and then [end] again; of all pairs whose sentence is short enough, the best."""
    pairs = [
        pair for pair in itertools.product(EVERY, repeat=2) if max(map(len, pair)) <= 2 and sum(map(len, pair)) < T
    ]
    for seed in range(3):
        model, source = grown("synchronous", seed), sources()[seed]
        encoded = both_ways(model.read(torch.tensor(source[None])))
        scores = []
        for pair in pairs:
            n = max(map(len, pair)) + 1
            rows = torch.tensor([[*half, *[END] * n][:n] for half in pair])
            given = torch.cat([torch.tensor([[START], [START]]), rows[:, :-1]], dim=1)
            logits = model.read_out(model.write(encoded, given))
            scores.append(sum(_of(logits[i, : len(half) + 1], rows[i, : len(half) + 1]) for i, half in enumerate(pair)))
        best = int(np.argmax(scores))
        found = result(model, source, width=32)
        assert found.tokens == (*pairs[best][0], *pairs[best][1][::-1])
        assert found.log_probability == pytest.approx(scores[best], abs=1e-4)


@pytest.mark.parametrize("way", ["left-to-right", "right-to-left", "lstm", "unmasked", "synchronous", "mask-predict"])
def test_greedy_writes_what_many_sentences_at_once_write(way: str) -> None:
    model, some = grown(way), sources(12)
    batch = Batch(some, some, source=some, source_lengths=np.full(len(some), S))
    options = {"synchronous": {"width": 1}, "mask-predict": {"rounds": 4, "temperature": 0.0}}.get(way, {})
    name = None if options else "greedy"
    ended = 0
    for source, (words, _) in zip(some, translations(model, batch), strict=True):
        found = result(model, source, name, **options)  # type: ignore[arg-type]
        if way != "synchronous" or found.finished:  # halves that never end are cut off elsewhere
            assert list(found.tokens) == words
            ended += 1
    assert ended


@pytest.mark.parametrize("way", WAYS)
def test_every_word_tells_where_it_looked(way: str) -> None:
    model = grown(way)
    for decoder in fitting(model.spec):
        for event in decode(model, sources()[0], decoder, Options(seed=3)):
            rows = [one.attention for one in event.candidates] if isinstance(event, Step) else event.attention or ()
            for row in rows:
                assert row is not None
                assert len(row) == S
                assert sum(row) == pytest.approx(1, abs=1e-5)
        assert isinstance(event, Decoded)
        assert len(event.attention or ()) == len(event.tokens) == len(event.probabilities)


def test_every_decoder_is_explained_and_fits_some_model() -> None:
    assert {one for some in FITTING.values() for one in some} == set(DECODERS)
    assert {grown(way).spec.writes for way in WAYS} == set(FITTING)
    known = set(Options.__dataclass_fields__)
    for about in DECODERS.values():
        assert about.story.endswith(".")
        assert set(about.obeys) <= known


def test_what_a_model_cannot_do_is_said() -> None:
    with pytest.raises(SpecError, match=r"doesn't write that way.*Try decode.decoder = \"synchronous\""):
        decode(grown("synchronous"), sources()[0], "beam")
    with pytest.raises(SpecError, match="no decoder “best”"):
        decode(grown("lstm"), sources()[0], "best")
    with pytest.raises(SpecError, match="at most 32"):
        Options(width=100)
