"""The Build page to a learner who reads Chinese: its settings, its pictures, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from core.data.registry import DATA
from core.decoding.registry import Options
from core.fields import Setting, settings_of
from core.spec import ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec
from tests.ui.chinese import ENGLISH
from ui.catalogue.entries import catalogue
from ui.panels.controls import READABLE

OWNERS: list[Any] = [ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, Options, *DATA.values()]
SETTINGS = {f"{owner.__name__}.{one.name}": about for owner in OWNERS for one, about in settings_of(owner)}
SAID_ELSEWHERE = ("TuneSpec.strategy",)  # by its title


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in SAID_ELSEWHERE])
def test_every_unit_and_choice_of_a_setting_has_words(name: str) -> None:
    about: Setting = SETTINGS[name]
    words = [READABLE.get(choice, str(choice)) for choice in about.choices]
    for said in [about.unit, *words]:
        if ENGLISH.search(said):
            assert catalogue("zh").said(said) != said
