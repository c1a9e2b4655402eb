"""Counts are arithmetic on the spec; the built model is the judge."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.models.build import build
from core.models.counts import count, memory, scored_share
from core.models.tap import tapped
from core.parts.model import READ_OUTS
from core.spec import DIRECTIONS, JOINS, READERS, Experiment, from_json

WORDS, CLASSES = 29, 5
PAIRS = [(direction, join) for direction in DIRECTIONS for join in JOINS if direction == "both" or join == "deep"]


def parameters(experiment: Experiment) -> tuple[int, int]:
    built = sum(weight.numel() for weight in build(experiment, WORDS, CLASSES).parameters())
    return sum(part.parameters for part in count(experiment, WORDS, CLASSES)), built


@pytest.mark.parametrize(("family", "pair"), product(READERS, PAIRS))
def test_parameters_add_up_to_the_built_model(family: str, pair: tuple[str, str]) -> None:
    direction, join = pair
    for read_out, positions, layers, tied in product(("linear", "mlp"), ("learned", "none"), (2, 3), (False, True)):
        if tied and join == "deep":
            continue
        sizes = {"width": 12, "heads": 3, "feed_forward": 20, "layers": layers}
        more = {"read_out": read_out, "positions": positions, "tied": tied}
        model = {"family": family, "direction": direction, "join": join, **sizes, **more}
        counted, built = parameters(from_json({"model": model}))
        assert counted == built, model


@pytest.mark.parametrize("activation", ["gelu", "swiglu"])
@pytest.mark.parametrize("norm_place", ["pre", "post"])
@pytest.mark.parametrize("norm", ["layer", "rms"])
@pytest.mark.parametrize("key_heads", [None, 2, 1])
def test_what_layers_are_made_of_is_counted(activation: str, norm_place: str, norm: str, key_heads: int | None) -> None:
    made = {"activation": activation, "norm_place": norm_place, "norm": norm, "key_heads": key_heads}
    counted, built = parameters(from_json({"model": {**made, "positions": "rotary"}}))
    assert counted == built


@pytest.mark.parametrize("tied_words", [False, True])
@pytest.mark.parametrize("read_out", READ_OUTS)
@pytest.mark.parametrize("norm", ["layer", "rms"])
def test_what_checkpoints_are_made_of_is_counted(read_out: str, tied_words: bool, norm: str) -> None:
    made = {"read_out": read_out, "tied_words": tied_words, "norm": norm, "embedding_norm": True, "token_types": 2}
    for more in ({"places": 77}, {"pool": "pooler", "direction": "both"}):
        experiment = from_json({"model": {**made, **more}, "data": {"task": "text"}})
        built = sum(weight.numel() for weight in build(experiment, WORDS, WORDS).parameters())
        assert sum(part.parameters for part in count(experiment, WORDS, WORDS)) == built


@pytest.mark.parametrize("size", ["tiny", "small", "medium"])
@pytest.mark.parametrize("family", READERS)
def test_the_size_dial_is_counted(family: str, size: str) -> None:
    counted, built = parameters(from_json({"model": {"family": family, "direction": "both", "size": size}}))
    assert counted == built


@pytest.mark.parametrize("join", ["deep", "concat", "gated", "learned"])
@pytest.mark.parametrize("read_out", READ_OUTS)
def test_flops_are_those_that_run(join: str, read_out: str) -> None:
    """Full attention and a read-out everywhere, so that the counter and the mask agree on what is computed."""
    experiment = from_json({"model": {"direction": "both", "join": join, "read_out": read_out}, "data": {"T": 8}})
    model = build(experiment, WORDS, CLASSES)
    with FlopCounterMode(display=False) as counter, tapped(model):  # tapped: readable products instead of one kernel
        model(torch.zeros(3, 8, dtype=torch.long))
    share = scored_share(experiment)
    ours = sum(part.flops / (share if part.name == "read-out" else 1) for part in count(experiment, WORDS, CLASSES))
    measured = counter.get_total_flops() / (3 * 8)
    assert ours <= measured + 1e-6  # the counter charges a masked word like a seen one
    tolerance = 1e-9 if join == "deep" else 0.05
    assert ours == pytest.approx(measured, rel=tolerance)


def test_one_way_attention_sees_half_as_much() -> None:
    """Σ_t (t + 1) of T² pairs."""
    both, left = (
        next(
            part.flops
            for part in count(from_json({"model": {"direction": direction}}), 9, 2)
            if part.name == "attention"
        )
        for direction in ("both", "left-to-right")
    )
    D, L, T = 64, 2, 12
    assert both - left == pytest.approx(L * 4 * D * (T - (T + 1) / 2))


def test_shared_weights_are_counted_once_and_computed_twice() -> None:
    apart, tied = (
        count(from_json({"model": {"family": "lstm", "direction": "both", "join": "sum", "tied": tied}}), 9, 2)
        for tied in (False, True)
    )
    assert sum(p.flops for p in tied) == sum(p.flops for p in apart)
    assert sum(p.parameters for p in tied) < sum(p.parameters for p in apart)


def test_a_longer_batch_keeps_more_and_nothing_else() -> None:
    small, large = (from_json({"train": {"batch": batch}}) for batch in (8, 16))
    a, b = (memory(one, count(one, 9, 2)) for one in (small, large))
    assert (a.weights, a.gradients, a.optimiser) == (b.weights, b.gradients, b.optimiser)
    assert b.activations == pytest.approx(2 * a.activations, abs=1)
    assert a.optimiser == 2 * a.weights
    assert a.total == a.weights + a.gradients + a.optimiser + a.activations


@pytest.mark.parametrize(
    "model",
    [
        {"direction": "both"},
        {"size": "large"},
        {"direction": "both", "join": "concat"},
        {"family": "lstm"},
        {"family": "lstm", "direction": "both"},
        {"family": "lstm", "direction": "both", "join": "gated"},
    ],
)
def test_the_estimate_of_activations_is_near_what_autograd_keeps(model: dict[str, object]) -> None:
    experiment = from_json({"model": model, "train": {"batch": 64}})
    built, kept = build(experiment, WORDS, CLASSES), dict[int, int]()
    own = {weight.untyped_storage().data_ptr() for weight in built.parameters()}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        states = built.encode(built.embed(torch.zeros(64, 12, dtype=torch.long)))
        built.read_out(states.flatten(0, 1)[::12])
    estimate = memory(experiment, count(experiment, WORDS, CLASSES)).activations
    assert 0.75 < estimate / sum(kept.values()) < 1.25


def test_only_scored_positions_are_read_out() -> None:
    assert scored_share(from_json({"data": {"task": "sense", "T": 10}})) == pytest.approx(0.1)
    masked = {"data": {"task": "text"}, "model": {"direction": "both"}, "objective": {"mask_rate": 0.4}}
    assert scored_share(from_json(masked)) == 0.4
    assert scored_share(from_json({"data": {"task": "text"}})) == 1.0


def test_parts_and_checkpointing_take_less_memory_and_nothing_else_changes() -> None:
    experiment = from_json({"model": {"size": "medium"}})
    plain = memory(experiment, count(experiment, WORDS, CLASSES))
    for change in ({"train.recompute": True}, {"train.accumulate": 4}):
        lean = experiment.with_(change)
        found = memory(lean, count(lean, WORDS, CLASSES))
        assert found.activations < 0.5 * plain.activations, change
        assert (found.weights, found.optimiser) == (plain.weights, plain.optimiser)
