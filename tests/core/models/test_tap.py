import pytest
import torch

from core.models.direction import visible
from core.models.tap import tapped
from core.spec import ModelSpec
from tests.core.models.zoo import ZOO, B, T, grown, sentence


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
def test_looking_inside_changes_nothing_and_keeps_everything(one: ModelSpec) -> None:
    model, tokens = grown(one).float(), sentence()
    plain = model(tokens)
    with tapped(model) as seen:
        looked = model(tokens)
    torch.testing.assert_close(looked.states, plain.states, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(looked.logits, plain.logits, atol=1e-5, rtol=1e-5)
    width, wide = one.sizes.width, 2 if one.family == "lstm" and one.two_way and not one.late else 1
    assert seen["embedding"].shape == (B, T, width)
    assert torch.equal(seen["joined"], looked.states)
    for stack in ("forward", "backward") if one.late else ("stack",):
        for layer in range(one.sizes.layers):
            assert seen[f"{stack}.{layer}.state"].shape == (B, T, width * wide)
            if one.family == "lstm":
                assert seen[f"{stack}.{layer}.gates"].shape == (B, T, 4 * width * wide)


@pytest.mark.parametrize("one", [one for one in ZOO.values() if one.family == "transformer"], ids=str)
def test_attention_is_a_distribution_over_the_visible_words(one: ModelSpec) -> None:
    model = grown(one)
    with tapped(model) as seen:
        model(sentence())
    directions = {"stack": one.direction, "forward": "left-to-right", "backward": "right-to-left"}
    weights = {name: value for name, value in seen.items() if name.endswith("attention")}
    assert len(weights) == one.sizes.layers * (2 if one.late else 1)
    for name, value in weights.items():
        assert value.shape == (B, one.sizes.heads, T, T)
        torch.testing.assert_close(value.sum(-1), torch.ones_like(value.sum(-1)))
        hidden = ~torch.from_numpy(visible(directions[name.split(".")[0]], T, one.window))
        assert (value[..., hidden] == 0).all()
        assert (value[..., ~hidden] > 0).all()


def test_a_tap_lives_only_inside_its_block() -> None:
    model = grown(ZOO["transformer both"])
    seen = {}

    def stumble() -> None:
        with tapped(model) as inside:
            model(sentence())
            seen.update(inside)
            inside["no such thing"]

    with pytest.raises(KeyError):
        stumble()
    assert not model.tap.alive
    assert seen
    with tapped(model) as fresh:
        assert not fresh
    model(sentence())
    assert not fresh


def test_a_tap_inside_a_tap_gives_way_and_comes_back() -> None:
    model = grown(ZOO["lstm both"])
    with tapped(model) as outer:
        with tapped(model) as inner:
            model(sentence())
        assert inner
        assert not outer
        model(sentence())
    assert outer.keys() == inner.keys()
