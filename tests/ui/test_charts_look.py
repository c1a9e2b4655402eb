"""Charts of looking inside: valid specifications, true numbers, harmless labels."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.models.direction import visible
from core.spec import DIRECTIONS, LATE_JOINS
from ui.charts.heads import Figure, head_figure, words_figure
from ui.charts.influence import forbidden_said, influence_figure, precision_said, strongest
from ui.charts.mask import kinds, mask_option, passes_option
from ui.charts.states import COLOURS, grouped, short, states_figure

NASTY = ["<b>bold</b>", "a", "a", "<img src=x onerror=alert(1)>", "\n", " ", "%{x}"]
T = len(NASTY)


def checked(figure: Figure) -> go.Figure:
    """Plotly's own validation of every property, frames included."""
    return go.Figure(figure)


def attention(direction: str, words: int = T) -> tuple[np.ndarray, np.ndarray]:
    allowed = visible(direction, words)
    weights = np.random.default_rng(0).random((words, words)) * allowed
    return weights / weights.sum(-1, keepdims=True), allowed


def heat(figure: Figure, name: str) -> dict[str, Any]:
    return next(one for one in figure["data"] if one["type"] == "heatmap" and one["name"] == name)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("words", [1, T, 40])
def test_each_cell_is_drawn_once_in_the_colour_of_its_side(direction: str, words: int) -> None:
    weights, allowed = attention(direction, words)
    figure = head_figure(weights, allowed, [f"w{i}" for i in range(words)], "layer 1, head 2")
    maps = [one for one in checked(figure).data if one.type == "heatmap"]
    drawn = np.stack([np.isfinite(np.asarray(one.z, float)) for one in maps])
    assert (drawn.sum(0) == 1).all()
    t, s = np.indices(weights.shape)
    assert (np.isfinite(heat(figure, "left context")["z"]) == (allowed & (s < t))).all()
    assert (np.isfinite(heat(figure, "right context")["z"]) == (allowed & (s > t))).all()
    assert all((np.asarray(one.customdata) == weights).all() for one in maps)


def test_shades_follow_the_square_root_and_stay_in_range() -> None:
    weights, allowed = attention("both")
    figure = head_figure(weights, allowed, NASTY, "layer 1, head 1")
    z = np.nansum([heat(figure, name)["z"] for name in ("left context", "the word itself", "right context")], axis=0)
    assert np.allclose(z**2, weights / weights.max())


def test_numbers_in_cells_are_the_values_they_stand_on() -> None:
    weights, allowed = attention("left-to-right")
    figure = head_figure(weights, allowed, NASTY, "layer 1, head 1")
    numbers, labels = figure["data"][-1], heat(figure, "left context")["x"]
    assert numbers["text"]
    for x, y, text in zip(numbers["x"], numbers["y"], numbers["text"], strict=True):
        assert abs(float(text) - weights[labels.index(y), labels.index(x)]) <= 0.005


def test_words_never_become_markup() -> None:
    weights, allowed = attention("both")
    states = np.random.default_rng(1).normal(size=(2, 5, 2))
    notes = {"layers": ["embedding", "layer 1"], "classes": NASTY, "sentences": NASTY[:5]}
    labels = np.array([0, 3, 0, 3, 0])
    figures = [
        head_figure(weights, allowed, NASTY, "<i>layer</i>"),
        influence_figure(weights, allowed, NASTY),
        states_figure(states, np.zeros((2, T, 2)), np.ones((2, 2)) / 3, labels, NASTY, notes),
    ]
    for figure in figures:
        text = json.dumps(figure, default=str)
        assert "<img" not in text
        assert "<b>bold" not in text
        assert "<i>layer" not in text


@pytest.mark.parametrize("words", [5, 60])
def test_axes_have_titles_words_and_reading_order(words: int) -> None:
    layout = words_figure([], [f"w{i}" for i in range(words)], "A title")["layout"]
    assert layout["xaxis"]["title"]["text"]
    assert layout["yaxis"]["title"]["text"]
    assert layout["yaxis"]["autorange"] == "reversed"
    assert 0 < len(layout["xaxis"]["tickvals"]) <= 20


def test_influence_says_what_was_measured() -> None:
    assert "0 (exactly)" in forbidden_said({"largest_forbidden": 0.0})
    assert "a leak" in forbidden_said({"largest_forbidden": 0.25})
    assert "forbids nothing" in forbidden_said({"largest_forbidden": None})
    assert precision_said({"error": 0.0}) == "The values are exact."
    assert "±5 %" in precision_said({"error": 0.047, "directions": 4, "of": 128})


