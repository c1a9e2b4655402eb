"""Charts of looking inside: valid specifications, true numbers, harmless labels."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.direction import visible
from core.spec import DIRECTIONS, LATE_JOINS
from ui.charts.cloud import COLOURS, Cloud, agreement, grouped, in_spreads, ranked
from ui.charts.influence import forbidden_said, precision_said, strongest
from ui.charts.layers import short
from ui.charts.lines import Lines, shaded
from ui.charts.mask import kinds, mask_option, passes_option
from ui.charts.matrix import MOST_ROWS, difference, table, window, words_matrix
from ui.panels.naming import plain

NASTY = ["<b>bold</b>", "a", "a", "<img src=x onerror=alert(1)>", "\n", " ", "%{x}"]
T = len(NASTY)


def attention(direction: str, words: int = T) -> tuple[np.ndarray, np.ndarray]:
    allowed = visible(direction, words)
    weights = np.random.default_rng(0).random((words, words)) * allowed
    return weights / weights.sum(-1, keepdims=True), allowed


def cloud(layers: int = 2, n: int = 12, size: int = 2) -> Cloud:
    rng = np.random.default_rng(0)
    points, own = in_spreads(rng.normal(size=(layers, n, size)) * 7, rng.normal(size=(layers, T, size)))
    share = np.array([[0.5, 0.2, 0.1]] * layers)
    names = ("embedding", *(f"layer {one}" for one in range(1, layers)))
    return Cloud(points, own, share, names, grouped(np.arange(n) % 4, NASTY), ("x",) * n, tuple(NASTY))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("words", [1, T, 40])
def test_a_matrix_of_words_keeps_every_number_and_what_is_hidden(direction: str, words: int) -> None:
    weights, allowed = attention(direction, words)
    matrix = words_matrix(weights, allowed, ["w"] * words, "A head")
    assert len(set(matrix.rows)) == words  # equal words stay apart
    assert (matrix.hidden == ~allowed).all()
    assert np.allclose([row[1:] for row in matrix.lines()], weights, rtol=1e-5)
    assert matrix.header()[1:] == list(matrix.columns)
    assert matrix.most >= weights.max()


def test_a_difference_is_a_change_and_needs_the_same_words() -> None:
    a, b = (words_matrix(*attention(one), NASTY, one) for one in ("both", "left-to-right"))
    less = difference(a, b, "a − b")
    assert np.allclose(less.values, a.values - b.values)
    assert less.colours == "change"
    assert less.most == abs(less.values).max()
    with pytest.raises(ValueError, match="same rows"):
        difference(a, words_matrix(*attention("both", 3), ["x", "y", "z"], ""), "")


def test_a_window_of_a_long_sentence_is_that_part_of_it() -> None:
    whole = words_matrix(*attention("both", 40), [f"w{i}" for i in range(40)], "A head", marked=[3, 21])
    part = window(whole, 20, 8)
    assert (part.values == whole.values[20:28, 20:28]).all()
    assert part.rows == whole.rows[20:28]
    assert part.marked == (1,)
    assert part.first == (20, 20)


def test_a_table_of_a_large_matrix_is_cut_and_its_words_are_safe() -> None:
    matrix = words_matrix(*attention("both", 40), ["a|b"] * 40, "A head")
    lines = table(matrix, plain).splitlines()
    assert len(lines) == MOST_ROWS + 2
    assert "a|b" not in lines[2]


def test_influence_says_what_was_measured() -> None:
    assert "0 (exactly)" in forbidden_said({"largest_forbidden": 0.0})
    assert "a leak" in forbidden_said({"largest_forbidden": 0.25})
    assert "forbids nothing" in forbidden_said({"largest_forbidden": None})
    assert precision_said({"error": 0.0}) == "The values are exact."
    assert "±5 %" in precision_said({"error": 0.047, "directions": 4, "of": 128})


def test_full_colour_is_the_value_that_the_legend_names() -> None:
    assert strongest(np.array([[9.0, 0.5], [2.0, 7.0]])) == 2  # a word's own influence does not hide the others'


@pytest.mark.parametrize("size", [2, 3])
def test_a_cloud_is_in_units_of_its_spread_and_says_how_much_it_holds(size: int) -> None:
    one = cloud(3, size=size)
    assert np.allclose((one.points**2).sum(-1).mean(-1), 1)
    assert all(f"{70 if size == 2 else 80} % of the spread" in title for title in one.titles)
    assert len(one.lines()) == 3 * 12
    assert {len(line) for line in one.lines()} == {len(one.header())}


def test_lines_tell_every_value_and_leave_gaps_open() -> None:
    lines = Lines(
        np.array([0.0, 10]), shaded(["a|b", "c"], [np.array([1, np.nan]), np.array([0.5, 2e-7])]), "T", "x", "y"
    )
    assert lines.header() == ["x", "a|b", "c"]
    assert lines.rows() == [["0", 1.0, 0.5], ["10", "", 2e-7]]
    assert "a|b" not in lines.table(plain)


def test_rare_answers_share_a_colour() -> None:
    labels = np.repeat(np.arange(9), np.arange(9, 0, -1))
    groups = grouped(labels, [f"class {i}" for i in range(9)])
    assert [group.name for group in groups] == [f"class {i}" for i in range(len(COLOURS))] + ["others"]
    assert (sum(group.members.astype(int) for group in groups) == 1).all()


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60))
def test_every_place_has_one_shade(values: list[int]) -> None:
    groups = ranked(np.array(values), "word")
    assert (sum(group.members.astype(int) for group in groups) == 1).all()
    assert len({group.colour for group in groups}) == len(groups)


def test_neighbours_of_one_answer_agree() -> None:
    points = np.array([[0.0, 0], [0.1, 0], [5, 5], [5, 5.1]])
    assert agreement(points, np.array([0, 0, 1, 1])) == 1
    assert agreement(points, np.array([0, 1, 0, 1])) == 0
    assert agreement(points[:1], np.array([0])) == 0


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
