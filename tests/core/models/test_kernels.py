"""The fast arithmetic against PyTorch's plain one."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from core.models import kernels
from core.models.attention import added_mask, attend
from core.models.kernels import HALF, Linear, linear_cross_entropy


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def layer(inner: int, outer: int, half: bool) -> Linear:
    made = Linear(inner, outer)
    made.weight.data, made.bias.data = draw(outer, inner, seed=1) / inner**0.5, draw(outer, seed=2)
    made.rounded = made.weight.detach().to(HALF) if half else None
    return made


def difference(a: Tensor, b: Tensor) -> float:
    """Relative to the size of b."""
    return float((a.detach().float() - b.detach()).norm() / b.detach().norm())


@pytest.mark.parametrize("half", [False, True])
def test_a_linear_layer_and_its_three_gradients(half: bool) -> None:
    ours, x, along = layer(24, 40, half), draw(3, 7, 24), draw(3, 7, 40, seed=3)
    given = x.clone().requires_grad_()
    y = ours(given)
    y.backward(along.to(y.dtype))
    plain = layer(24, 40, False)
    expected_input = x.clone().requires_grad_()
    expected = F.linear(expected_input, plain.weight, plain.bias)
    expected.backward(along)
    pairs = [
        (y, expected),
        (given.grad, expected_input.grad),
        (ours.weight.grad, plain.weight.grad),
        (ours.bias.grad, plain.bias.grad),
    ]
    for found, wanted in pairs:
        assert found is not None
        assert wanted is not None
        assert difference(found, wanted) < (0.01 if half else 1e-6)
    assert y.dtype == (HALF if half else torch.float32)
    assert given.grad.dtype == ours.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_rounded_attention_and_its_gradient(direction: str) -> None:
    B, T, H, d = 2, 9, 3, 8
    x, along = draw(B, T, 3 * H * d), draw(B, T, H * d, seed=3)
    half, full = x.to(HALF).requires_grad_(), x.clone().requires_grad_()
    found = kernels.attention(half, H, added_mask(direction, T))
    found.backward(along.to(HALF))
    query, key, value = full.view(B, T, 3, H, d).permute(2, 0, 3, 1, 4)
    expected = attend(query, key, value, direction)[0].transpose(1, 2).reshape(B, T, H * d)
    expected.backward(along)
    assert difference(found, expected) < 0.01
    assert difference(half.grad, full.grad) < 0.02


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("chunk", [2**21, 64 * 13])  # in one piece; 64 rows at a time
def test_the_fused_loss_is_cross_entropy(
    smoothing: float, half: bool, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "CHUNK", chunk)
    x, targets = draw(150, 24), torch.randint(0, 13, (150,), generator=torch.Generator().manual_seed(4))
    ours, plain = layer(24, 13, half), layer(24, 13, False)
    given, expected_input = x.clone().requires_grad_(), x.clone().requires_grad_()
    loss, right = linear_cross_entropy(given, ours, targets, smoothing)
    (3 * loss).backward()
    logits = plain(expected_input)
    expected = F.cross_entropy(logits, targets, label_smoothing=smoothing)
    (3 * expected).backward()
    close = 0.01 if half else 1e-5
    assert loss.item() == pytest.approx(expected.item(), rel=close)
    assert abs(int(right) - int((logits.argmax(-1) == targets).sum())) <= (2 if half else 0)  # rounding may tip a tie
    for found, wanted in (
        (given.grad, expected_input.grad),
        (ours.weight.grad, plain.weight.grad),
        (ours.bias.grad, plain.bias.grad),
    ):
        assert difference(found, wanted) < close
    with torch.no_grad():
        again, right_again = linear_cross_entropy(x, ours, targets, smoothing)
    assert again.item() == loss.item()
    assert abs(int(right_again) - int(right)) <= (2 if half else 0)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("frozen", ["x", "weight", "bias", "weight bias", "x weight"])
def test_what_is_frozen_gets_no_gradient_and_changes_no_other(half: bool, frozen: str) -> None:
    targets, found = torch.tensor([0, 3, 12]), []
    for skip in ("", frozen):
        ours, x = layer(24, 13, half), draw(3, 24).requires_grad_("x" not in skip.split())
        ours.weight.requires_grad_("weight" not in skip)
        ours.bias.requires_grad_("bias" not in skip)
        (ours(x).float().sum() + linear_cross_entropy(x, ours, targets)[0]).backward()
        found.append({"x": x.grad, "weight": ours.weight.grad, "bias": ours.bias.grad})
    for name, gradient in found[1].items():
        assert gradient is None if name in frozen.split() else torch.equal(gradient, found[0][name])


def test_a_frozen_layer_keeps_no_input_and_takes_two_products() -> None:
    kept: list[Tensor] = []
    ours, x = layer(24, 40, True), draw(64, 24).requires_grad_()
    ours.weight.requires_grad_(False)
    ours.bias.requires_grad_(False)
    with torch.autograd.graph.saved_tensors_hooks(lambda one: kept.append(one) or one, lambda one: one):
        y = ours(x)
    assert [one.shape for one in kept] == [ours.weight.shape]
    with FlopCounterMode(display=False) as counter:
        y.float().sum().backward()
    assert counter.get_total_flops() == 2 * 64 * 24 * 40  # the gradient of x alone


def test_the_loss_of_a_confident_wrong_answer_is_finite_and_exact() -> None:
    ours = layer(1, 2, False)
    with torch.no_grad():
        ours.weight.copy_(torch.tensor([[300.0], [-300.0]]))
        ours.bias.zero_()
    loss, right = linear_cross_entropy(torch.ones(1, 1), ours, torch.tensor([1]))
    assert loss.item() == 600.0
    assert int(right) == 0
