"""Snapshots as a worker would have kept them, of models that were never trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.checkpoints import TrainingState, copy_weights
from core.data.registry import open_source
from core.models.build import build_network
from core.runs.store import Store


def keep_snapshots(store: Store, run_id: str, steps: Iterable[int]) -> None:
    """One snapshot for each step, each with weights of its own."""
    experiment = store.existing(run_id).experiment
    source = open_source(experiment.data.settings, store.read_text)
    words, classes, read = len(source.words), len(source.classes), len(getattr(source, "source_words", ()))
    for step in steps:
        model = build_network(replace(experiment, train=replace(experiment.train, seed=step)), words, classes, read)
        path = store.snapshot_path(run_id, step)
        path.parent.mkdir(parents=True, exist_ok=True)
        TrainingState(experiment, words, classes, step, copy_weights(model), read).save(path)
