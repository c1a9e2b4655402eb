from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from core.checkpoints import TrainingState, copy_weights, load_model
from core.models.build import build
from core.spec import Experiment, ModelSpec, TrainSpec
from tests.core.models.zoo import CLASSES, WORDS, ZOO, sentence


def state(one: ModelSpec, **more: object) -> TrainingState:
    experiment = Experiment(model=one, train=TrainSpec(seed=3))
    return TrainingState(experiment, WORDS, CLASSES, 5, copy_weights(build(experiment, WORDS, CLASSES)), **more)


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
def test_a_saved_model_answers_as_before(one: ModelSpec, tmp_path: Path) -> None:
    kept = state(one)
    model = build(kept.experiment, WORDS, CLASSES).eval()
    kept.save(tmp_path / "5.safetensors")
    loaded = load_model(tmp_path / "5.safetensors")
    assert torch.equal(loaded(sentence()).logits, model(sentence()).logits)
    assert not loaded.training


def test_everything_else_comes_back_as_well(tmp_path: Path) -> None:
    kept = state(
        ZOO["dropout"] if "dropout" in ZOO else ZOO["0.3"],
        optimiser={"mean": torch.arange(3.0), "count": torch.tensor(5.0)},
        best={"read_out.scores.bias": torch.ones(2)},
        best_step=4,
        best_loss=0.25,
        waited=2,
        learning_rate_factor=0.5,
        seconds=1.5,
        ended=True,
    )
    kept.save(tmp_path / "a")
    loaded = TrainingState.load(tmp_path / "a")
    assert loaded.experiment == kept.experiment
    for name in (
        "words",
        "classes",
        "step",
        "best_step",
        "best_loss",
        "waited",
        "learning_rate_factor",
        "seconds",
        "ended",
    ):
        assert getattr(loaded, name) == getattr(kept, name)
    for group in ("weights", "optimiser", "best"):
        before, after = getattr(kept, group), getattr(loaded, group)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_state_is_a_copy_that_training_does_not_touch() -> None:
    model = build(Experiment(), WORDS, CLASSES)
    kept = copy_weights(model)
    with torch.no_grad():
        model.words.weight += 1
    assert torch.equal(kept["words.weight"] + 1, model.words.weight)


def test_nothing_half_written_is_left_and_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"something old")
    state(ZOO["lstm both"]).save(path)
    assert TrainingState.load(path).step == 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_or_missing_file_is_an_error(tmp_path: Path) -> None:
    state(ZOO["lstm both"]).save(tmp_path / "state")
    (tmp_path / "cut").write_bytes((tmp_path / "state").read_bytes()[:100])
    with pytest.raises(SafetensorError):
        TrainingState.load(tmp_path / "cut")
    with pytest.raises(OSError, match="no-such"):
        TrainingState.load(tmp_path / "no-such")
