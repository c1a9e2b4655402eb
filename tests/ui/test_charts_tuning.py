"""Charts of the fine-tuning lab: valid specifications, true numbers, colours that everyone can tell apart."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as some

from ui.charts.curves import Limit
from ui.charts.lanes import Lane, Seed, lane_option, mean_curve, said, shared_axes
from ui.charts.moved import Change, change_figure, gradients_figure, grid_figure
from ui.charts.palette import OF_DIRECTION, OF_STRATEGY
from ui.charts.spreads import Spread, Sweep, frontier, pareto_figure, spread_figure, sweep_figure
from ui.charts.touched import ADDED, COLOURS, FROZEN, LEARNS, PART, Cell, layers_option

NASTY = "<img src=x onerror=alert(1)>"
PAGES = ("#FFFFFF", "#12151C")  # the backgrounds of .streamlit/config.toml
# What colour-blind eyes see of linear light (Machado, Oliveira & Fernandes 2009, severity 1)
EYES = {
    "usual": np.eye(3),
    "protan": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deutan": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritan": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio of relative luminances."""
    low, high = sorted(float(linear(colour) @ XYZ[1]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, eye: np.ndarray) -> np.ndarray:
    x = np.clip(XYZ @ np.clip(eye @ linear(colour), 0, 1) / np.array([0.9505, 1, 1.089]), 1e-9, None)
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", OF_STRATEGY)
def test_a_strategy_reads_on_light_and_on_dark(name: str, page: str) -> None:
    assert contrast(OF_STRATEGY[name][0], page) >= 3


def test_each_strategy_has_a_colour_of_its_own_and_no_direction_s() -> None:
    colours = [colour for colour, _ in OF_STRATEGY.values()]
    assert len(set(colours)) == len(colours)
    assert not set(colours) & set(OF_DIRECTION.values())


@pytest.mark.parametrize("eye", EYES)
def test_the_hues_stay_apart_in_every_eye(eye: str) -> None:
    hues = [colour for colour, sign in OF_STRATEGY.values() if sign == "circle"]
    seen = [lab(colour, EYES[eye]) for colour in hues]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def lane(scores: list[list[float]], ceiling: float | None = 0.97) -> Lane:
    seeds = [
        Seed(f"seed {n}", [10 * (t + 1) for t in range(len(one))], one, list(range(len(one))), [1.0] * len(one))
        for n, one in enumerate(scores)
    ]
    return Lane("Full", "#0088EE", seeds, 100, ceiling, 0.5)


def series(option: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in option["series"] if one["name"] == name]


@given(some.lists(some.lists(some.floats(0, 1), min_size=1, max_size=5), min_size=2, max_size=4))
def test_the_thick_line_is_the_mean_of_what_all_seeds_have(scores: list[list[float]]) -> None:
    option = lane_option(lane(scores))
    thick = series(option, "mean")[0]["data"]
    shared = min(map(len, scores))
    assert [step for step, _ in thick] == [10 * (t + 1) for t in range(shared)]
    for t, (_, value) in enumerate(thick):
        assert value == pytest.approx(100 * np.mean([one[t] for one in scores]), rel=1e-3, abs=1e-3)
    json.dumps(option)


def test_a_lane_draws_its_ceiling_and_says_where_it_is() -> None:
    option = lane_option(lane([[0.5, 0.9], [0.6, 0.8]]))
    assert series(option, "ceiling")[0]["markLine"]["data"][0]["yAxis"] == 97.0
    assert "85.0 %" in said(lane([[0.5, 0.9], [0.6, 0.8]]))
    assert series(lane_option(lane([[0.5]], None)), "ceiling") == []
    assert "nothing measured" in said(lane([]))
    assert mean_curve([]) == ([], [])


def test_learning_rates_have_no_mean() -> None:
    tried = replace(lane([[0.5, 0.9], [0.6, 0.8]]), alike=False)
    assert series(lane_option(tried), "mean") == []
    assert "learning rates" in said(tried)


def test_lanes_share_axes_that_hold_every_score() -> None:
    low, most = shared_axes([lane([[0.45, 0.9]]), lane([[0.62]])])
    assert low is not None
    assert low <= 45
    assert most is not None
    assert most >= 1
    assert shared_axes([]) == (0.0, None)


@pytest.mark.parametrize(
    ("cell", "kind", "short"),
    [
        (Cell(1000), FROZEN, ""),
        (Cell(33_472, 33_472), LEARNS, "33 k"),
        (Cell(33_472, 384), PART, "384"),
        (Cell(33_472, 0, 2_048), ADDED, "+2.0 k"),
        (Cell(33_472, 33_472, 0, 0.25), LEARNS, "33 k · ×0.25"),
    ],
)
def test_a_cell_says_what_learns(cell: Cell, kind: str, short: str) -> None:
    assert (cell.kind, cell.short) == (kind, short)
    assert ("frozen" in cell.long) == (not cell.learns)


def test_the_picture_of_layers_holds_each_cell_once_and_only_the_kinds_there_are() -> None:
    cells = [[Cell(10), Cell(10, 10)], [Cell(20), Cell(20)]]
    option = layers_option(["words", "layer 1"], ["first", "then"], cells)
    places = [tuple(one["value"][:2]) for one in option["series"][0]["data"]]
    assert sorted(places) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [one["label"] for one in option["visualMap"]["pieces"]] == [FROZEN, LEARNS]
    assert "first: nothing learns; then: words (10) learn" in option["aria"]["label"]["description"]
    assert set(COLOURS) == {FROZEN, LEARNS, PART, ADDED}


def spreads() -> list[Spread]:
    return [
        Spread(NASTY, "#0088EE", "circle", [90.0, 92.0, 91.0], 91.0, 88.5, 93.5),
        Spread("Head only", "#BB8800", "circle", [51.0], 51.0),
    ]


def test_every_seed_and_every_interval_is_drawn_where_it_was_measured() -> None:
    figure = spread_figure("Right answers", "%", spreads(), [spreads()[1], None], [Limit("at most 97 %", 97.0)])
    go.Figure(figure)
    seeds, mean = figure["data"][0], figure["data"][1]
    assert seeds["x"] == [90.0, 92.0, 91.0]
    assert (mean["x"][0] - mean["error_x"]["arrayminus"][0], mean["x"][0] + mean["error_x"]["array"][0]) == (88.5, 93.5)
    assert "error_x" not in figure["data"][-1]
    assert figure["layout"]["shapes"][0]["x0"] == 97.0
    assert NASTY not in json.dumps(figure)


def test_an_axis_of_shares_ends_where_shares_do() -> None:
    wide = Spread("Full", "#0088EE", "circle", [95.0, 60.0], 77.0, 30.0, 124.0)
    low, high = spread_figure("Right answers", "%", [wide])["layout"]["xaxis"]["range"]
    assert low < 30
    assert 100 <= high <= 101
    assert spread_figure("Loss", "nats", [wide])["layout"]["xaxis"]["range"][1] > 124


@given(some.lists(some.tuples(some.floats(0, 1), some.floats(0.1, 9)), min_size=1, max_size=8))
def test_the_frontier_is_what_nothing_beats_in_both(points: list[tuple[float, float]]) -> None:
    scores, costs = [list(one) for one in zip(*points, strict=True)]
    front = frontier(scores, costs)
    for score, cost in points:
        beaten = any(s >= score and c <= cost and (s > score or c < cost) for s, c in points)
        if not beaten:
            assert (score, cost) in [points[j] for j in front]
    for j in front:
        assert not any(s > points[j][0] and c <= points[j][1] for s, c in points)


@pytest.mark.parametrize("costs", [[3.0, 4.0], [130.0, 117_762.0], [1.0, 1.0]])
def test_score_against_cost_names_its_axis_at_any_width(costs: list[float]) -> None:
    figure = pareto_figure("Score against time", "%", "seconds", spreads(), costs)
    go.Figure(figure)
    assert len(figure["layout"]["xaxis"]["tickvals"]) >= 1
    assert NASTY not in json.dumps(figure)


def test_the_chosen_rate_wears_a_ring() -> None:
    figure = sweep_figure("Learning rates", "%", [Sweep("Full", "#0088EE", "circle", [3e-4, 1e-3], [80.0, 92.0], 1e-3)])
    go.Figure(figure)
    assert figure["data"][1]["marker"]["line"]["width"] == [0, 2.5]


@pytest.mark.parametrize("dark", [False, True])
def test_a_grid_shows_each_value_and_leaves_out_what_was_not_measured(dark: bool) -> None:
    values = np.array([[0.0, 0.5], [np.nan, 2.0]])
    figure = grid_figure("Moved", [NASTY, "Head only"], ["layer 1", "layer 2"], values, "#6666AA", 1.0, dark)
    go.Figure(figure)
    assert np.isnan(figure["data"][0]["z"][1, 0])
    assert figure["data"][0]["z"][1, 1] == 1.0
    assert figure["data"][1]["text"] == ["0.00", "0.50", "2.00"]
    assert NASTY not in json.dumps(figure, default=lambda one: one.tolist())


def test_gradients_are_thinned_and_frozen_layers_stay_empty() -> None:
    norms = np.ones((2, 300))
    norms[0] = 0
    figure = gradients_figure("Gradients", ["layer 1", "head"], range(300), norms, "#0088EE")
    go.Figure(figure)
    z = figure["data"][0]["z"]
    assert z.shape == (2, 60)
    assert np.isnan(z[0]).all()
    go.Figure(gradients_figure("Gradients", ["head"], [1], np.zeros((1, 1)), "#0088EE"))


def test_changes_go_from_before_to_after() -> None:
    changes = [Change("Two-way", "#AA5522", "circle", [0.5, 0.6], [0.9, 0.8])]
    figure = change_figure("Probe", "share right", changes, [Limit("chance", 0.5)])
    go.Figure(figure)
    assert [one["y"] for one in figure["data"]] == [[0.5, 0.9], [0.6, 0.8], [pytest.approx(0.55), pytest.approx(0.85)]]
    assert [one["showlegend"] for one in figure["data"]] == [False, False, True]
