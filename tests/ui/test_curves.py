"""Curves and tables as plain values: thinning, smoothing, ceilings, colours, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ui.charts.curves import MOST_POINTS, Axis, Curve, Limit, curves, smoothed, thinned
from ui.charts.of_runs import (
    PLAIN,
    Measured,
    Taste,
    accuracy_chart,
    floors_of,
    gradient_chart,
    limits_of,
    loss_chart,
    rate_chart,
)
from ui.charts.palette import BOTH, MORE, PAST, run_colours
from ui.charts.tables import as_csv, as_markdown

numbers = some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=2000)


@given(numbers)
def test_thinning_keeps_the_mean_and_the_last_step(values: list[float]) -> None:
    steps, means = thinned(range(1, len(values) + 1), values)
    assert len(steps) == len(means) <= MOST_POINTS
    assert steps[-1] == len(values)
    assert steps == sorted(set(steps))
    weights = [b - a for a, b in zip([0, *steps[:-1]], steps, strict=True)]
    whole = sum(w * m for w, m in zip(weights, means, strict=True))
    assert math.isclose(whole, sum(values), rel_tol=1e-6, abs_tol=1e-3)


@given(numbers, some.floats(0, 0.99))
def test_smoothing_stays_within_what_was_measured(values: list[float], weight: float) -> None:
    result = smoothed(values, weight)
    assert len(result) == len(values)
    assert math.isclose(result[0], values[0], rel_tol=1e-9, abs_tol=1e-9)
    assert min(values) - 1e-3 <= min(result)
    assert max(result) <= max(values) + 1e-3


def test_no_smoothing_changes_nothing() -> None:
    assert smoothed([3.0, 1.0, 2.0], 0) == [3.0, 1.0, 2.0]


def measured(name: str = "A · one", ceiling: float | None = 0.6, n: int = 50) -> Measured:
    points = [{"step": step, "held_out": {"loss": 0.5, "accuracy": 0.58}} for step in range(10, n + 1, 10)]
    ones = [1.0] * n
    return Measured(name, PAST, range(1, n + 1), ones, [0.5] * n, ones, ones, points, 100, ceiling, 0.5)


def series(option: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in option["series"] if one["name"] == name)


@pytest.mark.parametrize("chart", [accuracy_chart, loss_chart, gradient_chart, rate_chart])
@pytest.mark.parametrize("runs", [[], [measured()], [measured(n=0)], [measured(), measured("B · two", None)]])
def test_every_chart_is_plain_json_with_a_title_and_words(chart: Any, runs: list[Measured]) -> None:
    option = chart(runs)
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert option["title"]["text"]
    assert option["yAxis"]["name"]
    assert option["aria"]["label"]["description"].startswith(option["title"]["text"])


def test_ceilings_are_dashed_lines_at_their_value_that_name_who_they_bind() -> None:
    option = accuracy_chart([measured("A · one", 0.6), measured("B · two", 1.0), measured("C · three", 0.6)])
    marks = series(option, "ceilings")["markLine"]
    assert marks["lineStyle"]["type"] == "dashed"
    told = {mark["yAxis"]: mark["label"]["formatter"] for mark in marks["data"]}
    assert told == {60.0: "A, C: at most 60 %", 100.0: "B: at most 100 %"}
    assert option["yAxis"]["min"] < 50
    assert option["yAxis"]["max"] > 100


def test_text_has_no_ceiling_and_starts_at_zero() -> None:
    option = accuracy_chart([measured(ceiling=None)])
    assert [one["name"] for one in option["series"]] == ["A · one (train)", "A · one"]
    assert option["yAxis"]["min"] == 0


def test_the_learners_taste_decides_which_lines_are_drawn() -> None:
    only_train = accuracy_chart([measured()], Taste(held_out=False))
    assert [one["name"] for one in only_train["series"]] == ["A · one (train)", "ceilings"]
    assert series(only_train, "A · one (train)")["lineStyle"]["opacity"] == 1  # not faint when alone
    assert loss_chart([measured()], Taste(log=True))["yAxis"]["type"] == "log"


def test_what_is_no_number_is_left_out() -> None:
    line = Curve("x", PAST, [1, 2, 3], [1.0, math.nan, math.inf])
    assert curves("t", Axis("a"), [line])["series"][0]["data"] == [[1, 1.0]]


def test_the_words_tell_the_last_values_and_the_limits() -> None:
    option = curves(
        "Right", Axis("share", " %"), [Curve("A", PAST, [1, 2], [50.0, 59.5])], [Limit("A: at most 60 %", 60)]
    )
    assert option["aria"]["label"]["description"] == "Right. A is at 59.5 %. Dashed line: A: at most 60 %."


def test_colours_tell_directions_and_never_repeat_among_five() -> None:
    assert run_colours(["left-to-right", "both"]) == [PAST, BOTH]
    five = run_colours(["both"] * 5)
    assert five[0] == BOTH
    assert len(set(five)) == 5
    assert set(five[1:]) == set(MORE)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(["name", "n"], [[cell, -1.5]]), newline="")))
    assert rows[1:] == [[f"'{cell.strip()}", "-1.5"]]


def test_a_table_has_one_line_a_row() -> None:
    assert as_markdown(("Run", "Step"), [("A", "1")]) == "| Run | Step |\n|:--|--:|\n| A | 1 |"


def test_a_limit_names_only_the_runs_that_it_binds() -> None:
    def one(name: str, ceiling: float | None, floor: float | None) -> Measured:
        return Measured(name, "#000000", [], [], [], [], [], [], 10, ceiling, None, floor)

    game, other, text = one("A game", 0.6, None), one("B game", 0.6, None), one("C text", None, 1.6)
    assert [limit.label for limit in limits_of([game, other], PLAIN)] == ["all: at most 60 %"]
    assert [limit.label for limit in limits_of([game, text], PLAIN)] == ["A: at most 60 %"]
    assert [limit.label for limit in floors_of([game, text])] == ["C: at least 1.600 nats"]


def test_the_labels_of_close_limits_stay_apart() -> None:
    limits = [Limit("upper", 91.2), Limit("lower", 90.0), Limit("far", 50.0)]
    option = curves("t", Axis("a"), [], limits)
    marks = next(one["markLine"]["data"] for one in option["series"] if "markLine" in one)
    places = {one["label"]["formatter"]: one["label"]["position"] for one in marks}
    assert places == {"upper": "insideEndTop", "lower": "insideEndBottom", "far": "insideEndTop"}
