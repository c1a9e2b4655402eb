"""An LSTM's inside obeys its own equations, and spans find the cells and the places that they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.looking.attention import NothingToSee
from core.looking.cells import cells
from core.looking.firing import firing, matches
from tests.core.looking.models import GAME, KINDS, SIZES, name_of, small, some_tokens

LSTMS = [kind for kind in KINDS if kind["family"] == "lstm"][:5]


@pytest.mark.parametrize("kind", LSTMS, ids=name_of)
def test_every_word_obeys_the_equations(kind: dict[str, Any]) -> None:
    """c_t = f·c_{t−1} + i·g and h_t = o·tanh c_t, each way in its own order (Hochreiter & Schmidhuber 1997)."""
    picture = cells(small(kind), GAME, some_tokens(), {})
    layers = picture.notes["layers"]
    assert len(layers) == SIZES["layers"] * (2 if kind["direction"] == "both" else 1)
    for number, name in enumerate(layers):
        i, f, g, o, c, h = (
            picture.arrays[one][number] for one in ("input", "forget", "write", "output", "cell", "state")
        )
        back = "right-to-left" in name or kind["direction"] == "right-to-left"
        before = np.zeros_like(c)
        if back:
            before[:-1] = c[1:]
        else:
            before[1:] = c[:-1]
        assert np.allclose(c, f * before + i * g, atol=1e-6)
        assert np.allclose(h, o * np.tanh(c), atol=1e-6)


def test_firing_cells_reach_the_threshold_throughout() -> None:
    states = np.array([[0.9, 0.1, 0.9], [0.5, 0.5, 0.2], [0.6, 0.7, 0.9], [0.0, 0.6, 0.0]])
    assert firing(states, 1, 2, 0.5).tolist() == [0, 1]
    assert firing(states, 1, 1, 0.2, alone=True).tolist() == []
    assert firing(states, 1, 2, 0.5, alone=True).tolist() == []  # 0 fires before the span, 1 after it
    assert firing(states, 0, 0, 0.9, alone=True).tolist() == [0, 2]


def test_runs_where_most_of_the_cells_fire_are_found_best_first() -> None:
    states = np.zeros((3, 6, 5))
    states[0, 1:3, :4] = 1  # four of four, two words
    states[1, 0:5, :3] = 1  # three of four, five words
    states[1, 5, :2] = 1  # two of four: too few
    states[2, 4:, :4] = 1  # would match, but is padding
    real = np.ones((3, 6), bool)
    real[2, 4:] = False
    found = matches(states, real, np.arange(4), 0.5, 2)
    assert [(one.row, one.first, one.last, one.share) for one in found] == [(0, 1, 2, 1.0), (1, 0, 4, 0.75)]
    assert matches(states, real, np.arange(0), 0.5, 2) == []


def test_every_match_of_a_span_fires_as_it_says() -> None:
    model = small(LSTMS[0])
    tokens = GAME.held_out(300).tokens
    picture = cells(model, GAME, tokens[7], {}, span=[2, 3], threshold=0.02)
    state = picture.arrays["state"][-1]
    chosen = picture.notes["cells"]
    assert chosen == np.flatnonzero((state[2:4] >= 0.02).all(0)).tolist() != []
    assert picture.notes["matches"]
    for one in picture.notes["matches"]:
        there = cells(model, GAME, tokens[one["row"]], {}).arrays["state"][-1]
        on = (there[one["first"] : one["last"] + 1, chosen] >= 0.02).mean(-1)
        assert one["share"] == pytest.approx(on.min())
        words = [GAME.words[token] for token in tokens[one["row"]]]
        assert one["sentence"] == " ".join(words)
        assert one["words"] == " ".join(words[one["first"] : one["last"] + 1])


@pytest.mark.parametrize("options", [{"span": [5, 2]}, {"span": [0, 7]}, {"layer": 9}])
def test_a_span_or_layer_that_is_not_there_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(NothingToSee, match=r"span|layer"):
        cells(small(LSTMS[0]), GAME, some_tokens(), {}, **options)
