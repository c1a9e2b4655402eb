"""Runs whose weights others begin from."""

from __future__ import annotations

from core.runs.failures import StoreError
from core.runs.store import Store
from core.starts import Kept, Runs


def runs_in(store: Store) -> Runs:
    """What finds a run of this store and its weights, for `core.starts.open_start`."""

    def find(run_id: str, step: int | None) -> Kept | None:
        run, steps = store.run(run_id), store.snapshots(run_id)
        if run is None or not steps:
            return None
        try:
            return Kept(run.title, run.experiment, store.snapshot(run_id, steps[-1] if step is None else step))
        except StoreError:  # that moment wasn't kept
            return None

    return find
