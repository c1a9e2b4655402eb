"""Shapes are arithmetic on the spec; the built model is the judge, names and order included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fields import SpecError
from core.models.build import build
from core.models.counts import count
from core.models.shapes import shapes, size
from core.parts.model import POSITIONS, READ_OUTS
from core.spec import DIRECTIONS, JOINS, READERS, Experiment, ModelSpec, from_json
from tests.core.models.zoo import CLASSES, WORDS, ZOO


def built(experiment: Experiment, words: int, classes: int) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(one.shape)) for name, one in build(experiment, words, classes).named_parameters()]


@pytest.mark.parametrize("spec", ZOO.values(), ids=ZOO)
def test_every_model_has_the_shapes_that_were_told(spec: ModelSpec) -> None:
    experiment = Experiment(model=spec)
    assert list(shapes(experiment, WORDS, CLASSES).items()) == built(experiment, WORDS, CLASSES)


MODELS = {
    "family": st.sampled_from(READERS),
    "direction": st.sampled_from(DIRECTIONS),
    "join": st.sampled_from(JOINS),
    "width": st.sampled_from([8, 16]),
    "layers": st.integers(1, 3),
    "heads": st.sampled_from([2, 4]),
    "feed_forward": st.integers(4, 9),
    "positions": st.sampled_from(POSITIONS),
    "norm": st.sampled_from(["layer", "rms"]),
    "norm_place": st.sampled_from(["pre", "post"]),
    "activation": st.sampled_from(["gelu", "relu", "swiglu"]),
    "key_heads": st.sampled_from([None, 1, 2]),
    "read_out": st.sampled_from(READ_OUTS),
    "pool": st.sampled_from(["mean", "first", "pooler"]),
    "tied": st.booleans(),
    "tied_words": st.booleans(),
    "embedding_norm": st.booleans(),
    "token_types": st.integers(0, 2),
    "places": st.sampled_from([None, 70]),
}
ASKED = st.sampled_from(
    [("sense", None), ("text", None), ("text", "two-way-lm"), ("text", "masked-and-next"), ("text", "masked-word")]
)


@given(st.fixed_dictionaries(MODELS), ASKED)
@settings(max_examples=150, deadline=None)
def test_any_model_that_can_be_chosen_has_the_shapes_that_were_told(
    model: dict[str, Any], asked: tuple[str, str | None]
) -> None:
    task, objective = asked
    given: dict[str, dict[str, Any]] = {"data": {"task": task}, "model": dict(model), "objective": {"name": objective}}
    try:
        experiment = from_json(given)
    except SpecError as error:
        for name, value in error.works.items():
            part, _, setting = name.partition(".")
            given[part][setting] = value
        experiment = from_json(given)
    words, classes = (WORDS, WORDS) if task == "text" else (WORDS, CLASSES)
    told = shapes(experiment, words, classes)
    assert list(told.items()) == built(experiment, words, classes)
    assert sum(map(size, told.values())) == sum(part.parameters for part in count(experiment, words, classes))
