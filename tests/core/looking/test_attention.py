"""Attention as captured is attention as defined, and its summaries mean what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import open_source
from core.looking.attention import NothingToSee, attention, entropies
from core.models.attention import Attention
from core.models.build import Model, build
from core.models.direction import visible
from core.models.imported import load_checkpoint
from core.picture import Picture
from core.spec import from_json
from tests.core.looking.models import KINDS, SIZES, TRANSFORMERS, name_of, small, some_tokens
from tests.core.models.peers import peer, sentences, written


def by_hand(model: Model, tokens: np.ndarray) -> list[np.ndarray]:
    """softmax(QKᵀ/√d) of every layer in numpy, (H, T, S) each, from what enters each attention on the fast path."""
    found: list[np.ndarray] = []

    def compute(part: torch.nn.Module, given: tuple[Any, ...]) -> None:
        assert isinstance(part, Attention)
        x, direction = given[0][0].double().numpy(), given[1]
        weight, bias = (p.detach().double().numpy() for p in (part.query_key_value.weight, part.query_key_value.bias))
        query, key, _ = np.split(x @ weight.T + bias, 3, axis=-1)  # (T, D) each
        heads = [np.split(one, part.heads, axis=-1) for one in (query, key)]
        rows = []
        for q, k in zip(*heads, strict=True):
            scores = np.where(visible(direction, len(x)), q @ k.T / np.sqrt(q.shape[-1]), -np.inf)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            rows.append(weights / weights.sum(-1, keepdims=True))
        found.append(np.stack(rows))

    hooks = [m.register_forward_pre_hook(compute) for m in model.modules() if isinstance(m, Attention)]
    with torch.no_grad():
        model(torch.from_numpy(tokens[None]))
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("kind", TRANSFORMERS, ids=name_of)
def test_weights_are_the_softmax_of_the_visible_scores(kind: dict[str, Any]) -> None:
    model, tokens = small(kind), some_tokens()
    picture = attention(model, tokens)
    weights = picture.arrays["attention"]
    assert np.allclose(weights.sum(-1), 1, atol=1e-6)
    assert np.abs(weights - np.stack(by_hand(model, tokens))).max() < 1e-5
    for layer, direction in zip(weights, picture.notes["directions"], strict=True):
        assert (layer[:, ~visible(direction, len(tokens))] == 0).all()


def test_stacks_joined_late_are_listed_one_after_the_other() -> None:
    picture = attention(small({"family": "transformer", "direction": "both", "join": "sum"}), some_tokens())
    assert picture.arrays["attention"].shape == (2 * SIZES["layers"], SIZES["heads"], 7, 7)
    assert picture.notes["layers"] == ["left-to-right 1", "left-to-right 2", "right-to-left 1", "right-to-left 2"]
    assert (picture.arrays["right"][:2] == 0).all()
    assert (picture.arrays["left"][2:] == 0).all()


def test_one_way_layers_are_named_by_number() -> None:
    picture = attention(small(TRANSFORMERS[1]), some_tokens())
    assert picture.notes["layers"] == ["layer 1", "layer 2"]
    assert picture.notes["directions"] == ["right-to-left"] * 2


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_entropy_is_one_when_even_and_zero_when_sharp(direction: str) -> None:
    allowed = visible(direction, 6)[None]
    even = (allowed / allowed.sum(-1, keepdims=True))[:, None]
    assert np.allclose(entropies(even, allowed), 1)
    assert np.allclose(entropies(np.eye(6)[None, None], allowed), 0)


def test_a_single_word_has_no_choice() -> None:
    assert entropies(np.ones((1, 1, 1, 1)), np.ones((1, 1, 1), bool)).tolist() == [[0.0]]


def test_shares_and_distance_of_known_heads() -> None:
    picture: Picture = attention(small(TRANSFORMERS[2]), some_tokens())
    a, arrays = picture.arrays["attention"], picture.arrays
    own = a[:, :, range(7), range(7)].mean(-1)
    assert np.allclose(arrays["left"] + own + arrays["right"], 1, atol=1e-6)
    by_loop = sum(a[:, :, t, s] * abs(t - s) for t in range(7) for s in range(7)) / 7
    assert np.allclose(arrays["distance"], by_loop, atol=1e-5)


def test_an_lstm_says_that_it_has_none() -> None:
    lstm = next(kind for kind in KINDS if kind["family"] == "lstm")
    with pytest.raises(NothingToSee, match="no attention"):
        attention(small(lstm), some_tokens())


@pytest.mark.parametrize(("architecture", "kind"), [("bert", "BertForMaskedLM"), ("gpt2", "GPT2LMHeadModel")])
def test_an_imported_model_attends_as_transformers_says(architecture: str, kind: str, tmp_path: Path) -> None:
    theirs = peer(architecture, kind)
    ours, tokens = load_checkpoint(written(theirs, tmp_path)), sentences(1, 11)
    with torch.no_grad():
        expected = torch.stack(theirs(input_ids=tokens, output_attentions=True).attentions)[:, 0].numpy()
    found = attention(ours, tokens[0].numpy()).arrays["attention"]
    assert np.abs(found - expected).max() < 1e-5


def test_a_long_sentence_is_read_whole_and_seen_through_a_window() -> None:
    model, tokens = small(TRANSFORMERS[2]), some_tokens()
    whole = attention(model, tokens).arrays
    part = attention(model, tokens, first=2, longest=3)
    assert part.notes["first"] == 2
    assert (part.arrays["attention"] == whole["attention"][:, :, 2:5, 2:5]).all()
    assert np.allclose(part.arrays["outside"], 1 - whole["attention"][:, :, 2:5, 2:5].sum(-1))
    assert (part.arrays["entropy"] == whole["entropy"]).all()
    assert part.arrays["allowed"].shape == (2, 3, 3)
    assert attention(model, tokens, first=99, longest=3).notes["first"] == 4  # never past the end


def test_a_model_of_random_orders_is_seen_under_its_true_mask() -> None:
    plain = {"data": {"task": "text", "length": 6}, "model": {"direction": "both", "size": "tiny"}}
    one = from_json({**plain, "objective": {"name": "permutation-lm"}})
    source = open_source(one.data.settings)
    model = build(one, len(source.words), len(source.classes)).eval()
    tokens, order = source.held_out(1).tokens[0][:6], [3, 0, 5, 1, 4, 2]
    picture = attention(model, tokens, order=order)
    turns = np.array(order)
    content, query = picture.arrays["attention"], picture.arrays["query"]
    assert ((content > 0) == (turns[None, :] <= turns[:, None])).all()
    assert ((query > 0) == (turns[None, :] < turns[:, None])).all()
    assert np.allclose(content.sum(-1), 1, atol=1e-6)
    assert np.allclose(query.sum(-1) + picture.arrays["itself"], 1, atol=1e-6)
    assert picture.notes["order"] == order
    with pytest.raises(NothingToSee, match="one turn from 0 to 5"):
        attention(model, tokens, order=[0, 0, 1, 2, 3, 4])
