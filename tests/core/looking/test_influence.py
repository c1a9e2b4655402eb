"""Who sees whom: exactly zero where the direction forbids, and the true derivative where it doesn't."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.looking import influence as module
from core.looking.attention import NothingToSee
from core.looking.influence import influence, influence_and_leaks, leaks, probes, vector_jacobian_squares
from core.models.build import Model
from core.models.direction import visible
from tests.core.looking.models import KINDS, name_of, small, some_tokens

STEP = 1e-5


def by_finite_differences(model: Model, tokens: np.ndarray) -> np.ndarray:
    """(T, S) ‖∂h_t/∂e_s‖_F by moving each number of each embedding a little to both sides."""
    with torch.no_grad():
        embedded = model.embed(torch.from_numpy(tokens[None]))[0]  # (T, D)
        T, D = embedded.shape
        squares = np.zeros((T, T))
        for s in range(T):
            for d in range(D):
                moved = embedded.repeat(2, 1, 1)
                moved[0, s, d] += STEP
                moved[1, s, d] -= STEP
                up, down = model.encode(moved)
                squares[:, s] += ((up - down) / (2 * STEP)).square().sum(-1).numpy()
    return np.sqrt(squares)


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_equals_finite_differences_and_zero_where_forbidden(kind: dict[str, Any]) -> None:
    model, tokens = small(kind).double(), some_tokens()
    picture = influence(model, tokens)
    norms, allowed = picture.arrays["influence"], picture.arrays["allowed"]
    assert np.allclose(norms, by_finite_differences(model, tokens), rtol=1e-4, atol=1e-6)
    assert (allowed == visible(kind["direction"], len(tokens))).all()
    assert (norms[~allowed] == 0).all()
    assert (norms[allowed] > 0).all()
    assert picture.notes["largest_forbidden"] == (None if kind["direction"] == "both" else 0.0)
    assert picture.notes["error"] == 0


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_leaks_agree_with_the_direction(kind: dict[str, Any]) -> None:
    model, tokens = small(kind), some_tokens()
    assert leaks(model, tokens) == []
    past, future = leaks(model, tokens, "right-to-left"), leaks(model, tokens, "left-to-right")
    T = len(tokens)
    everything = T * (T - 1) // 2
    assert len(past) == (0 if kind["direction"] == "right-to-left" else everything)
    assert len(future) == (0 if kind["direction"] == "left-to-right" else everything)
    assert all(s < t for t, s in past)
    assert all(s > t for t, s in future)


@pytest.mark.parametrize("kind", KINDS[:3], ids=name_of)
def test_the_estimate_keeps_the_zeros_and_comes_near(kind: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokens = small(kind, width=32), some_tokens()
    exact = influence(model, tokens)
    monkeypatch.setattr(module, "BUDGET", 0)
    rough = influence(model, tokens)
    assert (exact.notes["directions"], rough.notes["directions"]) == (32, module.FEWEST)
    assert 0 < rough.notes["error"] < 0.3
    allowed, a, b = exact.arrays["allowed"], exact.arrays["influence"], rough.arrays["influence"]
    assert (b[~allowed] == 0).all()
    assert np.median(abs(a - b)[allowed] / a[allowed]) < 0.3


def test_the_estimate_is_unbiased_over_random_directions() -> None:
    model, tokens = small(KINDS[2]), some_tokens()
    with torch.no_grad():
        embedded = model.embed(torch.from_numpy(tokens[None]))
    whole = vector_jacobian_squares(model, embedded, probes(8, 8)).sum(1)  # (T, S)
    draws = torch.Generator().manual_seed(1)
    bases = [torch.linalg.qr(torch.randn(8, 2, generator=draws))[0].T for _ in range(300)]
    mean = np.mean([vector_jacobian_squares(model, embedded, basis).sum(1) for basis in bases], axis=0) * 8 / 2
    assert np.allclose(mean, whole, rtol=0.25)


def test_batches_of_products_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokens = small(KINDS[2]), some_tokens()
    whole = influence(model, tokens).arrays["influence"]
    monkeypatch.setattr(module, "AT_ONCE", 3 * 7 * 8)
    assert np.allclose(influence(model, tokens).arrays["influence"], whole, rtol=1e-5)


def test_looking_changes_nothing() -> None:
    model, tokens = small(KINDS[0], dropout=0.5).train(), some_tokens()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = influence(model, tokens), influence(model, tokens)
    assert (first.arrays["influence"] == second.arrays["influence"]).all()  # no dropout while looking
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(one.grad is None for one in model.parameters())


def test_all_directions_can_be_asked_for_unless_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokens = small(KINDS[2], width=32), some_tokens()
    whole = influence(model, tokens)
    monkeypatch.setattr(module, "BUDGET", 1e4)
    assert influence(model, tokens).notes["directions"] == module.FEWEST
    with pytest.raises(NothingToSee, match="seconds here"):
        influence(model, tokens, exact=True)
    monkeypatch.setattr(module, "PATIENCE", 1e9)
    exact = influence(model, tokens, exact=True)
    assert exact.notes["error"] == 0
    assert np.allclose(exact.arrays["influence"], whole.arrays["influence"], rtol=1e-5)


def test_changes_tell_how_far_each_state_moves() -> None:
    model, tokens = small(KINDS[0]), some_tokens()
    picture = influence_and_leaks(model, tokens)
    moved = picture.arrays["moved"]
    other = tokens.copy()
    other[2] = (other[2] + 1) % len(model.words.weight)
    with torch.no_grad():
        before, after = (model(torch.from_numpy(one[None])).states[0] for one in (tokens, other))
    assert np.allclose(moved[:, 2], (before - after).abs().amax(-1).numpy(), atol=1e-6)
    assert (moved[np.triu_indices(7, 1)] <= 1e-6).all()
    assert picture.notes["leaks"] == []
