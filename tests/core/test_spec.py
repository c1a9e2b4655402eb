"""Experiments: round trips, keys, and errors that a learner can act on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import MISSING
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.registry import DATA, GAMES
from core.fields import accept, settings_of, shown
from core.spec import (
    DIRECTIONS,
    DataSpec,
    Experiment,
    ModelSpec,
    ObjectiveSpec,
    SpecError,
    TrainSpec,
    TuneSpec,
    differences,
    from_json,
)

PARTS = {"model": ModelSpec, "objective": ObjectiveSpec, "train": TrainSpec, "tune": TuneSpec}
SETTINGS = [
    (task, part, one, about)
    for task in DATA
    for part, cls in ({"data": DATA[task]} | (PARTS if task in ("sense", "text") else {})).items()
    for one, about in settings_of(cls)
]


def values_of(cls: type, name: str) -> st.SearchStrategy[Any]:
    """Values within one setting's own range."""
    ((one, about),) = [(one, about) for one, about in settings_of(cls) if one.name == name]
    if about.choices:
        values: st.SearchStrategy[Any] = st.sampled_from(about.choices)
    elif isinstance(one.default, bool):
        values = st.booleans()
    elif isinstance(one.default, str):
        values = st.text(max_size=8)
    elif isinstance(one.default, float) or isinstance(about.low, float):
        values = st.floats(about.low, about.high)
    else:
        values = st.integers(about.low, about.high)
    return values | st.none() if one.default is None else values


@st.composite
def plain_experiments(draw: st.DrawFn) -> dict[str, Any]:
    """Settings in range, part by part; not every combination can work."""
    task = draw(st.sampled_from(list(DATA)))
    plain: dict[str, Any] = {"data": {"task": task}}
    for part, cls in ({"data": DATA[task]} | PARTS).items():
        there = [one.name for one, _ in settings_of(cls)]  # some games have nothing to set
        names = draw(st.lists(st.sampled_from(there), max_size=4, unique=True)) if there else []
        plain.setdefault(part, {}).update({name: draw(values_of(cls, name)) for name in names})
    return plain


def repaired(plain: dict[str, Any], works: dict[str, Any]) -> dict[str, Any]:
    changed = {part: dict(settings) for part, settings in plain.items()}
    for name, value in works.items():
        part, _, setting = name.partition(".")
        changed.setdefault(part, {})[setting] = value
    return changed


@settings(max_examples=60)
@given(plain_experiments())
def test_json_brings_back_the_same_experiment(plain: dict[str, Any]) -> None:
    refused = refusal(plain)
    if refused:
        plain = repaired(plain, refused.works)
    experiment = from_json(plain)
    text = json.dumps(experiment.to_json())
    assert from_json(text) == experiment
    assert from_json(text).key() == experiment.key()
    assert experiment.resolved().resolved() == experiment.resolved()
    assert experiment.resolved().key() == experiment.key()
    for part, given_settings in plain.items():
        for name, value in given_settings.items():
            if name != "task":
                assert getattr(experiment.data.settings if part == "data" else getattr(experiment, part), name) == value


def refusal(plain: dict[str, Any]) -> SpecError | None:
    try:
        from_json(plain)
    except SpecError as error:
        return error
    return None


@pytest.mark.parametrize(("task", "part", "one", "about"), SETTINGS, ids=lambda x: getattr(x, "name", ""))
def test_values_out_of_range_or_type_name_field_value_and_repair(task: str, part: str, one: Any, about: Any) -> None:
    start, name = from_json({"data": {"task": task}}), f"{part}.{one.name}"
    wrong: list[Any] = [[1], {"a": 1}]
    if about.low is not None:
        wrong += [about.low - 1, about.high + 1, "seven", True, math.nan, math.inf]
    if about.choices:
        wrong += ["nonsense", 3]
    for value in wrong:
        with pytest.raises(SpecError) as caught:
            start.with_({name: value})
        error = caught.value
        assert error.name == name
        assert error.value is value
        assert about.label in error.reason
        assert str(error).startswith(f"{name} = ")
        assert f"Try {name} = " in str(error)
        start.with_({name: value} | error.works)
        assert all(json.loads(shown(offered)) == offered for offered in error.works.values())  # as --set reads it


@pytest.mark.parametrize(("task", "part", "one", "about"), SETTINGS, ids=lambda x: getattr(x, "name", ""))
def test_defaults_are_accepted(task: str, part: str, one: Any, about: Any) -> None:
    assert one.default is not MISSING
    if one.default is not None:
        assert accept(DATA[task] if part == "data" else PARTS[part], one, about, "x", one.default) == one.default


