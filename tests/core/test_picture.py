"""The difference of two pictures is the difference of their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from core.picture import Picture, difference


def picture(words: tuple[str, ...] = ("a", "b"), heads: int = 2, **arrays: np.ndarray) -> Picture:
    numbers = {"entropy": np.arange(heads, dtype=np.float32), "kind": np.zeros(2, np.int32), **arrays}
    return Picture(words, numbers, dict.fromkeys(numbers, ("H",)), {"step": heads})


def test_what_both_have_is_subtracted_and_the_rest_is_named() -> None:
    before, after = picture(only=np.ones(1)), picture(entropy=np.array([2.0, 2.0], np.float32))
    change = difference(before, after)
    assert change.arrays.keys() == {"entropy"} == change.axes.keys()
    assert change.arrays["entropy"].tolist() == [2, 1]
    assert change.notes["not compared"] == ["kind", "only"]
    assert difference(before, picture(heads=3)).notes["not compared"] == ["entropy", "kind", "only"]


def test_two_sentences_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same sentence"):
        difference(picture(), picture(("a", "c")))
