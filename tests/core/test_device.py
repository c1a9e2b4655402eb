import pytest
import torch

from core import device
from core.device import DeviceError, choose_device, choose_precision
from core.spec import ModelSpec, TrainSpec

CPU = torch.device("cpu")


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize(
    ("model", "tokens", "pays"),
    [
        (ModelSpec(size="medium"), 2048, True),
        (ModelSpec(size="small"), 768, False),  # a game's step: too small to gain
        (ModelSpec(size="small"), 16_384, True),
        (ModelSpec(size="large", family="lstm"), 2048, False),
    ],
)
def test_rounding_is_chosen_where_the_machine_can_and_the_model_gains(
    model: ModelSpec, tokens: int, pays: bool, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "native_bfloat16", lambda: native)
    assert choose_precision(TrainSpec(), model, tokens, CPU) == ("bfloat16" if pays and native else "float32")


@pytest.mark.parametrize("asked", ["float32", "bfloat16"])
def test_a_format_asked_for_is_taken(asked: str) -> None:
    for model in (ModelSpec(size="tiny"), ModelSpec(size="large"), ModelSpec(family="lstm")):
        assert choose_precision(TrainSpec(precision=asked), model, 2048, CPU) == asked


def test_the_device_is_the_best_there_is_or_the_one_asked_for() -> None:
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device("auto").type == best
    assert choose_device("cpu").type == "cpu"
    for name, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())):
        if not there:
            with pytest.raises(DeviceError, match=name.upper()):
                choose_device(name)
