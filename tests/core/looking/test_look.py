"""The one door: every picture comes with its words and with what the model would answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from core.data.contract import TextError
from core.data.registry import open_source
from core.generation import continue_text, search_text
from core.looking.attention import NothingToSee
from core.looking.continuation import continuation
from core.looking.look import HOW, look
from core.models.build import build
from core.picture import LOOKS, Picture
from core.spec import from_json
from core.text import SPECIAL
from tests.core.looking.models import GAME, KINDS, name_of, small, some_tokens

OF_HEADS = ("attention", "rollout", "flow", "ablation")


def test_every_look_that_is_offered_can_be_had() -> None:
    assert set(HOW) == set(LOOKS)


@pytest.mark.parametrize("kind", KINDS[:3] + KINDS[-2:], ids=name_of)
@pytest.mark.parametrize("what", LOOKS)
def test_every_picture_names_its_axes_tokens_and_answers(kind: dict[str, Any], what: str) -> None:
    if what in OF_HEADS and kind["family"] == "lstm":
        with pytest.raises(NothingToSee, match="LSTM"):
            look(small(kind), GAME, some_tokens(), what)
        return
    if what == "cells" and kind["family"] == "transformer":
        with pytest.raises(NothingToSee, match="no gates"):
            look(small(kind), GAME, some_tokens(), what)
        return
    model, tokens = small(kind), some_tokens()
    picture = look(model, GAME, tokens, what)
    assert isinstance(picture, Picture)
    assert picture.tokens == tuple(GAME.words[token] for token in tokens)
    assert {name: len(axes) for name, axes in picture.axes.items()} == {n: a.ndim for n, a in picture.arrays.items()}
    json.dumps(picture.notes)
    with torch.no_grad():
        chances = model(torch.from_numpy(tokens[None])).logits[0].softmax(-1).numpy()
    for told, true in zip(picture.notes["prediction"], chances, strict=True):
        answer, chance = told[0]
        assert answer == GAME.classes[true.argmax()]
        assert np.isclose(chance, true.max(), atol=1e-6)
        assert np.isclose(sum(share for _, share in told), 1, atol=1e-5)


def test_a_sentence_that_does_not_fit_is_refused_in_words() -> None:
    for ids in (np.zeros(0, np.int64), np.zeros(8, np.int64)):
        with pytest.raises(TextError, match="1 to 7 words"):
            look(small(KINDS[0]), GAME, ids, "attention")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="attention, rollout"):
        look(small(KINDS[0]), GAME, some_tokens(), "dreams")
    with pytest.raises(NothingToSee, match="no option “colour”"):
        look(small(KINDS[0]), GAME, some_tokens(), "saliency", colour="red")


@pytest.mark.parametrize("value", ["2", 2.5, True, None, [1]])
def test_an_option_of_another_kind_is_refused(value: object) -> None:
    with pytest.raises(NothingToSee, match="“word” is a whole number"):
        look(small(KINDS[0]), GAME, some_tokens(), "saliency", word=value)


def test_a_shorter_sentence_is_read_as_it_is() -> None:
    assert look(small(KINDS[2]), GAME, some_tokens()[:3], "influence").arrays["influence"].shape == (3, 3)


def test_a_sentence_longer_than_its_picture_is_answered_to_its_end() -> None:
    data = {"task": "text", "tokenizer": "character", "length": 80}
    experiment = from_json({"data": data, "model": {"direction": "left-to-right", "size": "tiny"}})
    source = open_source(experiment.data.settings)
    model = build(experiment, len(source.words), len(source.classes)).eval()
    ids = source.held_out(1).tokens[0][:80]
    picture = look(model, source, ids, "influence")
    assert len(picture.tokens) == LOOKS["influence"].longest == 80 - picture.notes["left_out"]
    with torch.no_grad():
        best = model(torch.from_numpy(ids[None])).logits[0].argmax(-1).tolist()
    assert [told[0][0] for told in picture.notes["prediction"]] == [source.classes[one] for one in best]


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_writing_on_gives_the_words_of_generation(direction: str) -> None:
    one = from_json({"data": {"task": "text", "length": 8}, "model": {"direction": direction, "size": "tiny"}})
    source = open_source(one.data.settings)
    model = build(one, len(source.words), len(source.words))
    ids = source.encode("the pianists")
    if direction == "both":
        with pytest.raises(NothingToSee, match="can't write on"):
            continuation(model, source, ids)
        return
    picture = continuation(model, source, ids)
    words = list(continue_text(model, ids, 40, np.random.default_rng(0), 0.0))
    words = words[::-1] if direction == "right-to-left" else words
    assert picture.notes["likeliest"] == [source.words[word.token] for word in words]
    assert np.allclose(picture.arrays["likeliest"], [word.probability for word in words])
    assert picture.notes["drawn"] != picture.notes["likeliest"]
    *_, best = search_text(model, ids, 40, 4)
    assert picture.notes["searched"] == [source.words[token] for token in best.tokens]
    nearest = -1 if direction == "right-to-left" else 0  # the word that was written first
    with torch.no_grad():
        logits = model(torch.from_numpy(ids[None])).logits[0, -1 if nearest == 0 else 0, len(SPECIAL) :]
    chance = logits.softmax(-1)[best.tokens[nearest] - len(SPECIAL)]
    assert picture.arrays["searched"][nearest] == pytest.approx(float(chance), abs=1e-5)
    assert picture.tokens == ("the", "pianists")
