"""The models against PyTorch's own building blocks, and against their recipe."""

import math

import pytest
import torch
from torch import nn

from core.models.build import Model, build
from core.models.fusion import Join
from core.models.kernels import Linear
from core.spec import LATE_JOINS, Experiment, ModelSpec, TrainSpec
from tests.core.models.zoo import CLASSES, WORDS, ZOO, B, T, grown, sentence, spec


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
def test_same_seed_same_weights_another_seed_others(one: ModelSpec) -> None:
    def weights(seed: int) -> dict[str, torch.Tensor]:
        return build(Experiment(model=one, train=TrainSpec(seed=seed)), WORDS, CLASSES).state_dict()

    first, again, other = weights(1), weights(1), weights(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["words.weight"], other["words.weight"])


def test_building_leaves_the_callers_random_numbers_alone() -> None:
    """Initial weights don't depend on what was drawn before, whatever the layers draw on their own."""
    first = build(Experiment(), WORDS, CLASSES).state_dict()
    torch.rand(3)
    assert all(
        torch.equal(first[name], value) for name, value in build(Experiment(), WORDS, CLASSES).state_dict().items()
    )


@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_the_initial_recipe(family: str) -> None:
    model = build(Experiment(model=ModelSpec(family=family, width=128)), 500, 400)
    scale = {"transformer": 0.5, "lstm": 1.0}[family]
    assert model.words.weight.std().item() == pytest.approx(scale, rel=0.05)
    for part in model.modules():
        if isinstance(part, Linear):
            assert part.weight.std().item() == pytest.approx(0.7 / math.sqrt(part.in_features), rel=0.05)
            assert (part.bias == 0).all()


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.5])
def test_both_forget_biases_start_where_asked(bias: float) -> None:
    model = build(Experiment(model=spec(family="lstm", direction="both", forget_bias=bias)), WORDS, CLASSES)
    found = {name: value for name, value in model.stack.cells.named_parameters() if "bias" in name}
    assert len(found) == 8  # two layers, two directions, two biases
    for value in found.values():
        assert (value[8:16] == bias).all()
        assert (value[:8].abs() <= 1 / math.sqrt(8)).all()


def test_a_right_to_left_lstm_is_an_lstm_on_the_flipped_sentence() -> None:
    model, tokens = grown(ZOO["lstm right-to-left"]), sentence()
    expected = model.stack.cells(model.words(tokens).flip(1))[0].flip(1)
    torch.testing.assert_close(model(tokens).states, expected)


def test_a_late_two_way_lstm_is_pytorchs_bidirectional_one() -> None:
    model, tokens = grown(spec(family="lstm", direction="both", join="concat", layers=1)), sentence()
    oracle = nn.LSTM(8, 8, batch_first=True, bidirectional=True).double()
    with torch.no_grad():
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(oracle, f"{kind}_l0").copy_(getattr(model.forward_stack.cells, f"{kind}_l0"))
            getattr(oracle, f"{kind}_l0_reverse").copy_(getattr(model.backward_stack.cells, f"{kind}_l0"))
    torch.testing.assert_close(model(tokens).states, oracle(model.words(tokens))[0])


@pytest.mark.parametrize("one", [one for one in ZOO.values() if one.tied and one.family == "lstm"], ids=str)
def test_shared_weights_read_both_ways(one: ModelSpec) -> None:
    """Tied and symmetric: the reversed sentence gives the reversed states (SCIENCE, the game compare)."""
    model, tokens = grown(one), sentence()
    if one.join in ("sum", "mean", "product", "max"):
        torch.testing.assert_close(model(tokens.flip(1)).states.flip(1), model(tokens).states)
    apart = grown(spec(family="lstm", direction="both", join=one.join))
    assert count(model) < count(apart)


def count(model: Model) -> int:
    return sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("kind", LATE_JOINS)
def test_joins(kind: str) -> None:
    join, draw = Join(kind, 4), torch.Generator().manual_seed(0)
    f, b = torch.randn(2, B, T, 4, generator=draw)
    if kind in ("gated", "learned"):
        mixed = torch.nn.functional.linear(torch.cat([f, b], -1), join.both.weight, join.both.bias)
        expected = {"gated": mixed.sigmoid() * f + (1 - mixed.sigmoid()) * b, "learned": mixed.tanh()}[kind]
    else:
        expected = {
            "concat": torch.cat([f, b], -1),
            "sum": f + b,
            "mean": (f + b) / 2,
            "scalar": (f + b) / 2,  # its share starts at one half
            "product": f * b,
            "max": torch.where(f > b, f, b),
        }[kind]
    torch.testing.assert_close(join(f, b), expected)
    assert join(f, b).shape[-1] == join.width


def test_an_unknown_join_is_refused() -> None:
    with pytest.raises(ValueError, match="glue"):
        Join("glue", 4)(torch.zeros(1, 1, 4), torch.zeros(1, 1, 4))


def test_positions_tell_two_orders_apart_and_their_absence_does_not() -> None:
    tokens = sentence()
    for positions, differs in (("learned", True), ("sinusoidal", True), ("none", False)):
        model = grown(spec(direction="both", positions=positions))
        swapped = model(tokens.flip(1)).states.flip(1)
        assert torch.allclose(swapped, model(tokens).states) != differs


def test_dropout_works_while_training_only() -> None:
    model, tokens = grown(spec(dropout=0.5)), sentence()
    assert torch.equal(model(tokens).states, model(tokens).states)
    model.train()
    assert not torch.equal(model(tokens).states, model(tokens).states)
