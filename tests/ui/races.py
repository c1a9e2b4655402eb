"""Races as their workers would have written them, without training: for tests of what the page makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.events import Compared, Evaluated, Finished, Progress, Started
from core.runs.race_store import keep_race
from core.runs.races import Cell, Entry, RaceSpec, advance, cells, race
from core.runs.store import Store
from core.spec import from_json
from tests.ui.records import OWNER

STEPS = 40
BASE = {
    "data": {"task": "transfer", "question": "xor"},
    "tune": {"strategy": "full", "labels": 64},
    "train": {"steps": STEPS},
}
LAYERS = ["embedding", "layer 1", "layer 2", "layer 3", "top", "head"]


def write_race(store: Store, scores: Mapping[str, Sequence[float]], owner: str = OWNER, ended: bool = True) -> str:
    """A race without a sweep: each strategy scored these (0…1), a seed each. `ended` False: nothing has begun."""
    seeds = len(next(iter(scores.values())))
    spec = RaceSpec(from_json(BASE), tuple(Entry(name) for name in scores), seeds, ())
    race_id = keep_race(store, spec, owner, "")
    advance(store, race_id)
    if ended:
        for cell in cells(store, race(store, race_id)):
            store.append(cell.id, [one.to_json() for one in events(cell, scores[cell.entry.strategy][cell.seed])])
            store.set_status(cell.id, "finished")
        advance(store, race_id)
    return race_id


def events(cell: Cell, score: float) -> list[Any]:
    """What a worker tells of a run that ends with this score, having forgotten 0.1 nats."""
    known = {"start": {"task": 0.5, "rank": 9.0}, "tuned": {"task": score, "rank": 5.0}}
    if cell.entry.strategy == "alignment":
        known["partner"] = {"task": 0.8, "rank": 7.0, "cka": 0.9, "near": 0.8}
    moved = dict.fromkeys(LAYERS, 0.2)
    told: list[Any] = [Started(0, STEPS, 119_042, "cpu", "float32", 1, 400), evaluated(cell, 0, 0.5, 1.7)]
    told.append(Progress(STEPS, [0.5] * STEPS, [0.6] * STEPS, [1.0] * STEPS, [1e-3] * STEPS, 2.0, 9000.0, 0.0))
    told += [evaluated(cell, STEPS, score, 1.8), Compared(STEPS, moved, ["embedding", "joined"], [1.0, 0.4], known)]
    last = told[-2]
    return [*told, Finished(STEPS, "done", 2.0, 9000.0, {"train": last.train, "held_out": last.held_out})]


def evaluated(cell: Cell, step: int, score: float, old: float) -> Evaluated:
    point = {"loss": 0.4, "accuracy": score, "n": 2000}
    more = {"shifted": {**point, "accuracy": score - 0.02}, "validation": point}
    if cell.entry.strategy != "scratch":
        more["pretraining"] = {"loss": old, "accuracy": 0.4, "floor": 1.6, "n": 1000}
    if cell.entry.strategy == "alignment":
        more["partner"] = {"loss": old + 0.1, "accuracy": 0.4, "n": 1000}
    return Evaluated(step, point, point, more)
