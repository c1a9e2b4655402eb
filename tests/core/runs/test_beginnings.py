"""A run of one's own is pretrained, fine-tuned by another run, and looked into: through the worker and the store."""

from __future__ import annotations

from typing import Any

import pytest

from core.fields import SpecError, written
from core.retelling import opened
from core.runs.beginnings import runs_in
from core.runs.foreground import result, run_here
from core.runs.history import history
from core.runs.models import begun, open_model
from core.runs.store import Run, Store
from core.spec import Experiment, from_json
from core.starts import open_start

SMALL = {"direction": "both", "size": "tiny", "places": 16}


def pretrained(store: Store) -> Run:
    train = {"steps": 4, "batch": 8, "held_out": 16, "snapshots": 2}
    return run_here(store, from_json({"data": {"task": "sentences"}, "model": SMALL, "train": train}), "Small")


def plain(start: str, task: str = "sentiment") -> dict[str, Any]:
    train = {"steps": 4, "batch": 8, "held_out": 16, "snapshots": 1}
    return {"data": {"task": task}, "train": train, "tune": {"strategy": "full", "start": start, "labels": 12}}


def test_a_run_is_fine_tuned_and_looked_into(store: Store) -> None:
    before = pretrained(store)
    experiment = from_json(begun(plain(f"run:{before.id}"), store))
    assert written(experiment.model) == written(before.experiment.model)
    run = run_here(store, experiment)
    assert result(store, run)["metrics"]["held_out"]["loss"] > 0
    assert history(store, run.id).compared
    model, eye = open_model(store, run.id)
    assert model == experiment
    assert eye.source.words == before.experiment.data.settings.words
    picture = eye.look("the lovely sailor spots a boat .", "attention")
    assert picture.tokens[0] == "[CLS]"
    assert any(array.shape[-1] == len(picture.tokens) for array in picture.arrays.values())


def test_a_moment_of_a_run_is_a_start_too(store: Store) -> None:
    before = pretrained(store)
    for step in store.snapshots(before.id):
        start = open_start(f"run:{before.id}@{step}", runs_in(store))
        assert (start.title, start.weights) == ("Small", store.snapshot(before.id, step))
    with pytest.raises(SpecError, match="no weights of that step"):
        open_start(f"run:{before.id}@3", runs_in(store))


def test_a_start_that_was_deleted_is_told_with_what_works(store: Store) -> None:
    before = pretrained(store)
    experiment: Experiment = from_json(begun(plain(f"run:{before.id}"), store))
    store.delete(before.id, before.owner)
    with pytest.raises(SpecError, match="isn’t there") as caught:
        opened(experiment, runs_in(store))
    again = begun(plain("built-in"), store)
    assert caught.value.works == {"tune.start": "built-in"}
    assert opened(from_json(again), runs_in(store))
