"""Hidden states: the components are the principal ones, and frames lie on one another as well as they can."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.looking import states as module
from core.looking.pca import aligned, pca, turn
from core.looking.states import states
from core.models.tap import tapped
from tests.core.looking.models import GAME, KINDS, name_of, small, some_tokens


@given(st.integers(0, 10_000), st.integers(3, 40), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_pca_is_the_eigenvectors_of_the_covariance(seed: int, n: int, d: int) -> None:
    x = np.random.default_rng(seed).normal(size=(n, d)) * np.arange(1, d + 1) + 5
    mean, directions, share = pca(x)
    values = np.linalg.eigvalsh(np.cov(x.T).reshape(d, d))[::-1]
    expected = np.pad(values / values.sum(), (0, 2))[:2]
    assert np.allclose(share, expected, atol=1e-9)
    found = ((x - mean) @ directions.T).var(axis=0, ddof=1) / values.sum()
    assert np.allclose(found, expected, atol=1e-9)


def test_pca_of_one_and_the_same_point_is_flat() -> None:
    _, _, share = pca(np.ones((5, 3)))
    assert share.tolist() == [0, 0]


@given(st.integers(0, 10_000), st.floats(0, 6.28), st.booleans())
@settings(max_examples=40, deadline=None)
def test_turning_undoes_any_rotation_and_reflection(seed: int, angle: float, mirrored: bool) -> None:
    x = np.random.default_rng(seed).normal(size=(30, 2))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = x @ rotation @ np.diag([1, -1 if mirrored else 1])
    assert np.allclose(moved @ turn(moved, x), x, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS[2:5] + KINDS[-9:-6], ids=name_of)
def test_points_are_the_states_of_the_scored_words_in_flat(kind: dict[str, Any]) -> None:
    model, tokens = small(kind), some_tokens()
    picture = states(model, GAME, tokens)
    batch = GAME.held_out(module.SENTENCES)
    rows, places = np.nonzero(batch.labels >= 0)
    with torch.no_grad(), tapped(model) as seen:
        logits = model(torch.from_numpy(batch.tokens)).logits
    last = seen["joined"][rows, places].double().numpy()
    lengths = np.linalg.svd(last - last.mean(0), compute_uv=False) ** 2
    assert np.allclose(picture.arrays["explained"][-1], lengths[:2] / lengths.sum(), atol=1e-6)
    assert np.allclose((picture.arrays["points"][-1] ** 2).sum(), lengths[:2].sum(), rtol=1e-5)
    assert (picture.arrays["label"] == batch.labels[rows, places]).all()
    assert (picture.arrays["answer"] == logits[rows, places].argmax(-1).numpy()).all()
    assert len(picture.notes["layers"]) == len(picture.arrays["points"])
    assert picture.notes["layers"][0] == "embedding"
    assert picture.arrays["own"].shape == (len(picture.notes["layers"]), len(tokens), 2)


def test_an_own_word_lies_where_the_same_held_out_word_lies() -> None:
    model, batch = small(KINDS[2]), GAME.held_out(module.SENTENCES)
    picture = states(model, GAME, batch.tokens[5])
    place = int(np.flatnonzero(batch.labels[5] >= 0)[0])
    assert np.allclose(picture.arrays["own"][:, place], picture.arrays["points"][:, 5], atol=1e-5)


def test_neighbouring_layers_are_turned_onto_each_other() -> None:
    points = states(small(KINDS[2]), GAME, some_tokens()).arrays["points"]
    for below, above in pairwise(points):
        apart = np.linalg.norm(below - above)
        for sign in ([-1, 1], [1, -1], [-1, -1]):
            assert apart <= np.linalg.norm(below * sign - above) + 1e-9


def test_snapshots_are_turned_onto_each_other() -> None:
    reference = states(small(KINDS[2]), GAME, some_tokens())
    mirrored = {
        **reference.arrays,
        "points": reference.arrays["points"] * [-1, 1],
        "own": reference.arrays["own"] * [-1, 1],
    }
    back = aligned(type(reference)((), mirrored, reference.axes, reference.notes), reference)
    assert np.allclose(back.arrays["points"], reference.arrays["points"])
    assert np.allclose(back.arrays["own"], reference.arrays["own"])


def test_each_point_is_told_with_its_word_in_brackets() -> None:
    picture, batch = states(small(KINDS[0]), GAME, some_tokens()), GAME.held_out(module.SENTENCES)
    place = int(np.flatnonzero(batch.labels[3] >= 0)[0])
    words = [GAME.words[token] for token in batch.tokens[3]]
    words[place] = f"[{words[place]}]"
    assert picture.notes["sentences"][3] == " ".join(words)


@pytest.mark.parametrize("family", ["transformer", "lstm"])
@pytest.mark.parametrize("join", ["deep", "concat"])
def test_both_directions_are_there_before_and_after_they_meet(family: str, join: str) -> None:
    picture = states(small({"family": family, "direction": "both", "join": join}), GAME, some_tokens())
    ways = dict(zip(picture.notes["layers"], picture.notes["directions"], strict=True))
    assert ways["before the answer"] == "both"
    apart = join != "deep" or family == "lstm"
    assert {"left-to-right", "right-to-left"} <= set(ways.values()) if apart else set(ways.values()) == {"both"}


def test_every_word_in_three_dimensions_with_what_colours_it() -> None:
    picture = states(small(KINDS[2]), GAME, some_tokens(), dimensions=3, of="every", most=50)
    assert picture.arrays["points"].shape[1:] == (50, 3)
    assert picture.arrays["own"].shape[1:] == (7, 3)
    batch = GAME.held_out(module.SENTENCES)
    some = np.linspace(0, batch.tokens.size - 1, 50).astype(int)
    assert (picture.arrays["token"] == batch.tokens.reshape(-1)[some]).all()
    assert (picture.arrays["place"] == some % 7).all()
    assert (picture.arrays["label"] == batch.labels.reshape(-1)[some]).all()
    assert picture.notes["words"] == [GAME.words[one] for one in picture.arrays["token"]]
    assert (picture.arrays["explained"][:, 0] >= picture.arrays["explained"][:, 2]).all()
