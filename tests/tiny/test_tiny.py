"""The product in miniature: choose, train to a ceiling, see the other way pass it, look inside. Seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.limits import ceiling_of
from core.looking.look import look
from core.models.build import build
from core.runs.history import history
from core.runs.store import Store
from core.runs.worker import carry_out
from core.spec import Experiment, from_json

SMALL = {"model": {"family": "lstm", "size": "tiny"}, "train": {"steps": 150, "learning_rate": 0.01, "held_out": 4000}}


def trained(store: Store, direction: str) -> tuple[Experiment, dict[str, Any], str]:
    """Carry out one small experiment through the store, as a worker does."""
    experiment = from_json({**SMALL, "data": {"task": "sense", "p": 0.8}}).with_(
        {"model.direction": direction, "model.join": "concat"}
    )
    run_id = store.create(experiment, owner="miniature")
    carry_out(store, run_id)
    finished = history(store, run_id).finished
    assert finished is not None
    return experiment, finished["metrics"], run_id


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(Path(tmp_path_factory.mktemp("home")))


def test_one_way_stops_at_its_ceiling_and_both_ways_pass_it(store: Store) -> None:
    one_way, metrics_one, run_id = trained(store, "left-to-right")
    both, metrics_both, _ = trained(store, "both")
    ceiling = ceiling_of(one_way)
    assert ceiling is not None
    assert abs(ceiling - 0.6) < 1e-12
    assert abs(metrics_one["held_out"]["accuracy"] - ceiling) < 3 * (0.24 / 4000) ** 0.5 + 0.02
    assert metrics_both["held_out"]["accuracy"] > 0.95
    assert ceiling_of(both) == 1.0

    source = one_way.data.settings
    tokens = source.held_out(1).tokens[0]
    picture = look(build(one_way, len(source.words), len(source.classes)), source, tokens, "influence")
    seen = picture.arrays["influence"]
    assert all(seen[t, s] == 0 for t in range(len(tokens)) for s in range(t + 1, len(tokens)))
    assert all(seen[t, t] > 0 for t in range(len(tokens)))
    assert len(store.snapshots(run_id)) >= 2
