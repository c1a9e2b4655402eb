"""The Build page to a learner who reads Chinese: its settings, its pictures, and every refusal."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from core.data.contract import TextError
from core.data.registry import DATA
from core.decoding.registry import Options
from core.fields import Setting, SpecError, settings_of
from core.hub import CheckpointError, _broken, _no_answer, _refused, from_folder
from core.runs.store import Store
from core.spec import OBJECTIVES, ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, from_json
from core.text import TOKENIZERS, check_text
from tests.ui.chinese import ENGLISH, NO_WORDS, english_left
from tests.ui.test_build import healthy, labelled, script
from ui import words
from ui.catalogue.entries import catalogue
from ui.charts.mask import mask_option, passes_option
from ui.charts.writing import writing_option
from ui.panels.controls import READABLE

OWNERS: list[Any] = [ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, Options, *DATA.values()]
SETTINGS = {f"{owner.__name__}.{one.name}": about for owner in OWNERS for one, about in settings_of(owner)}
PARTS = {"data", "model", "objective", "train", "tune"}
WRITTEN = {
    *PARTS,
    *DATA,
    "true",
    "false",
    "part",
    "run",
    "built",
    "hub",
    "organisation",
    "path",
    "txt",
    "pickle",
    "safetensors",
}
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
        part = draw(some.sampled_from(sorted(parts)))
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


EXPANDERS = ("open-sizes", "open-data", "open-objective", "open-training", "by-part", "text-falls-apart")
NAMES = ("transformers mask tanh Yang Dong Raffel et al", "pleasant unpleasant", "text label", "truly not")
OWN_PAIRS = "Good morning.;Buenos días."  # how lines of one's own look
TABLE = re.compile(r"^\|.*\|$", re.MULTILINE)  # of a learner's own words


@pytest.fixture
def in_chinese(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also outside of the page: AppTest asks the widgets for their words there."""
    monkeypatch.setattr(words, "language", lambda: "zh")


def visited(plain: dict[str, Any]) -> AppTest:
    """The Build page with an experiment of a link, everything opened but the code."""
    at = AppTest.from_function(script, default_timeout=60)
    encoded = base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")
    at.query_params["experiment"] = encoded
    for key in EXPANDERS:
        at.session_state[key] = True
    return healthy(at.run())


def english_on(at: AppTest) -> list[str]:
    """What is still English, but the examples of texts and tables, and terms in brackets after their translation."""
    left = [re.sub(r"（[a-zA-Z ]+）", "", TABLE.sub("", one)) for one in english_left(at, *NAMES)]
    return [one for one in left if OWN_PAIRS not in one and " → " not in one and english_in(one)]


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"data": {"task": "negate"}, "model": {"family": "lstm", "direction": "both", "join": "sum"}},
        {"data": {"task": "recall"}, "model": {"direction": "both", "join": "gated"}},
        {"data": {"task": "backwards"}, "model": {"direction": "both", "writing": "unmasked"}},
        {"data": {"task": "backwards"}, "model": {"cells": "lstm", "direction": "right-to-left"}},
        {"data": {"task": "text"}, "model": {"direction": "both"}},
        {"data": {"task": "text"}, "model": {"direction": "both"}, "objective": {"name": "permutation-lm"}},
        {"data": {"task": "text"}, "model": {"direction": "both"}, "objective": {"name": "prefix-lm"}},
        {
            "data": {"task": "text"},
            "model": {"family": "lstm", "direction": "both"},
            "objective": {"name": "next-word"},
        },
        {"data": {"task": "own-classes"}, "model": {"direction": "both"}},
        {"data": {"task": "own-tags"}},
        {"data": {"task": "transfer"}, "model": {"direction": "both"}},
        {"data": {"task": "own-pairs"}},
    ],
    ids=lambda plain: "-".join(str(value) for part in plain.values() for value in part.values()) or "empty",
)
def test_the_page_is_in_chinese(in_chinese: None, plain: dict[str, Any]) -> None:
    at = visited(plain)
    assert not [one.value for one in at.error]
    assert english_on(at) == []


@pytest.mark.parametrize("given_", [{"model": {"heads": 3}}, {"model": {"hedas": 4}}, {"data": {"task": "bridge"}}])
def test_a_link_that_cant_work_says_so_in_chinese(in_chinese: None, given_: dict[str, Any]) -> None:
    at = visited(given_)
    (error,) = at.error
    assert error.value.startswith("这个链接里的实验无法运行。")
    assert english_in(error.value.replace("model.heads = 2", "")) == []


