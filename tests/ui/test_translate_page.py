"""The Translate page: its moments in the order of writing, its figure, and its path from the choice to the scores."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.registry import open_source
from core.decoding.trace import Decoded, Round
from core.runs.sight import EXAMPLES
from core.spec import Experiment, SpecError
from ui.charts.alignment import UNWRITTEN, Moment, alignment_figure
from ui.panels.translate_begin import GAMES, USUAL, WRITERS, experiment, pair_of
from ui.panels.translate_play import story

WORDS = ("[pad]", "uno", "dos", "tres", "cuatro")


def decoded(direction: str) -> Decoded:
    looked = tuple(tuple(row) for row in np.eye(4))
    return Decoded((1, 2, 3, 4), -1.0, -1.0, direction, True, (0.9, 0.8, 0.7, 0.6), looked)


@pytest.mark.parametrize(
    ("direction", "order"),
    [("left-to-right", [0, 1, 2, 3]), ("right-to-left", [3, 2, 1, 0]), ("both", [0, 3, 1, 2])],
)
def test_words_appear_in_the_order_of_writing(direction: str, order: list[int]) -> None:
    moments = story([decoded(direction)], WORDS)
    assert len(moments) == 4
    for count, moment in enumerate(moments, 1):
        there = [place for place, word in enumerate(moment.words) if word]
        assert there == sorted(order[:count])
        assert moment.looked is not None
        assert np.flatnonzero(~np.isnan(moment.looked).any(1)).tolist() == there
    assert moments[-1].words == WORDS[1:]


def test_blanks_appear_round_by_round() -> None:
    rounds = [
        Round(0, (1, 1, 3, 3), (0.9, 0.1, 0.8, 0.2), (False, True, False, True)),
        Round(1, (1, 2, 3, 4), (0.9, 0.8, 0.8, 0.7), (False,) * 4),
    ]
    moments = story([*rounds, decoded("both")], WORDS)
    assert [moment.words for moment in moments] == [("uno", "uno", "tres", "tres"), ("uno", "dos", "tres", "cuatro")]
    assert "2 words will be written anew" in moments[0].said


def test_the_alignment_plays_row_by_row_and_ends_with_all() -> None:
    looked = np.array([[0.9, 0.1], [np.nan, np.nan]])
    moments = [
        Moment("word 1", ("<b>gato</b>", ""), (0.9, 0.8), looked),
        Moment("word 2", ("<b>gato</b>", "perro"), (0.9, 0.8), np.array([[0.9, 0.1], [0.2, 0.8]])),
    ]
    figure = alignment_figure(moments, ("the cat", "a dog"), "#0072B2", dark=False)
    assert [frame["name"] for frame in figure["frames"]] == ["0", "1"]
    first, last = figure["frames"][0], figure["data"][0]
    assert first["layout"]["yaxis"]["ticktext"] == ["&lt;b&gt;gato&lt;/b&gt;", UNWRITTEN]
    assert np.isnan(first["data"][0]["z"][1]).all()
    assert not np.isnan(last["z"]).any()


def test_every_language_pair_is_offered_and_every_writer_can_be_built() -> None:
    assert len(GAMES) >= 7
    assert set(USUAL) <= set(WRITERS)
    for task in GAMES:
        source = open_source(GAMES[task]())
        read, truth = pair_of(source, EXAMPLES + 1)
        assert (read, truth) == pair_of(source, 1)
        assert read
        assert truth
    built = {name: experiment("backwards", name, "transformer") for name in WRITERS}
    assert len({one.key() for one in built.values()}) == len(WRITERS)
    assert all(isinstance(one, Experiment) for one in built.values())


@pytest.mark.parametrize("name", ["From both ends", "Fill the blanks", "No mask (it cheats)"])
def test_what_lstms_can_not_do_is_refused_in_words(name: str) -> None:
    with pytest.raises(SpecError) as refused:
        experiment("backwards", name, "lstm")
    assert refused.value.reason.endswith(".")
