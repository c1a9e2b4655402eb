import subprocess
import sys

import numpy as np
import pytest

from core.models.direction import padding, visible, visible_prefix


def test_masks_of_three_words() -> None:
    assert visible("left-to-right", 3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert visible("right-to-left", 3).tolist() == [[True, True, True], [False, True, True], [False, False, True]]
    assert visible("both", 3).all()


@pytest.mark.parametrize("length", [1, 2, 9])
def test_the_two_directions_mirror_each_other_and_meet_at_the_word_itself(length: int) -> None:
    left, right = visible("left-to-right", length), visible("right-to-left", length)
    assert (left == right.T).all()
    assert (left == right[::-1, ::-1]).all()
    assert ((left & right) == np.eye(length, dtype=bool)).all()
    assert (left | right).all()


@pytest.mark.parametrize("prefix", [0, 1, 3, 5])
def test_a_prefix_is_seen_by_all_and_the_rest_reads_left_to_right(prefix: int) -> None:
    mask = visible_prefix(5, prefix)
    assert mask[:, :prefix].all()
    assert (mask[:, prefix:] == visible("left-to-right", 5)[:, prefix:]).all()


def test_padding_hides_what_is_behind_each_sentence() -> None:
    mask = padding(np.array([1, 3]), 3)
    assert mask.tolist() == [[[True, False, False]], [[True, True, True]]]
    assert (mask & visible("both", 3)).shape == (2, 3, 3)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="sideways"):
        visible("sideways", 3)


def test_masks_need_no_torch() -> None:
    code = "import sys, core.models.direction; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
