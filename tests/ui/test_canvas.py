"""Pictures that the browser draws: what is sent to it, and what comes back from it."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas import bytes as message_of
from ui.canvas.grid import _inside, packed, shades


def unpacked(message: bytes) -> tuple[dict[str, object], np.ndarray]:
    """What ui/canvas/grid.js does."""
    length = int.from_bytes(message[:4], "little")
    about = json.loads(message[4 : 4 + length].decode())
    return about, np.frombuffer(message, np.uint8, offset=4 + length).reshape(about["shape"])


def test_a_message_holds_its_header_and_one_byte_a_weight() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(5), size=(2, 3, 4))
    about, found = unpacked(packed(weights, {"layers": ["→ 1", "← 1 \u2028 </script>"]}))
    assert about == {"layers": ["→ 1", "← 1 \u2028 </script>"], "shape": [2, 3, 4, 5]}
    assert (found == shades(weights)).all()
    assert np.abs((found / 255) ** 2 - weights).max() < 0.01


def test_twelve_by_twelve_heads_of_64_words_are_small() -> None:
    weights = np.full((12, 12, 64, 64), 1 / 64, np.float32)
    assert len(packed(weights, {})) < 600_000


@given(st.floats(0, 1))
def test_only_exact_zeros_are_invisible(weight: float) -> None:
    assert (shades(np.array([weight]))[0] == 0) == (weight == 0)


def test_an_even_spread_over_64_words_can_be_seen() -> None:
    assert shades(np.array([1 / 64]))[0] == 32


@given(st.integers(-5, 50), st.integers(-5, 50), st.integers(1, 12), st.integers(1, 12))
def test_a_choice_from_another_model_falls_inside_this_one(layer: int, head: int, rows: int, heads: int) -> None:
    row, column = _inside((layer, head), rows, heads)
    assert 0 <= row < rows
    assert 0 <= column < heads
    if 0 <= layer < rows and 0 <= head < heads:
        assert (row, column) == (layer, head)


def test_arrays_of_a_message_come_back_and_begin_at_multiples_of_four() -> None:
    arrays = {
        "values": np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3),
        "hidden": np.array([1, 0, 1], np.uint8),
        "group": np.array([[7]], np.int32),
    }
    message = message_of.packed({"title": "“a” \u2028"}, arrays)
    length = int.from_bytes(message[:4], "little")
    about = json.loads(message[4 : 4 + length].decode())
    assert about["title"] == "“a” \u2028"
    at = 4 + length
    for name, kind, count in about["arrays"]:
        found = np.frombuffer(message, {"f": "<f4", "u": "u1", "i": "<i4"}[kind], count, at)
        assert (found == arrays[name].ravel()).all()
        at += -(-found.nbytes // 4) * 4
    assert at == len(message)