@pytest.mark.parametrize("words", [5, 60])
def test_one_colour_bar_is_never_shown_for_three_colours_and_titles_fit_a_phone(words: int) -> None:
    weights, allowed = attention("both", words)
    tokens = [f"w{i}" for i in range(words)]
    figures = (
        head_figure(weights, allowed, tokens, "Right-to-left 12, head 12"),
        influence_figure(weights, allowed, tokens),
    )
    for figure in map(checked, figures):
        assert not any(one.showscale for one in figure.data if one.type == "heatmap")
        assert 0 < len(figure.layout.title.text) <= 30


def test_full_colour_is_the_value_that_the_legend_names() -> None:
    norms = np.array([[9.0, 0.5], [2.0, 7.0]])
    assert strongest(norms) == 2  # a word's own influence does not hide the others'
    z = heat(influence_figure(norms, np.ones((2, 2), bool), ["a", "b"]), "left context")["z"]
    assert np.nanmax(z) == 1


def test_every_layer_is_a_frame_and_the_last_is_shown_first() -> None:
    rng = np.random.default_rng(0)
    points, own = rng.normal(size=(3, 12, 2)) * [[[1]], [[5]], [[100]]], rng.normal(size=(3, T, 2))
    labels = np.arange(12) % 4
    layers = ["embedding", "left-to-right 1", "before the answer"]
    notes = {"layers": layers, "classes": list("abcd"), "sentences": ["x"] * 12}
    figure = states_figure(points, own, np.array([[0.5, 0.2]] * 3), labels, NASTY, notes)
    built = checked(figure)
    assert [frame.name for frame in built.frames] == ["0", "1", "2"]
    assert [step.label for step in built.layout.sliders[0].steps] == ["start", "→ 1", "end"]
    assert built.layout.sliders[0].active == 2
    for frame, layer in zip(built.frames, points, strict=True):
        clouds = [one for one in frame.data if one.mode == "markers"]
        xs = np.concatenate([one.x for one in clouds])
        expected = layer[:, 0] / np.sqrt((layer**2).sum(-1).mean())
        assert np.allclose(np.sort(xs), np.sort(expected))
        assert [len(one.data) for one in built.frames] == [len(built.data)] * 3
    assert "70 %" in built.data[-1].text[0].replace("<br>", " ")


def test_rare_answers_share_a_colour() -> None:
    labels = np.repeat(np.arange(9), np.arange(9, 0, -1))
    groups = grouped(labels, [f"class {i}" for i in range(9)])
    assert [name for name, *_ in groups] == [f"class {i}" for i in range(len(COLOURS))] + ["other answers"]
    assert (sum(mask.astype(int) for *_, mask in groups) == 1).all()


@pytest.mark.parametrize(("layer", "said"), [("layer 12", "12"), ("right-to-left 2", "← 2"), ("embedding", "start")])
def test_short_names_of_layers(layer: str, said: str) -> None:
    assert short(layer) == said


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_mask_picture_is_the_mask(direction: str) -> None:
    mask = visible(direction, T)
    option = json.loads(json.dumps(mask_option(mask, NASTY, direction)))
    cells = {(y, x): kind for x, y, kind in (one["value"] for one in option["series"][0]["data"])}
    assert len(cells) == T * T
    for (t, s), kind in cells.items():
        assert kind == (0 if not mask[t, s] else 1 if s < t else 2 if s == t else 3)
    assert all((option["title"]["text"], option["xAxis"]["name"], option["yAxis"]["name"]))


def test_kinds_of_a_prefix_mask() -> None:
    assert kinds(np.array([[True, True], [False, True]])).tolist() == [[2, 3], [0, 2]]


@pytest.mark.parametrize(("direction", "join", "layers"), [
    *product(("left-to-right", "right-to-left"), ("deep",), (1, 2)),
    *product(("both",), ("deep", *LATE_JOINS), (1, 2)),
])  # fmt: skip
def test_arrows_show_what_an_lstm_reads(direction: str, join: str, layers: int) -> None:
    option = json.loads(json.dumps(passes_option(NASTY[:4], direction, join, layers)))
    series = option["series"][0]
    names = {node["id"] for node in series["data"]}
    links = [(one["source"], one["target"]) for one in series["links"]]
    assert {end for link in links for end in link} <= names
    within = {(a, b) for a, b in links if a.split("/")[0] == b.split("/")[0]}
    steps = {int(b.split("/")[1]) - int(a.split("/")[1]) for a, b in within}
    assert steps == {"left-to-right": {1}, "right-to-left": {-1}, "both": {1, -1}}[direction]
    if layers == 2 and direction == "both":
        crossed = ("read → 1/0", "read ← 2/0") in links
        assert crossed == (join == "deep")
