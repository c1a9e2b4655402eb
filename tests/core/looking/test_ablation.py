"""A head that is switched off is a head whose share of the next map is zero, in every stack and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.looking import ablation as module
from core.looking.ablation import ablation, heads_of, without
from core.looking.attention import NothingToSee
from core.models.build import Model
from tests.core.looking.models import GAME, KINDS, SIZES, TRANSFORMERS, name_of, small, some_tokens


def logits(model: Model, tokens: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.from_numpy(tokens[None])).logits[0]


def silenced(model: Model, stack: str, layer: int, head: int) -> Model:
    """The model with the columns of the output map zeroed that read this head."""
    part = getattr(model, "stack" if stack == "stack" else f"{stack}_stack").blocks[layer].attention
    d = model.spec.sizes.width // model.spec.sizes.heads
    with torch.no_grad():
        part.output.weight[:, head * d : (head + 1) * d] = 0
    return model


@pytest.mark.parametrize("kind", TRANSFORMERS, ids=name_of)
def test_off_means_that_nobody_reads_it(kind: dict[str, Any]) -> None:
    tokens = some_tokens()
    for stack, layers, count in heads_of(small(kind)):
        for layer, head in np.ndindex(layers, count):
            model = small(kind)
            whole = logits(model, tokens)
            with without(model, [(stack, layer, head)]):
                less = logits(model, tokens)
            assert torch.equal(logits(model, tokens), whole)  # and then it is back
            torch.testing.assert_close(less, logits(silenced(model, stack, layer, head), tokens))
            assert not torch.allclose(less, whole)


def test_directions_that_share_weights_are_switched_off_apart() -> None:
    tied, apart = (small({"direction": "both", "join": "sum"}, tied=tied) for tied in (True, False))
    for name in ("forward_stack", "backward_stack"):
        getattr(apart, name).load_state_dict(tied.forward_stack.state_dict())
    for part in ("words", "read_out", "join"):
        getattr(apart, part).load_state_dict(getattr(tied, part).state_dict())
    apart.positions = tied.positions
    for stack in ("forward", "backward"):
        found = []
        for model in (tied, apart):
            with without(model, [(stack, 1, 0)]):
                found.append(logits(model, some_tokens()))
        torch.testing.assert_close(*found)


@pytest.mark.parametrize("kind", TRANSFORMERS[:4], ids=name_of)
def test_the_picture_tells_before_and_after(kind: dict[str, Any]) -> None:
    model, tokens = small(kind), some_tokens()
    listed = [(stack, layer) for stack, layers, _ in heads_of(model) for layer in range(layers)]
    picture = ablation(model, GAME, tokens, [[len(listed) - 1, 1], [0, 0]])
    with without(model, [(*listed[-1], 1), (*listed[0], 0)]):
        after = logits(model, tokens).softmax(-1).numpy()
    before = logits(model, tokens).softmax(-1).numpy()
    best = before.argmax(-1)
    assert np.allclose(picture.arrays["sure"], before.max(-1), atol=1e-6)
    assert np.allclose(picture.arrays["remains"], after[range(7), best], atol=1e-6)
    assert np.allclose(picture.arrays["moved"], (before * np.log(before / after)).sum(-1), atol=1e-6)
    assert picture.notes["without"]["prediction"][0][0][1] == pytest.approx(after[0].max(), abs=1e-6)
    assert picture.notes["loss"][0] != picture.notes["loss"][1]
    alone = picture.arrays["alone"]
    assert alone.shape == (len(listed), SIZES["heads"])
    for layer, head in np.ndindex(alone.shape):
        single = ablation(model, GAME, tokens, [[layer, head]])
        assert alone[layer, head] == pytest.approx(single.arrays["moved"].mean(), abs=1e-6)


def test_with_all_heads_on_nothing_moves() -> None:
    picture = ablation(small(TRANSFORMERS[0]), GAME, some_tokens())
    assert (picture.arrays["moved"] == 0).all()
    assert len(set(picture.notes["loss"])) == 1


def test_many_heads_of_large_models_are_not_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFFORDABLE", 0)
    assert "alone" not in ablation(small(TRANSFORMERS[0]), GAME, some_tokens()).arrays


@pytest.mark.parametrize("heads", [[[0, 9]], [[7, 0]], [[0]], [[-1, 0]]])
def test_a_head_that_is_not_there_is_refused_in_words(heads: list[list[int]]) -> None:
    with pytest.raises(NothingToSee, match="head"):
        ablation(small(TRANSFORMERS[0]), GAME, some_tokens(), heads)


def test_an_lstm_has_no_heads() -> None:
    with pytest.raises(NothingToSee, match="LSTM"):
        ablation(small(next(kind for kind in KINDS if kind["family"] == "lstm")), GAME, some_tokens())
    assert heads_of(small({**KINDS[0], "family": "lstm"})) == []
