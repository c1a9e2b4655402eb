"""Memory of the processes behind a server: unique (USS, what would be freed at its end) and shared, in MB. Linux.

`python -m benchmarks.memory`: the server's side without pages, the warm parent, two training runs, the looking process.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from core.runs.local import Runner
from core.runs.looker import Looker
from core.runs.starter import Starter
from core.runs.store import open_store
from core.spec import Experiment


def memory(process: int) -> tuple[float, float]:
    """(unique, resident) MB of a process."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    kilobytes = {name: int(value.split()[0]) for name, value in told.items()}
    return (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) / 1024, kilobytes["Rss"] / 1024


def main(_: list[str] | None = None) -> None:
    with tempfile.TemporaryDirectory() as home:
        store = open_store(home)
        starter = Starter(store)
        runner, looker = Runner(store, starter), Looker(store, starter)
        assert starter.wait_warm(60)
        assert starter._parent
        rows = {"server's side": os.getpid(), "warm parent": starter._parent.process.pid}
        ids = [
            store.create(Experiment().with_({"model.direction": direction, "train.steps": 200_000}), "benchmark")
            for direction in ("left-to-right", "both")
        ]
        for run_id in ids:
            runner.submit(run_id)
        while min(store.existing(run_id).step for run_id in ids) < 300:
            time.sleep(0.05)
        for number, run_id in enumerate(ids):
            rows[f"training run {number + 1}"] = int(store.existing(run_id).holder.split()[1])
        for what in ("attention", "states", "influence"):
            looker.look(ids[1], store.snapshots(ids[1])[-1], "", what)
        assert looker._sight
        rows["looking process"] = looker._sight.job.pid
        total = 0.0
        for name, process in rows.items():
            unique, resident = memory(process)
            total += unique
            print(f"{name:<16} unique {unique:6.1f}   resident {resident:6.1f}")
        shared = memory(rows["warm parent"])
        print(f"{'all of them':<16} unique {total:6.1f}   with what they share {total + shared[1] - shared[0]:6.1f}")
        for run_id in ids:
            store.delete(run_id, "benchmark")
        looker.close()
        starter.close()


if __name__ == "__main__":
    main()
