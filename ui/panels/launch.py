"""From an experiment to a run that trains."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from ui import backend, state


def launch(experiments: Sequence[Experiment], titles: Sequence[str] = ()) -> tuple[str, ...]:
    """Write the experiments down as this learner's runs, queue them, and give back their ids."""
    store, runner = backend.store(), backend.runner()
    ids = tuple(
        store.create(experiment, owner=state.owner(), title=titles[index] if index < len(titles) else "")
        for index, experiment in enumerate(experiments)
    )
    for run_id in ids:
        runner.submit(run_id)
    return ids
