"""Build and the machine's devices: those that are here are offered, one that isn't is explained before any launch."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.machine import keep_machine
from core.runs.store import Store
from core.spec import Experiment
from tests.ui.test_build import draft, healthy, labelled, opened, page, press, problems
from ui import links

CUDA = links.encode(Experiment().with_({"train.device": "cuda"}))


def captions(at: AppTest) -> str:
    return "\n".join(one.value for one in at.caption)


@pytest.mark.parametrize(
    ("devices", "offered", "taken"),
    [
        ([], ["auto", "CPU", "GPU (CUDA)", "GPU (Apple)"], None),
        (["cpu"], ["auto", "CPU"], "CPU"),
        (["cuda", "cpu"], ["auto", "CPU", "GPU (CUDA)"], "GPU (CUDA)"),
    ],
)
def test_only_devices_that_are_here_are_offered(
    store: Store, devices: list[str], offered: list[str], taken: str | None
) -> None:
    if devices:
        keep_machine(store.home, devices, [])
    at = opened(page(), "open-training")
    assert list(labelled(at, "button_group", "Device").options) == offered
    assert (f"this machine's {taken}." in captions(at)) == (taken is not None)


def test_a_link_to_a_device_that_is_not_here_is_explained_and_repaired(store: Store) -> None:
    keep_machine(store.home, ["cpu"], [])
    at = opened(page(experiment=CUDA), "open-training")
    assert "no such device" in problems(at)
    assert labelled(at, "button", "Train it").disabled
    assert "GPU (CUDA)" in labelled(at, "button_group", "Device").options  # what was chosen stays in sight
    press(at, "Set device to auto")
    assert not at.error
    assert draft(at).train.device == "auto"
    assert labelled(at, "button_group", "Device").options == ["auto", "CPU"]


def test_another_device_can_be_chosen_instead(store: Store) -> None:
    keep_machine(store.home, ["cpu"], [])
    at = opened(page(experiment=CUDA), "open-training")
    labelled(at, "button_group", "Device").set_value("cpu")
    healthy(at.run())
    assert not at.error
    assert draft(at).train.device == "cpu"
    healthy(at.run())
    assert draft(at).train.device == "cpu"


@pytest.mark.parametrize("body", ["[[{}, 1, 2.0]]", "{", '{"devices": 1}'])
def test_a_damaged_file_does_not_break_the_page(store: Store, body: str) -> None:
    (store.home / "machine.json").write_text(body)
    assert len(labelled(opened(page(), "open-training"), "button_group", "Device").options) == 4
