"""AdamW on one buffer against torch.optim.AdamW, and the schedule."""

import copy

import pytest
import torch
from torch import nn

from core.models.build import build
from core.models.kernels import HALF, Linear
from core.optimiser import AdamW, learning_rate
from core.spec import Experiment, TrainSpec
from tests.core.models.zoo import CLASSES, WORDS, ZOO, sentence


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1]),
        ("linear", [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0]),
        ("cosine", [0.25, 0.5, 0.75, 1, 1, 0.853553, 0.5, 0.146447, 0]),
    ],
)
def test_the_rate_rises_then_falls_to_nothing(schedule: str, expected: list[float]) -> None:
    train = TrainSpec(learning_rate=0.1, warm_up=4, steps=8, schedule=schedule)
    assert [learning_rate(train, step) for step in range(9)] == pytest.approx([0.1 * x for x in expected], abs=1e-7)


def test_without_warm_up_the_first_step_has_the_full_rate() -> None:
    assert learning_rate(TrainSpec(learning_rate=0.1, warm_up=0, steps=8), 0) == 0.1


@pytest.mark.parametrize("clip", [0.0, 0.05, 100.0])
@pytest.mark.parametrize(("decay", "l1", "l2"), [(0.0, 0.0, 0.0), (0.3, 0.0, 0.0), (0.0, 0.1, 0.2)])
@pytest.mark.parametrize("beta2", [0.999, 0.9])
def test_the_steps_are_those_of_torch_optim(clip: float, decay: float, l1: float, l2: float, beta2: float) -> None:
    ours = build(Experiment(model=ZOO["transformer both"]), WORDS, CLASSES).double()
    theirs = copy.deepcopy(ours)
    flat = AdamW(ours, TrainSpec(clip=clip, weight_decay=decay, l1=l1, l2=l2, beta2=beta2))
    matrices = [p for p in theirs.parameters() if p.dim() > 1]
    vectors = [p for p in theirs.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    oracle = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, beta2))
    for rate in (1e-3, 3e-3, 2e-3):
        ours(sentence()).logits.square().mean().backward()
        loss = theirs(sentence()).logits.square().mean()
        for p in matrices:
            loss = loss + l1 * p.abs().sum() + l2 * p.square().sum() / 2
        loss.backward()
        norm = nn.utils.clip_grad_norm_(theirs.parameters(), clip or float("inf"))
        for group in oracle.param_groups:
            group["lr"] = rate
        oracle.step()
        oracle.zero_grad()
        torch.testing.assert_close(flat.step(rate), norm)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


def test_rounded_copies_follow_the_weights() -> None:
    model = build(Experiment(model=ZOO["transformer both"]), WORDS, CLASSES)
    flat = AdamW(model, TrainSpec(), half=True)
    layers = [part for part in model.modules() if isinstance(part, Linear)]
    before = [one.rounded.clone() for one in layers]
    model(sentence()).logits.float().square().mean().backward()
    flat.step(0.1)
    for one, old in zip(layers, before, strict=True):
        assert torch.equal(one.rounded, one.weight.detach().to(HALF))
        assert not torch.equal(one.rounded, old)


@pytest.mark.parametrize("name", ["transformer both", "lstm both", "lstm both sum True"])
def test_one_buffer_holds_every_weight_once(name: str) -> None:
    model = build(Experiment(model=ZOO[name]), WORDS, CLASSES)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    flat = AdamW(model, TrainSpec())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    with torch.no_grad():
        flat.weights.fill_(7.0)
        flat.gradient.fill_(3.0)
    for parameter in model.parameters():
        assert (parameter == 7).all()
        assert (parameter.grad == 3).all()


def test_training_needs_none_of_the_slow_imports() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from core.training import train; from core.spec import Experiment, TrainSpec\n"
        "e = Experiment(train=TrainSpec(steps=2, held_out=8)); list(train(e, e.data.settings))\n"
        "sys.exit(str([x for x in ('torch._dynamo', 'sympy', 'transformers', 'pandas') if x in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
