"""Span corruption: what is cut out and what is left make up the text again, in the shares that are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.contract import TextError
from core.data.spans import Spans, cut_out, open_spans
from core.fields import SpecError
from core.text import END

BUILT_IN = open_spans(Spans())


def whole(left: list[int], written: list[int], mark: int, pieces: int) -> list[int]:
    """The text, with every mark replaced by its piece."""
    found: dict[int, list[int]] = {}
    for token in written:
        if mark <= token < mark + pieces:
            found[last := token] = []
        else:
            found[last].append(token)
    return [token for one in left for token in found.get(one, [one])]


@pytest.mark.parametrize(("cut", "pieces"), [(1, 1), (5, 2), (9, 3), (7, 7)])
def test_pieces_and_what_is_left_make_up_the_text(cut: int, pieces: int) -> None:
    rng, row, mark = np.random.default_rng(0), np.arange(100, 120), 1000
    for _ in range(50):
        left, written = cut_out(row, cut, pieces, mark, rng)
        assert whole(left, written, mark, pieces) == row.tolist()
        assert len(left) == len(row) - cut + pieces
        assert len(written) == cut + pieces
        assert left[0] < mark  # something is left before each piece
        assert [one for one in left if one >= mark] == [one for one in written if one >= mark]


def test_every_place_is_cut_about_as_often() -> None:
    rng, row = np.random.default_rng(1), np.arange(30)
    gone = np.zeros(30)
    for _ in range(4000):
        gone[[one for one in cut_out(row, 6, 2, 99, rng)[1] if one < 99]] += 1
    assert gone[0] == 0
    assert gone[3:].std() < 0.35 * gone[3:].mean()


def test_batches_have_the_shares_that_are_asked_for() -> None:
    settings = BUILT_IN.settings
    batch = BUILT_IN.sample(np.random.default_rng(0), 7)
    assert batch.source is not None
    assert batch.source.shape == (7, settings.source_length)
    assert batch.tokens.shape == (7, settings.length)
    assert (batch.tokens[:, -1] == END).all()
    assert (batch.tokens[:, 0] == BUILT_IN.first_mark).all()
    again = BUILT_IN.held_out(5)
    assert (again.tokens == BUILT_IN.held_out(5).tokens).all()


def test_a_sentence_with_blanks_gets_the_marks_in_order() -> None:
    ids = BUILT_IN.encode("the ____ near the ____ .")
    assert [BUILT_IN.words[one] for one in ids] == ["the", "‹1›", "near", "the", "‹2›", "."]
    for text, words in (
        ("the cook", "Write ____"),
        ("____ " * 5, "2 blanks at most"),
        ("the " * 40 + "____", "Shorten"),
    ):
        with pytest.raises(TextError, match=words):
            BUILT_IN.encode(text)


def test_pieces_need_room_between_them() -> None:
    with pytest.raises(SpecError) as refused:
        Spans(window=8, rate=0.6, span=1.0)
    assert Spans(**{name.removeprefix("data."): value for name, value in refused.value.works.items()}, window=8)
