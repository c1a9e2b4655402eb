"""From an experiment to a run that trains."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.contract import TextError
from core.runs.failures import StoreError
from core.spec import Experiment
from ui import backend, state


def launch(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Write the experiments down as this learner's runs, queue them, and give back their ids.

    All or none: where one is refused (the learner has too many under way, the disk is full), no run is left behind.
    """
    store, runner, owner = backend.store(), backend.runner(), state.owner()
    ids: list[str] = []
    try:
        for experiment in experiments:
            ids.append(store.create(experiment, owner=owner))  # noqa: PERF401 (those made before a refusal are needed)
        for run_id in ids:
            runner.submit(run_id)
    except (StoreError, TextError):
        for run_id in ids:
            store.delete(run_id, owner)
        raise
    return tuple(ids)
