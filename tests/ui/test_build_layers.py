"""What layers are made of, and what makes training leaner, can all be chosen in Build and is explained there."""

from __future__ import annotations

from typing import Any

import pytest

from core.parts.model import POSITIONS
from tests.ui.test_build import choose, draft, labelled, opened, page, press, told
from ui.panels.model_builder import ACTIVATION_WORDS, POSITION_WORDS

pytestmark = pytest.mark.usefixtures("store")


def test_every_kind_of_position_norm_and_activation_can_be_chosen() -> None:
    at = opened(press(page(), "Write on"), "open-sizes")
    for positions in POSITIONS:
        at = choose(at, "Positions", positions)
        assert draft(at).model.positions == positions
        assert POSITION_WORDS[positions] in told(at)
    for label, name, value in (("Norm", "norm", "rms"), ("Norm stands", "norm_place", "post")):
        at = choose(at, label, value)
        assert getattr(draft(at).model, name) == value
    for activation in ("swiglu", "relu", "gelu-tanh", "gelu"):
        at = choose(at, "Activation", activation)
        assert draft(at).model.activation == activation
        assert ACTIVATION_WORDS[activation] in told(at)


@pytest.mark.parametrize(
    ("place", "label", "value", "part", "name"),
    [
        ("open-sizes", "Key-value heads", 1, "model", "key_heads"),
        ("open-sizes", "Window (words)", 3, "model", "window"),
        ("open-training", "Parts of a batch (parts)", 4, "train", "accumulate"),
    ],
)
def test_numbers_that_make_a_model_leaner(place: str, label: str, value: Any, part: str, name: str) -> None:
    at = opened(press(page(), "Write on"), place)
    kinds = [kind for kind in ("number_input", "slider") if [one for one in at.get(kind) if one.label == label]]
    widget = labelled(at, kinds[0], label)
    assert widget.help
    widget.set_value(value)
    at.run()
    assert getattr(getattr(draft(at), part), name) == value


def test_gradient_checkpointing_says_what_it_does_and_where_it_does_nothing() -> None:
    at = opened(press(page(), "Write on"), "open-training")
    switch = labelled(at, "toggle", "Gradient checkpointing")
    assert "slower, leaner" in switch.help
    assert "LSTM" in switch.help
    switch.set_value(True)
    at.run()
    assert draft(at).train.recompute
