"""How fast runs went on this machine: what an estimate of the next one's time rests on.

Finished runs tell best. Before there are any, the warm parent's first steps do.
"""

from __future__ import annotations

from core.pace import Measured
from core.runs.machine import read_machine
from core.runs.store import Store

LATEST = 24  # runs that are asked


def measured(store: Store) -> list[Measured]:
    """What went on this machine, and its tokens per second: finished runs of anyone, newest first; else first steps."""
    finished = [
        Measured(experiment, first["parameters"], last["tokens_per_second"], first["device"])
        for experiment, first, last in store.finished(LATEST)
        if (first["kind"], last["kind"]) == ("started", "finished")
    ]
    return finished or list(read_machine(store.home).timed)
