"""Gradients by layer: the norms of autograd, and all of them together the norm that the loop tells."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from core.data.registry import open_source
from core.events import Event, Gradients, Progress
from core.looking.gradients import MOMENTS, GradientWatch, layer_of
from core.runs.history import Fold
from core.spec import from_json
from core.training import Control, Training, train

SMALL = {"width": 16, "layers": 2, "heads": 2, "feed_forward": 24}


def events(model: dict[str, Any], **more: Any) -> list[Event]:
    given = {"steps": 6, "batch": 8, "held_out": 40, "snapshots": 1, **more}
    one = from_json({"data": {"task": "sense"}, "model": {**SMALL, **model}, "train": given})
    return list(train(one, open_source(one.data.settings)))


def rows(told: list[Event]) -> list[tuple[int, dict[str, float], float]]:
    """(step, norm by layer, share kept) of every moment."""
    return [
        (step, dict(zip(one.layers, norms, strict=True)), kept)
        for one in told
        if isinstance(one, Gradients)
        for step, norms, kept in zip(one.steps, one.norms, one.kept, strict=True)
    ]


MODELS = {
    "transformer": ({}, ["embedding", "layer 1", "layer 2", "read-out"]),
    "lstm": ({"family": "lstm", "direction": "both"}, ["embedding", "layer 1", "layer 2", "read-out"]),
    "late": (
        {"direction": "both", "join": "gated", "layers": 1},
        ["embedding", "left-to-right 1", "right-to-left 1", "join", "read-out"],
    ),
}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", MODELS)
def test_layers_together_have_the_norm_of_the_whole(name: str, precision: str) -> None:
    model, layers = MODELS[name]
    if precision == "bfloat16" and name == "lstm":
        precision = "float32"
    told = events(model, precision=precision, clip=0.05)
    wholes = [norm for one in told if isinstance(one, Progress) for norm in one.gradient_norms]
    found = rows(told)
    assert [step for step, _, _ in found] == [1, 2, 3, 4, 5, 6]
    for (_, norms, kept), whole in zip(found, wholes, strict=True):
        assert set(layers) <= set(norms)
        assert math.hypot(*norms.values()) == pytest.approx(whole, rel=1e-5)
        assert min(norms.values()) > 0
        assert kept == pytest.approx(min(1.0, 0.05 / whole), rel=1e-4)


def test_without_clipping_all_is_kept() -> None:
    assert {kept for _, _, kept in rows(events({}, clip=0.0))} == {1.0}


def test_a_norm_is_that_of_the_parameters_of_its_layer() -> None:
    one = from_json({"data": {"task": "sense"}, "model": SMALL, "train": {"steps": 2, "batch": 4, "held_out": 8}})
    run = Training(one, open_source(one.data.settings), None, Control())
    run.gradients(run.framed(run.source.sample(run.draws(1), 4), run.draws(2)))
    watch = GradientWatch(run.model, 2, 1.0)
    watch.look(1)
    (told,) = watch.told(1)
    assert list(watch.told(9)) == []
    for layer, norm in zip(told.layers, told.norms[0], strict=True):
        squares = [float(p.grad.square().sum()) for n, p in run.model.named_parameters() if layer_of(n) == layer]
        assert norm == pytest.approx(math.sqrt(sum(squares)), rel=1e-5)


def test_a_long_run_is_watched_now_and_then() -> None:
    watch = GradientWatch(
        Training(from_json({}), open_source(from_json({}).data.settings), None, Control()).model, 1000, 1.0
    )
    for step in range(1, 1001):
        watch.look(step)
    (told,) = watch.told(1000)
    assert MOMENTS <= len(told.steps) <= MOMENTS + 1
    assert told.steps[0] == 1
    assert {b - a for a, b in pairwise(told.steps[1:])} == {10}


@pytest.mark.parametrize(
    ("parameter", "layer"),
    [
        ("encoder.words.weight", "source embedding"),
        ("encoder.stacks.1.blocks.0.attention.output.weight", "right-to-left encoder 1"),
        ("decoder.blocks.2.cross.query.weight", "decoder 3"),
        ("decoder_back.cells.weight_hh_l1", "right-to-left decoder 2"),
        ("stack.cells.bias_ih_l0_reverse", "layer 1"),
        ("stack.blocks.1.attention.output.lora.down", "layer 2"),
        ("join.both.weight", "join"),
        ("pooler.weight", "read-out"),
    ],
)
def test_parts_have_readable_names(parameter: str, layer: str) -> None:
    assert layer_of(parameter) == layer


def test_a_history_has_one_entry_a_moment_and_forgets_what_a_resume_does_again() -> None:
    told = [one.to_json() for one in events({})]
    fold = Fold()
    shown = fold.take(list(enumerate(told, 1)))
    assert [one["step"] for one in shown.gradients] == [1, 2, 3, 4, 5, 6]
    assert all(len(one["norms"]) == len(one["layers"]) for one in shown.gradients)
    again = {**told[0], "step": 3}
    assert [one["step"] for one in fold.take([(len(told) + 1, again)]).gradients] == [1, 2, 3]
