"""From a click to the first step: submit a run, wait until its first step is in the store. Warm parent and cold start.

`python -m benchmarks.first_step [--warm 20] [--cold 5]`
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator

from core.runs.history import history
from core.runs.local import Runner
from core.runs.starter import Starter
from core.runs.store import Store, open_store
from core.spec import Experiment


def first_steps(store: Store, runner: Runner, count: int) -> Iterator[float]:
    """Seconds from submit to the first step that a page could show, for `count` runs one after another."""
    for number in range(count):
        direction = ("left-to-right", "both")[number % 2]
        run_id = store.create(Experiment().with_({"model.direction": direction}), "benchmark")
        began = time.perf_counter()
        runner.submit(run_id)
        while not history(store, run_id).steps:
            time.sleep(0.002)
        yield time.perf_counter() - began
        runner.cancel(run_id, owner="benchmark")
        while store.existing(run_id).under_way:
            time.sleep(0.01)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm", type=int, default=20)
    parser.add_argument("--cold", type=int, default=5)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        store = open_store(home)
        starter = Starter(store)
        runner = Runner(store, starter)
        began = time.perf_counter()
        print(f"warm parent ready: {starter.wait_warm(60)}, after {time.perf_counter() - began:.2f} s")
        for kind, count in (("warm", given.warm), ("cold", given.cold)):
            os.environ["BOTHWAYS_COLD"] = "1" if kind == "cold" else "0"
            took = list(first_steps(store, runner, count))
            told = f"min {min(took):.3f}  median {statistics.median(took):.3f}  max {max(took):.3f}"
            print(f"{kind}: submit to first step, seconds over {count} runs: {told}")
        starter.close()


if __name__ == "__main__":
    main()
