"""Encoder–decoders on the pages: Build offers every way of writing and draws what it may see; Look shows alignments."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.writing import in_sight
from core.parts.model import WRITINGS
from core.picture import Picture
from tests.ui.test_build import choose, labelled, page
from ui.charts.writing import TITLES, writing_option
from ui.panels.look_pair import AXES, PARTS, SAID, pair_matrix
from ui.panels.samples import translation_rows

pytestmark = pytest.mark.usefixtures("store")
WAYS = ("left-to-right", "right-to-left", *WRITINGS)


def test_pairs_of_sentences_bring_an_encoder_and_a_decoder_and_games_take_them_away() -> None:
    at = choose(page(), "Data", "backwards", "selectbox")
    assert labelled(at, "button_group", "Family").value == "encoder-decoder"
    assert not at.error
    for cells in ("lstm", "transformer"):
        at = choose(at, "Built of", cells)
        assert not at.error
    at = choose(at, "Direction", "both")
    for way in WRITINGS:
        at = choose(at, "How it writes both ways", way, "selectbox")
        assert bool(at.warning) == (way == "unmasked")
        assert not at.error
    at = choose(at, "Data", "sense", "selectbox")
    assert labelled(at, "button_group", "Family").value == "transformer"
    assert not at.error


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", [1, 2, 5, 6])
def test_what_is_in_sight_is_never_the_word_itself_but_for_the_cheat(way: str, words: int) -> None:
    masks = in_sight(way, words)
    assert set(masks) <= set(TITLES)
    for mask in masks.values():
        assert mask.shape == (words, words)
        assert mask.diagonal().any() == (way == "unmasked")


def test_from_both_ends_each_step_sees_what_both_have_written_by_then() -> None:
    (mask,) = in_sight("synchronous", 5).values()
    assert [np.flatnonzero(row).tolist() for row in mask] == [[], [0, 4], [0, 1, 3, 4], [0, 4], []]


def test_the_picture_says_for_every_cell_what_it_is() -> None:
    (mask,) = in_sight("left-to-right", 2).values()
    option = writing_option(mask, ["cat", "dog"], ["perro", "gato"], "left-to-right")
    cells = {tuple(cell["value"][:2]): cell for cell in option["series"][0]["data"]}
    assert len(cells) == 2 * 4
    assert cells[0, 1]["name"] == "writing “gato”, “cat”: read in the source"
    assert cells[2, 1]["name"] == "writing “gato”, “perro”: before it"
    assert cells[3, 1]["value"][2] == 0


def test_an_alignment_need_not_be_square() -> None:
    weights = np.array([[0.9, 0.1, 0.0], [0.0, 0.2, 0.8]])
    matrix = pair_matrix(weights, ["a", "a"], ["x", "y", "<b>"], "cross", "Decoder 1")
    assert matrix.rows == ("a 1", "a 2")
    assert matrix.columns == ("x 1", "y 2", "<b> 3")
    assert matrix.lines() == [["a 1", 0.9, 0.1, 0.0], ["a 2", 0.0, 0.2, 0.8]]
    assert not matrix.square
    assert set(PARTS) == set(AXES) == set(SAID)
    assert Picture((), {}, {}).notes == {}


def test_samples_of_a_translator_show_source_moments_and_truth() -> None:
    sample = {
        "step": 5,
        "given": ["cat", "dog"],
        "truth": ["perro", "gato"],
        "written": ["perro"],
        "probabilities": [0.9],
    }
    rows = translation_rows([sample, {**sample, "step": 9, "written": [], "probabilities": []}])
    assert [row.label for row in rows] == ["source", "after step 5", "after step 9", "a true translation"]
    assert [word.mark for word in rows[1].words] == ["right"]
    assert rows[2].words[0].text == "(nothing)"
