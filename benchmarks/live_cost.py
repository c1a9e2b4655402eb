"""What being watched costs a run: the same training bare, stored, and stored while a page reads it.

bare: the loop alone. stored: as a worker and the terminal carry it out, writing to the store and hearing signals.
watched: stored, while another process reads like a page with this run on it: status, place, history, four times a
second. Rounds are interleaved, each in a fresh process; ratios of medians hold on a busy machine, wall times don't.
Processor time per step is what the run itself pays; the reader's own is on another core.

`python -m benchmarks.live_cost [--rounds 5] [--steps 600]`
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from core.events import Event, Finished, Progress
from core.runs.store import open_store
from core.spec import Experiment

WARM_UP = 50  # steps that are not counted
READS_PER_SECOND = 4
KINDS = ("bare", "stored", "watched")


def experiment(steps: int) -> Experiment:
    """The start page's two-way model, tested once only: a test costs the same for all."""
    return Experiment().with_({"model.direction": "both", "train.steps": steps, "train.evaluate_every": steps})


class Stopwatch:
    """Seconds and processor seconds per step between WARM_UP and the end of training."""

    def __init__(self) -> None:
        self.marks: list[tuple[int, float, float]] = []

    def watch(self, event: Event) -> None:
        if isinstance(event, Progress) and event.step >= WARM_UP:
            self.marks.append((event.step, time.perf_counter(), time.process_time()))

    def per_step(self) -> tuple[float, float]:
        (first, *began), (last, *ended) = self.marks[0], self.marks[-1]
        wall, work = ((b - a) / (last - first) for a, b in zip(began, ended, strict=True))
        return wall, work


def train_once(kind: str, home: str, run_id: str) -> None:
    """In a process of its own: carry out the run and print what a step took."""
    from core.runs.worker import carry_out
    from core.training import train

    store, clock = open_store(home), Stopwatch()
    run = store.existing(run_id)
    if kind == "bare":
        from core.runs.bounds import keep_to_one_thread

        keep_to_one_thread()
        for event in train(run.experiment, run.experiment.data.settings):
            clock.watch(event)
            if isinstance(event, Finished):
                break
    else:
        carry_out(store, run_id, clock.watch)
    print(json.dumps(clock.per_step()))


def read_forever(home: str, run_id: str) -> None:
    """In a process of its own: read like a page, and turn what is read into what a browser is sent."""
    from core.runs.history import history
    from core.runs.local import Runner

    os.environ["BOTHWAYS_COLD"] = "1"  # it starts nothing, so it needs no warm parent
    store = open_store(home)
    runner = Runner(store)
    while True:
        store.existing(run_id)
        runner.place(run_id)
        json.dumps(asdict(history(store, run_id)))
        time.sleep(1 / READS_PER_SECOND)


def child(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.live_cost", *arguments]


@contextmanager
def reader(home: str, run_id: str) -> Iterator[None]:
    process = subprocess.Popen(child("--read", home, run_id))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measured(kind: str, home: str, steps: int) -> tuple[float, float]:
    """(seconds, processor seconds) per step of one run."""
    store = open_store(home)
    run_id = store.create(experiment(steps), "benchmark")
    command = child("--train", kind, home, run_id)
    if kind == "watched":
        with reader(home, run_id):
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    else:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wall, work = json.loads(told)
    return wall, work


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--train", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.train:
        train_once(*given.train)
    elif given.read:
        read_forever(*given.read)
    else:
        compare(given.rounds, given.steps)


def compare(rounds: int, steps: int) -> None:
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            for kind in KINDS:
                took[kind].append(measured(kind, home, steps))
    middle = {kind: [statistics.median(column) for column in zip(*rows, strict=True)] for kind, rows in took.items()}
    for kind, (wall, work) in middle.items():
        beside = "  ".join(f"{name} ×{wall / middle[name][0]:.3f} ({work / middle[name][1]:.3f})" for name in KINDS[:2])
        print(f"{kind:<8} {wall * 1e3:7.3f} ms/step, {work * 1e3:7.3f} ms of processor   {beside}")


if __name__ == "__main__":
    main()
