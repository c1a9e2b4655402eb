"""What a race may be: the runs that it consists of, and refusals with repairs that work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fields import SpecError
from core.runs.race_spec import RACE, SWEEP, Entry, RaceSpec, race_from_json, race_with

SMALL: dict[str, Any] = {"data": {"task": "transfer"}, "train": {"steps": 60, "held_out": 32}}
PLAIN: dict[str, Any] = {
    "base": SMALL,
    "strategies": ["full", {"strategy": "lora", "rank": 8}, {"strategy": "head", "rates": [0.02, 0.01]}],
    "seeds": 4,
}


def test_a_race_is_the_same_after_a_journey_as_json() -> None:
    spec = race_from_json(PLAIN)
    assert race_from_json(json.dumps(spec.to_json())) == spec
    assert [entry.key for entry in spec.strategies] == ["full", "lora rank=8", "head"]
    assert spec.strategies[1] == Entry("lora", (("rank", 8),))


def test_each_strategy_tries_rates_around_its_own() -> None:
    spec = race_from_json(PLAIN)
    full, lora, head = spec.strategies
    assert spec.rates_of(full) == (0.00033, 0.001, 0.003)
    assert spec.rates_of(lora) == (0.0017, 0.005, 0.015)
    assert spec.rates_of(head) == (0.01, 0.02)
    cut = race_from_json({**PLAIN, "rates": []})
    assert [cut.rates_of(entry) for entry in cut.strategies] == [(0.001,), (0.005,), (0.01, 0.02)]


def test_a_rate_that_the_base_sets_is_not_forced_on_every_strategy() -> None:
    given_rate = race_with(PLAIN, {"train.learning_rate": 0.5})
    assert race_from_json(given_rate).rates_of(Entry("full")) == (0.00033, 0.001, 0.003)


def test_a_strategy_that_only_asks_has_no_rate_to_try() -> None:
    spec = race_from_json({"base": SMALL, "strategies": ["zero-shot", "full"]})
    assert len(spec.rates_of(spec.strategies[0])) == 1


def test_runs_of_a_sweep_are_short_and_those_of_the_race_differ_in_their_seed_alone() -> None:
    spec = race_from_json({**PLAIN, "sweep_steps": 25})
    lora = spec.strategies[1]
    short, whole = spec.experiment(lora, SWEEP, 0.01, 0), spec.experiment(lora, RACE, 0.01, 2)
    assert (short.train.steps, short.train.evaluate_every, short.train.snapshots) == (25, 25, 1)
    assert (whole.train.steps, whole.train.evaluate_every, whole.train.seed) == (60, 12, 2)
    assert (whole.tune.strategy, whole.tune.rank, whole.train.learning_rate) == ("lora", 8, 0.01)
    assert whole.with_({"train.seed": 1}) == spec.experiment(lora, RACE, 0.01, 1)
    assert race_with(PLAIN, {"train.seed": 7})["base"]["train"]["seed"] == 7
    assert race_from_json(race_with(PLAIN, {"train.seed": 7})).seed_numbers() == (7, 8, 9, 10)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"race.seeds": 0}, "race.seeds"),
        ({"race.strategies": []}, "race.strategies"),
        ({"race.strategies": ["full", "full"]}, "race.strategies"),
        ({"race.strategies": ["full", "magic"]}, "race.strategies"),
        ({"race.strategies": ["full", {"strategy": "lora", "rank": 0}]}, "race.strategies"),
        ({"race.strategies": [{"strategy": "full", "rates": ["fast"]}]}, "race.strategies"),
        ({"race.rates": [0.0]}, "race.rates"),
        ({"data.task": "magic"}, "data.task"),
    ],
)
def test_what_can_not_be_is_refused_by_name_with_a_repair(changes: dict[str, Any], named: str) -> None:
    bad = race_with(PLAIN, changes)
    with pytest.raises(SpecError) as caught:
        race_from_json(bad)
    assert caught.value.name == named
    race_from_json(race_with(bad, caught.value.works))


def test_a_base_that_a_strategy_can_not_take_names_the_strategies_that_can() -> None:
    lstm = {"data": {"task": "sentiment"}, "model": {"family": "lstm"}, "tune": {"start": "run:" + "0" * 32}}
    with pytest.raises(SpecError, match="LSTM") as caught:
        race_from_json({"base": lstm, "strategies": ["full", "lora", "head"]})
    assert caught.value.works == {"race.strategies": ["full", "head"]}


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.floats(), st.text(max_size=3), st.lists(st.floats(), max_size=3)
)
ENTRIES = st.one_of(
    st.sampled_from(["full", "lora", "head", "zero-shot", "magic"]),
    st.fixed_dictionaries(
        {"strategy": st.sampled_from(["lora", "top", "no"])}, optional={"rank": VALUES, "rates": VALUES}
    ),
    VALUES,
)


@given(
    st.fixed_dictionaries(
        {"base": st.just(SMALL)},
        optional={
            "seeds": VALUES,
            "rates": VALUES,
            "sweep_steps": VALUES,
            "strategies": st.one_of(VALUES, st.lists(ENTRIES, max_size=4)),
        },
    )
)
def test_every_repair_works(plain: dict[str, Any]) -> None:
    works = refused(plain)
    if works is None:
        spec = race_from_json(plain)
        assert race_from_json(spec.to_json()) == spec
    else:
        assert works
        assert isinstance(race_from_json(race_with(plain, works)), RaceSpec)


def refused(plain: dict[str, Any]) -> dict[str, Any] | None:
    """The repair that a refusal offers; None where the race is accepted."""
    try:
        race_from_json(plain)
    except SpecError as error:
        return error.works
    return None
