"""What held-out states tell: one-way models know nothing of the side they can't see, and themselves they know well."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import open_source
from core.looking.asking import MOST_KEPT, likeness, likeness_of, neighbours, probes, recalled
from core.looking.attention import NothingToSee
from core.looking.hidden import hidden, untrained
from core.looking.probes import OFFSETS
from core.looking.similarity import cka
from core.looking.states import own_states
from core.models.build import build_network
from core.spec import from_json
from tests.core.looking.models import GAME, KINDS, name_of, small


@pytest.mark.parametrize("kind", KINDS[:4] + KINDS[11:14], ids=name_of)
def test_hidden_states_are_those_of_each_sentence_alone(kind: dict[str, Any]) -> None:
    model = small(kind)
    found = hidden(model, GAME)
    assert np.array_equal(found.tokens, GAME.held_out(len(found.tokens)).tokens)
    for (name, one), whole, said in zip(own_states(model, found.tokens[3]), found.states, found.names, strict=True):
        assert name == said
        assert np.allclose(whole[3], one, atol=1e-5)
    if kind["direction"] == "both" and kind["family"] == "lstm" and kind["join"] == "deep":
        place = found.names.index("layer 2")
        halves = np.concatenate(found.states[place - 2 : place], axis=-1)
        assert np.array_equal(halves, found.states[place])


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_random_words_are_told_only_where_they_can_be_seen(family: str, direction: str) -> None:
    """Untrained models carry a word and its neighbours already, on the sides that they see; elsewhere chance, 1/20."""
    model = small({"family": family, "direction": direction}, width=32, positions="none")
    told: list[float] = []
    picture = probes(model, GAME, {}, words="random", told=told.append)
    last = picture.arrays["accuracy"][picture.notes["layers"].index("layer 1")]
    chance = 1 / 20 + 3 * np.sqrt(0.05 * 0.95 / 300)
    by_offset = dict(zip(OFFSETS, last, strict=True))
    assert by_offset[0] > 0.9
    assert (by_offset[1] > chance) == (direction != "left-to-right")
    assert (by_offset[-1] > chance) == (direction != "right-to-left")
    assert picture.arrays["chance"].max() < 0.12
    assert told == sorted(told)
    assert told[-1] == 1


def test_layer_by_layer_gives_the_same_as_all_at_once() -> None:
    model, memo = small(KINDS[2]), dict[Any, Any]()
    whole = probes(model, GAME, memo)
    for layer in range(len(whole.notes["layers"])):
        one = probes(model, GAME, memo, layer=layer)
        assert one.notes["rows"] == [layer]
        for name in ("accuracy", "untrained", "label", "place", "place untrained"):
            assert np.array_equal(one.arrays[name][0], whole.arrays[name][layer], equal_nan=True)
    with pytest.raises(NothingToSee, match="no layer 9"):
        probes(model, GAME, memo, layer=9)


def test_the_control_is_the_same_model_with_fresh_weights() -> None:
    model = small(KINDS[0])
    with torch.no_grad():
        for one in model.parameters():
            one.add_(1.0)
    fresh = untrained(model, seed=3)
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), small(KINDS[0]).parameters(), strict=True))


def test_neighbours_are_other_sentences_words_by_cosine() -> None:
    model, memo = small(KINDS[2]), dict[Any, Any]()
    ids = GAME.held_out(300).tokens[4]
    mine = [one for _, one in own_states(model, ids)]
    picture = neighbours(model, GAME, ids, mine, memo, word=2, k=5)
    found = hidden(model, GAME)
    words = [GAME.words[one] for one in ids]
    for layer, (x, all_) in enumerate(zip(mine, found.states, strict=True)):
        others = np.delete(all_, np.flatnonzero((found.tokens == ids).all(1)), axis=0).reshape(-1, x.shape[-1])
        cosines = others @ x[2] / np.linalg.norm(others, axis=1) / np.linalg.norm(x[2])
        assert np.allclose(picture.arrays["cosine"][layer], np.sort(cosines)[::-1][:5], atol=1e-5)
        assert not any(
            text.replace("[", "").replace("]", "").split() == words for text in picture.notes["found"][layer]
        )
    assert picture.notes["words"][0][0] == GAME.words[ids[2]]  # the embedding: the same word at the same place


def test_a_model_is_like_itself_and_unlike_another() -> None:
    model, other = small(KINDS[2]), small(KINDS[0])
    itself = likeness_of(model, GAME, {})
    assert np.allclose(np.diagonal(itself.arrays["cka"]), 1, atol=1e-6)
    assert np.allclose(itself.arrays["cka"], itself.arrays["cka"].T, atol=1e-6)
    across = likeness_of(model, GAME, {}, SimpleNamespace(model=other, source=GAME, memo={}))
    a, b = hidden(model, GAME), hidden(other, GAME)
    (x, _, _), (y, _, _) = a.flat(2000), b.flat(2000)
    assert across.arrays["cka"][2, 1] == pytest.approx(cka(x[2], y[1]), abs=1e-6)
    with pytest.raises(NothingToSee, match="different texts"):
        likeness(a, b._replace(tokens=b.tokens + 1))


def test_only_so_many_states_are_kept() -> None:
    model, memo = small(KINDS[0]), dict[Any, Any]()
    for random, fresh in ((False, False), (True, False), (False, True), (True, True)):
        recalled(memo, model, GAME, "encoder", random, fresh)
    assert len(memo) == MOST_KEPT == 4
    kept = dict(memo)
    recalled(memo, model, GAME, "encoder", True)
    assert memo == kept
    memo["one more"] = None
    recalled(memo, model, GAME, "encoder", random=False, fresh=False)
    assert len(memo) <= MOST_KEPT + 1


WRITERS = ["left-to-right", "right-to-left", "agreement", "synchronous", "mask-predict", "unmasked"]


@pytest.mark.parametrize("cells", ["transformer", "lstm"])
@pytest.mark.parametrize("writes", WRITERS)
def test_encoders_and_decoders_have_hidden_states_too(writes: str, cells: str) -> None:
    if cells == "lstm" and writes in ("synchronous", "mask-predict", "unmasked"):
        return
    way = {"direction": writes} if "to" in writes else {"direction": "both", "writing": writes}
    plain = {"family": "encoder-decoder", "size": "tiny", "cells": cells, **way}
    one = from_json({"data": {"task": "backwards"}, "model": plain})
    source: Any = open_source(one.data.settings)
    model = build_network(one, len(source.words), len(source.classes), len(source.source_words)).eval()
    for part, words in (("encoder", source.source_words), ("decoder", source.words)):
        found = hidden(model, source, part)
        assert found.words == tuple(words)
        assert len(found.names) == len(set(found.names)) >= 2
        for states in found.states:
            assert states.shape[:2] == found.tokens.shape == found.real.shape
        picture = probes(model, source, {}, part=part, offsets=(0,))
        if part == "encoder":
            assert picture.arrays["accuracy"][0, 0] == pytest.approx(1)  # the embedding is the word