@pytest.mark.parametrize(
    ("changes", "name", "works"),
    [
        ({"model.width": 64, "model.heads": 5}, "model.heads", {"model.heads": 4}),
        ({"model.width": 2, "model.heads": 3}, "model.width", {"model.width": 4, "model.heads": 2}),
        ({"model.tied": True}, "model.tied", {"model.tied": False}),
        (
            {"model.family": "lstm", "model.direction": "both", "model.layers": 1},
            "model.layers",
            {"model.layers": 2},
        ),
        ({"objective.name": "next-word"}, "objective.name", {"objective.name": "answer"}),
        ({"data.task": "text", "objective.name": "answer"}, "objective.name", {"objective.name": "next-word"}),
        (
            {"data.task": "text", "model.direction": "right-to-left", "objective.name": "masked-word"},
            "objective.name",
            {"objective.name": "previous-word"},
        ),
        (
            {"data.task": "text", "objective.name": "masked-word"},
            "objective.name",
            {"objective.name": "next-word"},
        ),
        ({"data.task": "entity", "data.person": 2}, "data.person", {"data.person": 1.0, "data.place": 0.0}),
        ({"data.task": "chess"}, "data.task", {"data.task": "sense"}),
        (
            {"data.task": "text", "data.tokenizer": "bpe", "data.vocabulary": 100},
            "data.vocabulary",
            {"data.vocabulary": 300},
        ),
    ],
    ids=str,
)
def test_choices_that_clash_offer_the_one_that_works(changes: dict[str, Any], name: str, works: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        Experiment().with_(changes)
    assert (caught.value.name, caught.value.works) == (name, works)
    Experiment().with_(changes | caught.value.works)


@pytest.mark.parametrize("objective", ["next-word", "previous-word"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_model_may_be_asked_for_what_it_already_reads(direction: str, objective: str) -> None:
    experiment = Experiment().with_({"data.task": "text", "model.direction": direction, "objective.name": objective})
    assert experiment.objective_name == experiment.resolved().objective_name == objective
    assert from_json(experiment.to_json()) == experiment


def test_unknown_names_point_to_known_ones() -> None:
    with pytest.raises(SpecError, match=r"model\.directon = \"both\".*Did you mean model\.direction\?"):
        from_json({"model": {"directon": "both"}})
    with pytest.raises(SpecError, match=r"data\.q = 1.*Known: p, K, epsilon, A, T\."):
        from_json({"data": {"q": 1}})
    with pytest.raises(SpecError, match=r"no such part\. Known: data, model"):
        from_json({"modle": {}})
    with pytest.raises(SpecError, match=r"part\.name, such as model\.direction"):
        Experiment().with_({"p": 0.3})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "is a JSON object"),
        ('{"model": 3}', "must be a JSON object"),
        ('{"version": 99}', "reads version 1"),
        ('{"data": {"task": ["sense"]}}', "no such data"),
        ('{"train": {"steps": ' + "9" * 400 + "}}", "must be at most 200000"),
        ('{"train": {"learning_rate": NaN}}', "finite"),
    ],
)
def test_broken_files_are_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words) as caught:
        from_json(text)
    assert len(str(caught.value)) < 300


def test_aliases_mean_the_same() -> None:
    plain = Experiment().with_({"data.epsilon": 0.25})
    for alias in ("ε", "eps"):
        assert from_json({"data": {alias: 0.25}}) == plain
        assert Experiment().with_({"data.epsilon": 0.5}).with_({f"data.{alias}": 0.25}) == plain
    with pytest.raises(SpecError) as caught:
        Experiment().with_({"data.epsilon": 0.5}).with_({"data.ε": 2})
    assert caught.value.works == {"data.epsilon": 1.0}
    with pytest.raises(SpecError, match="at most 1"):  # a repair also outweighs an alias that was given before
        Experiment().with_({"data.epsilon": 0.5}).with_({"data.ε": 2, "data.eps": 3})
    assert Experiment().with_({"data.epsilon": 0.5}).with_({"data.ε": 2, "data.epsilon": 1}).data.settings.epsilon == 1
    assert from_json({"data": {"task": "cloze", "α": 1}}).data.settings.alpha == 1.0


def test_a_path_alone_means_text() -> None:
    assert from_json({"data": {"text": "book.txt"}}) == Experiment().with_(
        {"data.task": "text", "data.text": "book.txt"}
    )


def test_another_task_starts_from_its_own_defaults() -> None:
    experiment = Experiment().with_({"data.p": 0.5, "model.direction": "both"})
    moved = experiment.with_({"data.task": "entity"})
    assert moved.data == DataSpec("entity")
    assert moved.model == experiment.model


def test_settings_belong_to_their_task() -> None:
    with pytest.raises(SpecError, match="don't belong to “negate”"):
        DataSpec("negate", GAMES["sense"]())


def test_keys_tell_experiments_apart_and_equal_ones_together() -> None:
    plain = Experiment()
    assert plain.key() == Experiment().with_({"train.steps": 400, "model.width": 64}).key()  # the defaults, spelled out
    assert plain.with_({"model.join": "concat"}).key() == plain.key()  # a one-way model joins nothing
    different = [
        {"data.p": 0.7},
        {"model.direction": "both"},
        {"train.seed": 1},
        {"data.task": "gap"},
        {"model.layers": 1},
    ]
    keys = {plain.with_(change).key() for change in different} | {plain.key()}
    assert len(keys) == len(different) + 1


def test_keys_are_the_same_in_another_process() -> None:
    experiment = Experiment().with_({"data.task": "text", "data.text": "ü.txt", "train.learning_rate": 0.1})
    code = "import sys; from core.spec import from_json; print(from_json(sys.argv[1]).key())"
    command = [sys.executable, "-c", code, json.dumps(experiment.to_json())]
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    other = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert other.stdout.strip() == experiment.key()
    assert len(experiment.key()) == 16


def test_differences_are_named() -> None:
    plain = Experiment()
    assert differences(plain, plain) == []
    assert differences(plain, plain.with_({"model.direction": "both"})) == [
        ("model.direction", "left-to-right", "both")
    ]
    assert ("data.g", None, 10) in differences(plain, plain.with_({"data.task": "gap"}))
