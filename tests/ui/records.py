"""Runs as a worker would have written them, without training: for tests of what pages make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.events import Evaluated, Finished, Progress, Started
from core.runs.store import Store
from core.spec import from_json

OWNER, STRANGER = "a" * 32, "b" * 32


@dataclass(frozen=True)
class Score:
    """What was measured at the end, accuracies in 0…1."""

    accuracy: float
    sentences: int = 2000


def write_run(
    store: Store,
    direction: str = "left-to-right",
    score: Score | None = Score(0.595),
    status: str = "finished",
    owner: str = OWNER,
    title: str = "",
    **changes: Any,
) -> str:
    """A run of 100 steps, evaluated every 10, with a constant loss; its id. `score` None: nothing happened yet."""
    plain = {"data": {"task": "sense", "p": 0.8}, "model": {"direction": direction}, "train": {"steps": 100}}
    run_id = store.create(from_json(plain).with_(changes), owner=owner, title=title)
    if score is not None:
        store.append(run_id, [one.to_json() for one in events(score)])
    store.set_status(run_id, status)
    return run_id


def events(score: Score) -> list[Any]:
    told: list[Any] = [Started(0, 100, 71_042, "cpu", "float32", 1, 768)]
    for step in range(10, 101, 10):
        ten = [0.5] * 10
        told.append(Progress(step, ten, [0.55] * 10, [1.0] * 10, [0.003] * 10, step / 50, 38_400.0, (100 - step) / 50))
        point = {"loss": 0.5, "accuracy": score.accuracy, "n": score.sentences}
        told.append(Evaluated(step, {**point, "n": 500}, point))
    return [*told, Finished(100, "done", 2.0, 38_400.0, {"train": point, "held_out": point})]
