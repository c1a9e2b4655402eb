"""The central promise: a one-way model never sees the other side; a two-way model sees both."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.looking.influence import reach
from core.models.build import Model
from core.models.direction import visible
from core.spec import ModelSpec
from tests.core.models.zoo import ONE_WAY, TWO_WAY, WORDS, ZOO, T, grown, sentence


def moved(model: Model) -> np.ndarray:
    """(T, S) bool: whether the logits at t change when word s does, exactly."""
    tokens, found = sentence(1), np.zeros((T, T), dtype=bool)
    with torch.no_grad():
        before = model(tokens).logits[0]
        for s in range(T):
            other = tokens.clone()
            other[0, s] = (other[0, s] + 1) % WORDS
            found[:, s] = (model(other).logits[0] != before).any(-1).numpy()
    return found


def jacobian(model: Model) -> Tensor:
    """(T, S) size of ∂ state t / ∂ embedding s."""
    embedded = model.embed(sentence(1)).detach()
    full = torch.autograd.functional.jacobian(lambda e: model.encode(e)[0], embedded)  # (T, D', 1, S, D)
    return full[:, :, 0].abs().sum(dim=(1, 3))


@pytest.mark.parametrize("one", ONE_WAY.values(), ids=ONE_WAY)
def test_a_one_way_model_sees_its_side_and_nothing_else(one: ModelSpec) -> None:
    model, allowed = grown(one), visible(one.direction, T, reach(one))
    assert (moved(model) == allowed).all()
    assert ((jacobian(model) != 0).numpy() == allowed).all()


@pytest.mark.parametrize("one", TWO_WAY.values(), ids=TWO_WAY)
def test_a_two_way_model_sees_everything(one: ModelSpec) -> None:
    model = grown(one)
    if one.join == "max":  # at each unit only the larger direction counts, so single words may go unseen
        assert not (jacobian(model).tril(-1) == 0).all()
        assert not (jacobian(model).triu(1) == 0).all()
    else:
        allowed = visible("both", T, reach(one))
        assert (moved(model) == allowed).all()
        assert ((jacobian(model) != 0).numpy() == allowed).all()


@pytest.mark.parametrize("one", ONE_WAY.values(), ids=ONE_WAY)
def test_a_one_way_model_without_a_far_side_reads_the_rest_alone(one: ModelSpec) -> None:
    """Cutting off the unseen side changes nothing, unless learned places shift with the cut."""
    model, tokens, cut = grown(one), sentence(), 4
    if one.direction == "left-to-right":
        part, whole = model(tokens[:, :cut]).states, model(tokens).states[:, :cut]
    elif one.family == "lstm" or one.positions in ("none", "rotary", "alibi"):
        part, whole = model(tokens[:, cut:]).states, model(tokens).states[:, cut:]
    else:
        return
    torch.testing.assert_close(part, whole)


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
def test_scored_positions_get_the_same_logits_as_all(one: ModelSpec) -> None:
    model, tokens = grown(one), sentence()
    scored = torch.tensor([0, 3, 2 * T - 1])
    torch.testing.assert_close(model(tokens, scored).logits, model(tokens).logits.flatten(0, 1)[scored])
