"""From an experiment to a run that trains."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.contract import TextError
from core.fields import SpecError
from core.runs.failures import NoSuchDevice, StoreError
from core.spec import Experiment
from ui import backend, state
from ui.words import tr


def launch(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Write the experiments down as this learner's runs, queue them, and give back their ids.

    All or none: where one is refused (the learner has too many under way, the disk is full, it names a device that
    isn't here), no run is left behind.
    """
    machine = backend.machine()
    try:
        for experiment in experiments:
            machine.check(experiment)
    except SpecError as problem:
        reason = tr("{reason} Choose another device on the Build page.", reason=tr(problem.reason))
        raise NoSuchDevice(reason) from problem
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
