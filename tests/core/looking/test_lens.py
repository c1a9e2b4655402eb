"""The lens reads each layer with the model's own read-out; the last layer is the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import open_source
from core.looking.lens import lens
from core.models.build import build
from core.models.tap import tapped
from core.spec import from_json
from tests.core.looking.models import GAME, KINDS, name_of, small, some_tokens


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_the_last_layer_is_the_model(kind: dict[str, Any]) -> None:
    model, tokens = small(kind), some_tokens()
    picture = lens(model, GAME, tokens)
    with torch.no_grad():
        chances = model(torch.from_numpy(tokens[None])).logits[0].softmax(-1).numpy()
    assert np.allclose(picture.arrays["sure"][-1], chances.max(-1), atol=1e-6)
    assert picture.arrays["agrees"][-1].all()
    assert np.allclose(picture.arrays["spread"][-1], -(chances * np.log(chances)).sum(-1), atol=1e-5)
    assert picture.notes["said"][-1][0][0][0] == GAME.classes[chances[0].argmax()]
    assert len(picture.notes["layers"]) == len(picture.arrays["sure"])
    assert ("embedding" in picture.notes["layers"]) == (kind["join"] == "deep" and name_of(kind) != "lstm-both-deep")


def test_a_layer_is_read_with_the_norm_on_top() -> None:
    model, tokens = small(KINDS[2]), some_tokens()
    with torch.no_grad(), tapped(model) as seen:
        model(torch.from_numpy(tokens[None]))
        expected = model.read_out(model.stack.norm(seen["stack.0.state"]))[0].softmax(-1)
        final = model(torch.from_numpy(tokens[None])).logits[0].argmax(-1)
    sure = lens(model, GAME, tokens).arrays["sure"][1]
    assert np.allclose(sure, expected[range(7), final].numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("data", "direction", "objective"),
    [
        ({"task": "text", "length": 9}, "both", "two-way-lm"),
        ({"task": "text", "length": 9}, "both", "permutation-lm"),
        ({"task": "two-sentences"}, "both", "next-sentence"),
        ({"task": "two-sentences"}, "both", "masked-and-next"),
    ],
)
def test_every_objective_can_be_read(data: dict[str, Any], direction: str, objective: str) -> None:
    join = "concat" if objective == "two-way-lm" else "deep"
    model_plain = {"direction": direction, "size": "tiny", "join": join}
    one = from_json({"data": data, "model": model_plain, "objective": {"name": objective}})
    source = open_source(one.data.settings)
    model = build(one, len(source.words), len(source.classes)).eval()
    tokens = source.held_out(1).tokens[0][:8]
    picture = lens(model, source, tokens)
    words = {"two-way-lm": 16, "next-sentence": 1}.get(objective, 8)
    assert picture.arrays["sure"].shape == (len(picture.notes["layers"]), words)
    assert picture.arrays["agrees"][-1].all()
