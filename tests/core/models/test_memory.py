"""Reading on from memory gives the numbers of reading everything again."""

from __future__ import annotations

import pytest
import torch

from core.models.memory import Memory
from core.spec import ModelSpec
from tests.core.models.zoo import ZOO, B, T, grown, sentence

ONWARD = {name: one for name, one in ZOO.items() if one.direction == "left-to-right"}


@pytest.mark.parametrize("one", ONWARD.values(), ids=ONWARD)
@pytest.mark.parametrize("first", [1, 3])
@torch.no_grad()
def test_memory_changes_no_number(one: ModelSpec, first: int) -> None:
    model, tokens, memory = grown(one), sentence(), Memory()
    whole = model(tokens).logits  # (B, T, K)
    found = [model.read_on(tokens[:, :first], memory)]
    found += [model.read_on(tokens[:, t : t + 1], memory) for t in range(first, T)]
    assert memory.length == T
    assert found[0].shape == (B, whole.shape[-1])
    torch.testing.assert_close(torch.stack(found, dim=1), whole[:, first - 1 :])


def test_keys_and_values_of_shared_heads_are_kept_once() -> None:
    model, memory = grown(ZOO["1"]), Memory()
    model.read_on(sentence(), memory)
    assert {key.shape[1] for key, _ in memory.kept.values()} == {model.spec.key_heads} == {1}


@pytest.mark.parametrize("direction", ["right-to-left", "both"])
def test_only_left_to_right_can_keep_what_it_has_read(direction: str) -> None:
    with pytest.raises(ValueError, match="left-to-right"):
        grown(ModelSpec(width=8, heads=2, layers=1, direction=direction)).read_on(sentence(), Memory())
