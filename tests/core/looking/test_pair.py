"""An encoder–decoder opened: who sees whom by finite differences, states, heads off, and words for what isn't there."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import open_source
from core.looking.ablation import heads_of
from core.looking.attention import NothingToSee
from core.looking.pair import look_at_pair, why_not
from core.looking.translator import influence_of_pair, translation
from core.models.build import build_network
from core.models.seq2seq import Seq2Seq
from core.picture import LOOKS
from core.spec import from_json

STEP = 1e-5
WAYS: dict[str, dict[str, Any]] = {
    "left-to-right": {"direction": "left-to-right"},
    "right-to-left": {"direction": "right-to-left"},
    "two-way crossing": {"direction": "left-to-right", "crossing": "two-way"},
    "agreement": {"direction": "both", "writing": "agreement"},
    "mask-predict": {"direction": "both", "writing": "mask-predict"},
    "unmasked": {"direction": "both", "writing": "unmasked"},
    "synchronous": {"direction": "both", "writing": "synchronous"},
    "lstm": {"direction": "left-to-right", "cells": "lstm"},
    "lstm multiplicative": {"direction": "right-to-left", "cells": "lstm", "scoring": "multiplicative"},
}
SIZES = {"width": 8, "layers": 2, "heads": 2, "feed_forward": 12}


@cache
def pair(way: str) -> tuple[Seq2Seq, Any]:
    one = from_json({"data": {"task": "backwards"}, "model": {"family": "encoder-decoder", **SIZES, **WAYS[way]}})
    source: Any = open_source(one.data.settings)
    model = build_network(one, len(source.words), len(source.classes), len(source.source_words)).eval()
    assert isinstance(model, Seq2Seq)
    return model, source


def by_finite_differences(model: Seq2Seq, ids: np.ndarray, given: list[int], direction: str) -> list[np.ndarray]:
    """(U, S) and (U, U) ‖∂ decoder state / ∂ embedding‖_F, of what is read and of what is given."""
    read = model.encoder.embed(torch.from_numpy(ids[None]))
    told = model.embed(torch.tensor([given]))
    decoder, _ = model.decoder_of(direction)

    def states(read: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        encoded = model.encoder(read, None, model.tap)
        return decoder(told, decoder.begin(encoded, direction), model.tap, None)[0]

    found = []
    for which, x in enumerate((read, told)):
        squares = np.zeros((len(given), x.shape[1]))
        for s, d in np.ndindex(x.shape[1], x.shape[2]):
            move = torch.zeros_like(x)
            move[0, s, d] = STEP
            up, down = (states(read + e, told) if which == 0 else states(read, told + e) for e in (move, -move))
            squares[:, s] += ((up - down) / (2 * STEP)).square().sum(-1).numpy()
        found.append(np.sqrt(squares))
    return found


@torch.no_grad()
@pytest.mark.parametrize("way", [one for one in WAYS if one != "synchronous"])
def test_influence_is_the_true_derivative_and_zero_where_forbidden(way: str) -> None:
    model, source = pair(way)
    model.double()
    ids = source.encode("cat dog bird")
    picture = influence_of_pair(model, source, ids)
    names = list(source.words)
    given = [names.index(one) for one in picture.notes["given"]]
    of_source, of_written = by_finite_differences(model, ids, given, model.directions[0])
    assert np.allclose(picture.arrays["source"], of_source, rtol=1e-4, atol=1e-6)
    assert np.allclose(picture.arrays["written"], of_written, rtol=1e-4, atol=1e-6)
    assert picture.notes["directions"] == picture.notes["of"]
    allowed = picture.arrays["allowed"]
    assert (picture.arrays["written"][~allowed] == 0).all()
    assert (picture.arrays["written"][allowed] > 0).all()
    assert picture.notes["largest_forbidden"] == (0.0 if not allowed.all() else None)
    assert (picture.arrays["encoder"] > 0).all()  # the encoder reads both ways
    model.float()


def test_directions_that_listen_to_each_other_are_not_pulled_apart() -> None:
    with pytest.raises(NothingToSee, match="listen to each other"):
        influence_of_pair(*pair("synchronous"), np.array([5, 6]))


@pytest.mark.parametrize("way", WAYS)
def test_every_look_gives_a_picture_or_says_why_not(way: str) -> None:
    model, source = pair(way)
    ids, memo = source.encode("cat dog bird"), dict[Any, Any]()
    for what in LOOKS:
        if why_not(what):
            with pytest.raises(NothingToSee, match=r"\."):
                look_at_pair(model, source, ids, what, memo)
            continue
        if (what, way) == ("influence", "synchronous") or (what == "ablation" and "lstm" in way):
            with pytest.raises(NothingToSee):
                look_at_pair(model, source, ids, what, memo)
            continue
        parts = ("encoder", "decoder") if what in ("states", "neighbours", "probes", "likeness") else (None,)
        for part in parts:
            picture = look_at_pair(model, source, ids, what, memo, **({"part": part} if part else {}))
            assert {n: len(letters) for n, letters in picture.axes.items()} == {
                n: a.ndim for n, a in picture.arrays.items()
            }
            assert picture.notes["source"] == ["cat", "dog", "bird"]
            json.dumps(picture.notes)


@pytest.mark.parametrize("way", [one for one in WAYS if "lstm" not in one])
def test_heads_off_change_what_is_written_and_its_loss(way: str) -> None:
    model, source = pair(way)
    ids = source.encode("cat dog bird")
    stacks = look_at_pair(model, source, ids, "ablation").notes["stacks"]
    assert {name: (layers, count) for name, layers, count in heads_of(model)} == {
        n: tuple(x) for n, x in stacks.items()
    }
    for stack, (layers, count) in stacks.items():
        notes = look_at_pair(model, source, ids, "ablation", heads=[[stack, layers - 1, count - 1]]).notes
        assert notes["loss"][0] != notes["loss"][1]
        assert notes["written"] == [source.words[one] for one in translation(model, ids)[0]]
    everything = [[s, layer, h] for s, (a, b) in stacks.items() if "cross" in s for layer in range(a) for h in range(b)]
    blind = [
        look_at_pair(model, source, source.encode(text), "ablation", heads=everything).notes["without"]
        for text in ("cat dog bird", "dog bird cat")
    ]
    assert blind[0] == blind[1] or way == "mask-predict"  # who can't look at the source writes the same for all
    with pytest.raises(NothingToSee, match="no head"):
        look_at_pair(model, source, ids, "ablation", heads=[["encoder", 9, 0]])


def test_options_that_a_translator_has_not_got_are_refused() -> None:
    with pytest.raises(NothingToSee, match="no option “first”"):
        look_at_pair(*pair("left-to-right"), np.array([5]), "attention", first=2)
