"""What a decoder is given and asked for, in every way of writing."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.contract import IGNORE
from core.data.pairs.pair_game import pair_batch
from core.data.writing import halves, taught
from core.text import END, MASK, PAD, START

TARGETS = [[5, 6, 7, 8, 9], [5, 6], [7]]
PAIRS = pair_batch([[5], [6, 7], [8]], TARGETS)


def draw(writes: str) -> tuple[np.ndarray, np.ndarray]:
    framed = taught(PAIRS, writes, np.random.default_rng(0))
    return framed.tokens, framed.labels


def asked(labels: np.ndarray) -> list[list[int]]:
    return [[int(one) for one in row if one != IGNORE] for row in labels]


@pytest.mark.parametrize("writes", ["left-to-right", "unmasked", "right-to-left"])
def test_each_true_word_is_asked_from_the_true_words_before_it(writes: str) -> None:
    tokens, labels = draw(writes)
    step = -1 if writes == "right-to-left" else 1
    assert asked(labels) == [[*row[::step], END] for row in TARGETS]
    assert (tokens[:, 0] == START).all()
    given = [[int(one) for one in row[1:] if one not in (PAD, END)] for row in tokens]
    assert given == [row[::step] for row in TARGETS]


def test_two_decoders_stand_side_by_side() -> None:
    tokens, labels = draw("agreement")
    for part in (0, 1):
        alone = draw(("left-to-right", "right-to-left")[part])
        np.testing.assert_array_equal(np.split(tokens, 2, 1)[part], alone[0])
        np.testing.assert_array_equal(np.split(labels, 2, 1)[part], alone[1])


def test_halves_meet_and_neither_is_given_what_the_other_is_asked_for() -> None:
    tokens, labels = draw("synchronous")
    first, last = (asked(half) for half in np.split(labels, 2, 1))
    assert [one[:-1] + other[:-1][::-1] for one, other in zip(first, last, strict=True)] == TARGETS
    assert all(row[-1] == END for row in (*first, *last))
    given = np.split(tokens, 2, 1)
    for row in range(len(TARGETS)):
        assert not set(given[0][row]) & set(last[row][:-1]) - {END}
        assert not set(given[1][row]) & set(first[row][:-1]) - {END}
    assert PAIRS.lengths is not None
    assert [len(one) for one in first] == [4, 2, 2]
    assert halves(PAIRS.tokens, PAIRS.lengths)[1][1].tolist() == [3, 2, 1]


def test_blanks_are_words_and_each_number_of_them_is_as_likely() -> None:
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(3000):
        framed = taught(PAIRS, "mask-predict", rng)
        blank = framed.tokens == MASK
        assert ((framed.labels != IGNORE) == blank).all()
        np.testing.assert_array_equal(np.where(blank, framed.labels, framed.tokens), PAIRS.tokens)
        assert (framed.labels != END).all()
        counts.append(blank.sum(1))
    shares = np.bincount(np.array(counts)[:, 0], minlength=6) / len(counts)
    np.testing.assert_allclose(shares[1:], 1 / 5, atol=0.04)
    assert (np.array(counts)[:, 2] == 1).all()
