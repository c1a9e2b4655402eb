"""The Build page to a learner who reads Chinese: its settings, its pictures, and every refusal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.data.registry import DATA
from core.decoding.registry import Options
from core.fields import Setting, SpecError, settings_of
from core.spec import OBJECTIVES, ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, from_json
from tests.ui.chinese import ENGLISH, NO_WORDS
from ui.catalogue.entries import catalogue
from ui.panels.controls import READABLE

OWNERS: list[Any] = [ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, Options, *DATA.values()]
SETTINGS = {f"{owner.__name__}.{one.name}": about for owner in OWNERS for one, about in settings_of(owner)}
PARTS = {"data", "model", "objective", "train", "tune"}
WRITTEN = {*PARTS, *DATA, "true", "false", "part", "run", "built", "hub", "organisation", "path", "epsilon"}
WRITTEN |= {one.name for owner in OWNERS for one, _ in settings_of(owner)}
WRITTEN |= {word for name in OBJECTIVES for word in name.split("-")}
SAID_ELSEWHERE = ("TuneSpec.strategy",)  # by its title


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in SAID_ELSEWHERE])
def test_every_unit_and_choice_of_a_setting_has_words(name: str) -> None:
    about: Setting = SETTINGS[name]
    words = [READABLE.get(choice, str(choice)) for choice in about.choices]
    for said in [about.unit, *words]:
        if ENGLISH.search(said):
            assert catalogue("zh").said(said) != said


def english_in(words: str) -> list[str]:
    """What is still English, but values as they are written in a file, the settings' names, and what a program said."""
    bare = re.sub(r'"[^"]*"|\b[a-z_0-9]+\.[a-z_0-9]+|（[^（）]*column \d+[^（）]*）', " ", NO_WORDS.sub(" ", words))
    return [one for one in ENGLISH.findall(bare) if not set(one.replace(",", "").split()) <= WRITTEN]


def values_of(about: Setting) -> some.SearchStrategy[Any]:
    """Values that a link can bring: offered ones, numbers in and out of range, and wrong types."""
    numbers = [limit + step for limit in (about.low, about.high) if limit is not None for step in (-1, 0, 0.5, 1)]
    wrong = [None, True, "x", 1.5, float("inf"), 3, 64]
    return some.sampled_from([*about.choices, *about.choices, *numbers, *wrong])


@some.composite
def plain_experiments(draw: some.DrawFn) -> dict[str, Any]:
    """An experiment as a link may name it, with up to four settings changed."""
    task = draw(some.sampled_from(sorted(DATA)))
    parts = {"data": DATA[task], "model": ModelSpec, "objective": ObjectiveSpec, "train": TrainSpec, "tune": TuneSpec}
    plain: dict[str, Any] = {"data": {"task": task}}
    for _ in range(draw(some.integers(1, 4))):
        part = draw(some.sampled_from(sorted(parts.keys() - {"data"})))
        names = {one.name: about for one, about in settings_of(parts[part])}
        name = draw(some.sampled_from(sorted(names) or ["nothing"]))
        plain.setdefault(part, {})[name] = draw(values_of(names[name])) if name in names else 1
    return plain


def refusal(plain: Any) -> SpecError | None:
    try:
        from_json(plain)
    except SpecError as problem:
        return problem
    return None


@settings(max_examples=600, deadline=None)
@given(plain_experiments())
def test_every_refusal_is_told_in_chinese(plain: dict[str, Any]) -> None:
    problem = refusal(plain)
    assert problem is None or english_in(catalogue("zh").said(problem.reason)) == [], problem.reason


REFUSED: list[Any] = [
    "not JSON",
    [1],
    {"version": 7},
    {"part": {}},
    {"model": 3},
    {"model": {"direktion": "both"}},
    {"model": {"nothing at all": 1}},
    {"data": {"task": "no such game"}},
    {"data": {"task": "text"}, "objective": {"name": "answer"}},
    {"data": {"task": "sense"}, "objective": {"name": "next-word"}},
    {"data": {"task": "text"}, "objective": {"name": "translate"}},
    {"data": {"task": "text"}, "objective": {"name": "masked-word"}},
    {"data": {"task": "text"}, "model": {"direction": "right-to-left"}, "objective": {"name": "masked-word"}},
    {"data": {"task": "text"}, "model": {"family": "lstm", "direction": "both"}, "objective": {"name": "prefix-lm"}},
    {"data": {"task": "text"}, "model": {"family": "encoder-decoder"}},
    {"data": {"task": "backwards"}, "model": {"family": "lstm"}},
    {"data": {"task": "sense"}, "model": {"tied_words": True}},
    {"data": {"task": "sense"}, "model": {"checkpoint": "organisation/model"}},
    {"data": {"task": "text"}, "model": {"checkpoint": "/etc/passwd"}},
    {"data": {"task": "text", "length": 64}, "model": {"checkpoint": "organisation/model", "places": 32}},
    {"model": {"heads": 3}},
    {"model": {"key_heads": 3}},
    {"model": {"positions": "rotary", "width": 20, "heads": 4}},
    {"model": {"tied": True}},
    {"model": {"family": "lstm", "direction": "both", "layers": 1}},
    {"model": {"cells": "lstm", "family": "encoder-decoder", "direction": "both", "writing": "mask-predict"}},
    {"model": {"family": "encoder-decoder", "crossing": "two-way", "reads": "left-to-right"}},
    {"objective": {"hidden": 0.9, "swapped": 0.3}},
    {"train": {"steps": -1}},
    {"train": {"steps": 1.5}},
    {"train": {"learning_rate": float("nan")}},
    {"train": {"recompute": 3}},
    {"train": {"seed": True}},
    {"model": {"join": "glue"}},
    {"data": {"task": "text"}, "tune": {"strategy": "full"}},
    {"data": {"task": "transfer"}, "tune": {"strategy": "top", "layers": 9}},
    {"data": {"task": "transfer"}, "tune": {"strategy": "lora"}, "model": {"family": "lstm"}},
    {"tune": {"strategy": "full", "start": "nowhere"}},
]


@pytest.mark.parametrize("given_", REFUSED, ids=str)
def test_known_refusals_are_told_in_chinese(given_: Any) -> None:
    problem = refusal(given_)
    assert problem is not None
    assert english_in(catalogue("zh").said(problem.reason)) == [], problem.reason
