"""Attributions equal their definitions, computed by finite differences and a fine sum in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import open_source
from core.looking.attention import NothingToSee
from core.looking.saliency import METHODS, saliency
from core.models.build import Model, build
from core.spec import from_json
from core.text import MASK
from tests.core.looking.models import GAME, KINDS, name_of, small, some_tokens

STEP = 1e-5


def score(model: Model, embedded: np.ndarray, word: int, answer: int) -> float:
    """The answer's logit from embeddings (T, D)."""
    with torch.no_grad():
        states = model.encode(torch.from_numpy(embedded)[None])
        return float(model.read_out(states)[0, word, answer])


def slope(model: Model, embedded: np.ndarray, word: int, answer: int) -> np.ndarray:
    """(T, D) ∂ score by moving each number a little to both sides."""
    found = np.zeros_like(embedded)
    for place in np.ndindex(embedded.shape):
        up, down = embedded.copy(), embedded.copy()
        up[place] += STEP
        down[place] -= STEP
        found[place] = (score(model, up, word, answer) - score(model, down, word, answer)) / (2 * STEP)
    return found


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2], KINDS[6], KINDS[11], KINDS[13]], ids=name_of)
def test_gradients_and_occlusion_are_as_defined(kind: dict[str, Any]) -> None:
    model, tokens = small(kind).double(), some_tokens()
    picture = saliency(model, GAME, tokens, word=3, answer=GAME.classes[1])
    with torch.no_grad():
        embedded = model.embed(torch.from_numpy(tokens[None]))[0].numpy()
        other = (model.words.weight.mean(0) - model.words(torch.from_numpy(tokens))).numpy()
    expected = (slope(model, embedded, 3, 1) * embedded).sum(-1)
    assert np.abs(picture.arrays["gradient × input"] - expected).max() < 1e-5
    whole = score(model, embedded, 3, 1)
    assert picture.notes["score"] == pytest.approx(whole)
    for s in range(len(tokens)):
        less = embedded.copy()
        less[s] += other[s]
        assert picture.arrays["occlusion"][s] == pytest.approx(whole - score(model, less, 3, 1), abs=1e-6)
    side = {"left-to-right": slice(4, None), "right-to-left": slice(0, 3)}.get(kind["direction"], slice(0, 0))
    for method in METHODS:
        assert (
            np.abs(picture.arrays[method][side]) <= (1e-9 if method == "occlusion" else 0)
        ).all()  # what it can't see had no part in it


def test_integrated_gradients_are_the_integral() -> None:
    """A fine sum in numpy over the way from the average word: Simpson's rule on slopes by finite differences."""
    model, tokens = small(KINDS[2], layers=1, width=4, heads=1).double(), some_tokens()[:4]
    picture = saliency(model, GAME, tokens, word=1, answer=GAME.classes[0])
    with torch.no_grad():
        embedded = model.embed(torch.from_numpy(tokens[None]))[0].numpy()
        start = embedded - model.words(torch.from_numpy(tokens)).numpy() + model.words.weight.mean(0).numpy()
    ways = np.linspace(0, 1, 201)
    rule = np.ones(201)
    rule[1:-1:2], rule[2:-1:2] = 4, 2
    slopes = [slope(model, start + way * (embedded - start), 1, 0) for way in ways]
    expected = (np.tensordot(rule / rule.sum(), slopes, 1) * (embedded - start)).sum(-1)
    assert np.abs(picture.arrays["integrated gradients"] - expected).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_integrated_gradients_are_nearly_complete_and_say_how_nearly(kind: dict[str, Any]) -> None:
    model = small(kind)
    picture = saliency(model, GAME, some_tokens(), word=3)
    notes, total = picture.notes, float(picture.arrays["integrated gradients"].sum())
    assert notes["error"] == pytest.approx(abs(total - (notes["score"] - notes["from"])), abs=1e-4)
    if kind["join"] != "max":
        assert notes["error"] < 0.02 * max(1.0, abs(notes["score"] - notes["from"]))


def test_text_has_blanks_to_come_from() -> None:
    one = from_json({"data": {"task": "text", "length": 8}, "model": {"direction": "both", "size": "tiny"}})
    source = open_source(one.data.settings)
    model = build(one, len(source.words), len(source.classes)).eval()
    tokens = source.held_out(1).tokens[0][:6]
    blanks = saliency(model, source, tokens, word=2, baseline="blank")
    zeros = saliency(model, source, tokens, word=2)
    assert blanks.notes["answer"] == zeros.notes["answer"]
    hidden = tokens.copy()
    hidden[4] = MASK
    with torch.no_grad():
        place = list(source.words).index(blanks.notes["answer"])
        whole, less = (model(torch.from_numpy(ids[None])).logits[0, 2, place] for ids in (tokens, hidden))
        empty = model(torch.full((1, 6), MASK)).logits[0, 2, place]
    assert blanks.arrays["occlusion"][4] == pytest.approx(float(whole - less), abs=1e-5)
    assert blanks.notes["from"] == pytest.approx(float(empty), abs=1e-5)
    assert blanks.notes["from"] != zeros.notes["from"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"word": 7}, "no word 8"),
        ({"answer": "tea"}, "“tea” is not"),
        ({"baseline": "blank"}, "no blank"),
        ({"baseline": "noise"}, "one of average"),
    ],
)
def test_what_can_not_be_asked_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(NothingToSee, match=words):
        saliency(small(KINDS[0]), GAME, some_tokens(), **options)