def test_choices_that_conflict_are_explained_in_chinese(in_chinese: None) -> None:
    at = visited({"model": {"heads": 8, "width": 64}})
    labelled(at, "number_input", "宽度").set_value(60)
    healthy(at.run())
    (error,) = at.error
    assert error.value == "**头数：8** 在这里行不通。各个注意力头平分宽度，而 60 无法平分。"
    assert "把头数设为“6”" in [one.label for one in at.button]
    assert english_on(at) == []


def test_another_language_keeps_every_choice(store: Store) -> None:
    """Its words are others, its values are not."""
    at = visited({"data": {"task": "negate"}, "model": {"family": "lstm", "direction": "both", "join": "product"}})
    before = at.session_state["draft"]
    at.query_params["lang"] = "zh"
    healthy(at.run())
    assert at.title[0].value == "搭建"
    assert at.session_state["draft"] == before


def strings(value: Any) -> Iterator[str]:
    """Every text in a chart's options."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in ("text", "name", "label", "data", "series", "title", "xAxis", "yAxis", "visualMap", "pieces"):
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@pytest.mark.parametrize(
    "option",
    [
        lambda: mask_option(np.tri(2, dtype=bool), ["A", "B"], "left-to-right", window=3),
        lambda: mask_option(np.ones((2, 2), bool), ["A", "B"], "both"),
        lambda: passes_option(["A", "B"], "both", "gated", 2),
        lambda: passes_option(["A", "B"], "right-to-left"),
        lambda: writing_option(np.tri(2, dtype=bool), ["A", "B"], ["C", "D"], "from both ends"),
    ],
)
def test_its_pictures_are_in_chinese(in_chinese: None, option: Callable[[], dict[str, Any]]) -> None:
    said = list(strings(option()))
    assert any("一" <= sign <= "龥" for one in said for sign in one)
    assert [one for one in said if english_in(one)] == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"ab", b"abcdefghijklmnopqrst", b"\0\1\2", "文".encode("utf-16"), b"caf\xe9 " * 90, b"a " * 3_000_000],
    ids=["empty", "tiny", "short", "binary", "utf-16", "latin-1", "large"],
)
def test_a_text_that_cant_be_used_says_why_in_chinese(raw: bytes) -> None:
    with pytest.raises(TextError) as raised:
        check_text(raw, 32)
    assert english_in(catalogue("zh").said(str(raised.value))) == []


@pytest.mark.parametrize("kind", [*TOKENIZERS])
def test_a_tokenizer_is_described_in_chinese(kind: str) -> None:
    assert english_in(catalogue("zh").said(TOKENIZERS[kind])) == []


def checkpoint(folder: Path, config: Any, **files: bytes) -> Path:
    folder.joinpath("config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    for name, content in files.items():
        folder.joinpath(name.replace("__", ".")).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("config", "files"),
    [
        ("{", {}),
        ([1], {}),
        ({}, {}),
        ({"model_type": "llama"}, {}),
        ({"model_type": "bert"}, {}),
        ({"model_type": "bert"}, {"pytorch_model__bin": b"x"}),
        ({"model_type": "bert"}, {"model__safetensors__index__json": b"{}"}),
        ({"model_type": "bert"}, {"model__safetensors": b"x"}),
        ({"model_type": "bert"}, {"model__safetensors": (2).to_bytes(8, "little") + b"{}"}),
        ({"model_type": "bert"}, {"model__safetensors": (2).to_bytes(8, "little") + b"[]"}),
    ],
)
def test_a_checkpoint_that_cant_be_read_says_why_in_chinese(tmp_path: Path, config: Any, files: Any) -> None:
    with pytest.raises(CheckpointError) as raised:
        from_folder(checkpoint(tmp_path, config, **files))
    said = catalogue("zh").said(str(raised.value))
    files_named = re.compile(r"[\w.]+\.(json|safetensors|bin)|model_type|bert[\w, ]*|“[^”]*”")
    assert english_in(re.sub(r"（[^）]*）", "", files_named.sub("", said))) == [], said
    assert re.search("[一-龥]{6}", said)


@pytest.mark.parametrize("status", [401, 403, 404, 418, 503])
@pytest.mark.parametrize("file", ["", "config.json"])
def test_what_the_hub_refuses_is_told_in_chinese(status: int, file: str) -> None:
    for problem in (_refused("some/name", file, status, None), _no_answer("some/name"), _broken("some/name", file)):
        said = catalogue("zh").said(str(problem))
        assert english_in(re.sub(r"config\.json|HF_\w+|safetensors", "", said)) == [], said
