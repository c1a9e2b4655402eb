"""What is said about an experiment before a step is trained must be true of it."""

from __future__ import annotations

from itertools import product

import pytest

from core.data.registry import GAMES
from core.describe import describe
from core.limits import ceiling_of
from core.models.counts import count
from core.pace import BACKWARD, Measured, expected, product_speed, work
from core.spec import Experiment, from_json
from core.told import how_often, percent

MODELS = [
    {"direction": "left-to-right"},
    {"direction": "right-to-left"},
    {"direction": "both"},
    {"direction": "both", "join": "sum"},
    {"direction": "both", "join": "sum", "tied": True},
    {"direction": "both", "join": "gated"},
    {"direction": "both", "positions": "none"},
    {"direction": "both", "family": "lstm"},
]


def of(
    task: str = "sense", model: dict[str, object] | None = None, train: dict[str, object] | None = None
) -> Experiment:
    return from_json({"data": {"task": task}, "model": model or {}, "train": train or {}})


@pytest.mark.parametrize(("task", "model"), product(GAMES, MODELS))
def test_the_sentence_names_the_ceiling_that_binds(task: str, model: dict[str, object]) -> None:
    told = describe(of(task, model))
    assert told.ceiling == ceiling_of(of(task, model))
    assert told.ceiling is not None
    limit = "every time" if told.ceiling == 1 else percent(told.ceiling)
    assert limit in told.can_know
    assert told.can_know.endswith(".")
    assert "  " not in told.can_know


@pytest.mark.parametrize("task", GAMES)
def test_each_direction_is_told_what_it_lacks(task: str) -> None:
    left, right, both = (
        describe(of(task, {"direction": name})).can_know for name in ("left-to-right", "right-to-left", "both")
    )
    assert "no left-to-right model" in left
    assert "no right-to-left model" in right
    assert "no " not in both.split(", ", 1)[0]
    assert len({left, right, both}) == 3


def test_the_sentence_follows_the_games_parameters() -> None:
    sure = describe(from_json({"data": {"task": "sense", "p": 0.25}})).can_know
    assert "25 % of the sentences" in sure
    assert "87.5 %" in sure
    always_before = describe(from_json({"data": {"task": "sense", "p": 0.0}})).can_know
    assert "that is enough" in always_before
    assert "100 %" in always_before


def test_joins_that_cannot_are_told_why() -> None:
    added = describe(of("negate", {"direction": "both", "join": "mean"})).can_know
    assert "exclusive-or" in added
    assert "70 %" in added
    assert "exclusive-or" not in describe(of("negate", {"direction": "both", "join": "product"})).can_know
    tied = describe(of("compare", {"family": "lstm", "direction": "both", "join": "max", "tied": True})).can_know
    assert "share their weights" in tied
    assert "50 %" in tied
    assert "without positions" in describe(of("compare", {"direction": "both", "positions": "none"})).can_know


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"direction": "left-to-right"}, ("before it", "next", "can write on")),
        ({"direction": "right-to-left"}, ("after it", "backwards")),
        ({"direction": "both"}, ("both sides", "fill gaps", "not write")),
        ({"direction": "both", "join": "concat"}, ("read on its own",)),
    ],
)
def test_text_is_told_by_its_objective(model: dict[str, object], words: tuple[str, ...]) -> None:
    told = describe(of("text", model), words=100, classes=100)
    assert told.ceiling is None
    assert told.ceilings is None
    for one in words:
        assert one in told.can_know


def test_the_parts_add_up() -> None:
    told = describe(of())
    assert sum(told.parameters.values()) == told.total_parameters
    assert sum(told.flops.values()) == pytest.approx(told.flops_per_token)
    plain = told.to_json()
    assert plain["parameters"] == told.total_parameters
    assert plain["ceilings"] == {"left": pytest.approx(0.6), "right": pytest.approx(0.9), "both": 1.0}


def test_time_comes_from_the_most_similar_run() -> None:
    """A run of this very experiment gives its own speed back, whatever a larger one did."""
    here = of(train={"steps": 100})
    size = sum(part.parameters for part in count(here, *vocabulary(here)))
    large = of(model={"size": "large"})
    slow = Measured(large, 1, tokens_per_second=10.0)
    same = Measured(here, size, tokens_per_second=5000.0)
    told = expected(here, *vocabulary(here), measured=[slow, same])
    assert told.seconds == pytest.approx(work(here) / 5000)
    assert not told.low


def test_time_grows_with_the_flops_of_a_token() -> None:
    large, small = of(model={"size": "large"}), of(model={"size": "small"})
    flops = [sum(part.flops for part in count(one, *vocabulary(one))) for one in (large, small)]
    told = expected(small, *vocabulary(small), measured=[Measured(large, 1, tokens_per_second=10.0)])
    assert told.seconds == pytest.approx(work(small) / 10 * flops[1] / flops[0])


def test_work_counts_tests_as_a_third() -> None:
    """12 words a sentence; 20 tests, each on the held-out sentences and 500 of those to learn from."""
    assert work(of(train={"steps": 100, "batch": 10, "held_out": 400})) == pytest.approx(12 * (1000 + 20 * 900 / 3))
    assert work(of(train={"steps": 7, "batch": 10, "evaluate_every": 5, "held_out": 100})) == pytest.approx(
        12 * (70 + 2 * 600 / 3)
    )


def test_a_text_runs_vocabulary_follows_from_its_parameters() -> None:
    text = from_json({"data": {"task": "text"}})
    parameters = sum(part.parameters for part in count(text, 321, 321))
    told = expected(text, 321, 321, [Measured(text, parameters, 1000.0)])
    assert told.seconds == pytest.approx(work(text) / 1000)


def test_a_run_of_another_kind_is_a_rough_guide() -> None:
    other = Measured(of(model={"family": "lstm"}), 1, 1000.0)
    elsewhere = Measured(of(train={"device": "cpu"}), 1, 1000.0)
    assert "rough" in expected(of(), *vocabulary(of()), measured=[other]).reason
    alike = Measured(of(model={"size": "large"}), 1, 1000.0)
    assert "rough" not in expected(of(), *vocabulary(of()), measured=[other, alike]).reason
    assert expected(of(), *vocabulary(of()), measured=[elsewhere]).low


def test_without_any_run_only_products_are_timed() -> None:
    told = expected(of(), *vocabulary(of()))
    assert told.low
    flops = sum(part.flops for part in count(of(), *vocabulary(of())))
    assert told.seconds == pytest.approx(work(of()) * BACKWARD * flops / product_speed(64 * 12, 64, 128))


def test_shares_are_said_so_that_they_can_be_pictured() -> None:
    assert how_often(0.8) == "8 sentences in 10"
    assert how_often(0.1) == "1 sentence in 10"
    assert how_often(1.0) == "every sentence"
    assert how_often(0.33) == "33 % of the sentences"
    assert percent(0.7857) == "78.6 %"
    assert percent(1.0) == "100 %"


def vocabulary(experiment: Experiment) -> tuple[int, int]:
    return len(experiment.data.settings.words), len(experiment.data.settings.classes)
