"""Which ceiling binds which model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.data.contract import Ceilings
from core.data.tasks.cloze import Cloze
from core.limits import binding, ceiling_of, floor_of
from core.spec import JOINS, Experiment, ModelSpec, from_json

CEILINGS = Ceilings(left=0.6, right=0.7, both=0.99, additive=0.8, tied=0.5, unordered=0.55)
BOTH: dict[str, Any] = {"direction": "both"}


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ({"direction": "left-to-right"}, 0.6),
        ({"direction": "right-to-left", "positions": "none"}, 0.7),
        (BOTH, 0.99),
        (BOTH | {"positions": "none"}, 0.55),
        (BOTH | {"family": "lstm", "positions": "none"}, 0.99),
        *[(BOTH | {"join": join}, 0.8) for join in ("concat", "sum", "mean", "scalar")],
        *[(BOTH | {"join": join}, 0.99) for join in ("product", "max", "gated", "learned")],
        (BOTH | {"join": "sum", "read_out": "mlp"}, 0.99),
        (BOTH | {"join": "max", "positions": "none"}, 0.99),
        (BOTH | {"join": "max", "tied": True}, 0.99),  # positions tell the sides apart
        (BOTH | {"join": "sum", "tied": True, "positions": "none"}, 0.5),
        (BOTH | {"join": "product", "tied": True, "family": "lstm"}, 0.5),
        (BOTH | {"join": "concat", "tied": True, "family": "lstm"}, 0.8),
        (BOTH | {"join": "gated", "tied": True, "family": "lstm"}, 0.99),
        (BOTH | {"positions": "alibi"}, 0.5),  # it knows how far, not on which side
        (BOTH | {"join": "sum", "tied": True, "positions": "alibi"}, 0.5),
        (BOTH | {"join": "sum", "tied": True, "positions": "rotary"}, 0.8),
        (BOTH | {"positions": "rotary"}, 0.99),
        ({"direction": "left-to-right", "positions": "alibi"}, 0.6),
    ],
    ids=str,
)
def test_the_tightest_ceiling_binds(model: dict[str, Any], limit: float) -> None:
    assert binding(ModelSpec(**model), CEILINGS) == limit


@pytest.mark.parametrize("join", JOINS)
def test_where_nothing_tighter_is_known_both_binds(join: str) -> None:
    assert binding(ModelSpec(direction="both", join=join), Ceilings(0.6, 0.7, 0.99)) == 0.99


def test_ceilings_follow_the_games_parameters() -> None:
    assert ceiling_of(Experiment()) == pytest.approx(0.6)
    assert ceiling_of(Experiment().with_({"data.p": 0.5})) == pytest.approx(0.75)
    assert ceiling_of(Experiment().with_({"data.task": "text"})) is None


def test_no_reader_of_the_chain_loses_less_than_the_floor() -> None:
    game = Cloze()
    floors, three = game.floors(), game.joint()
    assert abs(floors.left - 1.491) < 5e-4  # SCIENCE §1.1
    assert abs(floors.right - 1.491) < 5e-4
    assert 0 < floors.both < floors.left
    best = three / three.sum(1, keepdims=True)  # P(blank | before, after)
    assert abs(-(three * np.log(best)).sum() - floors.both) < 1e-9
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = best * rng.uniform(0.5, 2, best.shape)
        other /= other.sum(1, keepdims=True)
        assert -(three * np.log(other)).sum() > floors.both


def test_the_floor_follows_the_direction_and_is_known_for_the_chain_alone() -> None:
    one_way = from_json({"data": {"task": "cloze"}})
    assert floor_of(one_way) == Cloze().floors().left
    assert floor_of(one_way.with_({"model.direction": "both"})) == Cloze().floors().both
    assert floor_of(from_json({"data": {"task": "sense"}})) is None
    assert floor_of(from_json({"data": {"task": "text"}})) is None
