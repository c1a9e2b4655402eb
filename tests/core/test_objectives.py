import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.data.contract import IGNORE, Batch
from core.models.build import build
from core.objectives import answer, ask, evaluate
from core.spec import Experiment, ModelSpec
from tests.core.models.zoo import CLASSES, WORDS, spec

CPU = torch.device("cpu")


def batch(rows: int = 6, length: int = 5, share: float = 0.5) -> Batch:
    rng = np.random.default_rng(1)
    labels = np.where(rng.random((rows, length)) < share, rng.integers(0, CLASSES, (rows, length)), IGNORE)
    return Batch(rng.integers(0, WORDS, (rows, length)), labels)


@pytest.mark.parametrize("share", [0.5, 1.1])
@pytest.mark.parametrize("one", [spec(), spec(family="lstm", direction="both"), spec(read_out="mlp")], ids=str)
def test_loss_and_accuracy_count_scored_positions_only(one: ModelSpec, share: float) -> None:
    model, given = build(Experiment(model=one), WORDS, CLASSES), batch(share=share)
    loss, right = answer(model, ask(given, CPU))
    logits, labels = (
        model(torch.from_numpy(given.tokens)).logits.flatten(0, 1),
        torch.from_numpy(given.labels).flatten(),
    )
    expected = F.cross_entropy(logits, labels, ignore_index=IGNORE)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert int(right) == int((logits.argmax(-1) == labels).sum())
    measured = evaluate(model, given, CPU)
    scored = int((labels != IGNORE).sum())
    assert measured == {
        "loss": pytest.approx(expected.item(), rel=1e-5),
        "accuracy": pytest.approx(int(right) / scored),
        "n": scored,
    }


def test_evaluation_in_parts_measures_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = build(Experiment(model=spec(dropout=0.5)), WORDS, CLASSES), batch(rows=20)
    whole = evaluate(model, given, CPU)
    monkeypatch.setattr("core.objectives.CHUNK", 15)  # three rows at a time
    parts = evaluate(model, given, CPU)
    assert parts["n"] == whole["n"]
    assert parts["accuracy"] == whole["accuracy"]
    assert parts["loss"] == pytest.approx(whole["loss"], rel=1e-6)


def test_evaluation_switches_dropout_off_and_back_on() -> None:
    model = build(Experiment(model=spec(dropout=0.5)), WORDS, CLASSES).train()
    assert evaluate(model, batch(), CPU) == evaluate(model, batch(), CPU)
    assert model.training


@pytest.mark.parametrize("one", [spec(), spec(direction="both"), spec(read_out="mlp"), spec(family="lstm")], ids=str)
def test_the_loss_and_its_gradient_survive_autocast(one: ModelSpec) -> None:
    """What a GPU does, tried on the CPU: torch's own mixed precision around the same code."""

    def learned(rounds: bool) -> tuple[float, torch.Tensor]:
        model = build(Experiment(model=one), WORDS, CLASSES)
        with torch.autocast("cpu", torch.bfloat16, enabled=rounds):
            loss, _ = answer(model, ask(batch(), CPU))
        loss.backward()
        return loss.item(), torch.cat([parameter.grad.flatten() for parameter in model.parameters()])

    (plain, expected), (rounded, found) = learned(False), learned(True)
    assert rounded == pytest.approx(plain, rel=0.02)
    assert (found - expected).norm() < 0.05 * expected.norm()
