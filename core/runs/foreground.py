"""Runs in this process, for the terminal: the same worker function and store, with a progress bar and a result."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any, TextIO

from core.events import Evaluated, Event, Finished, Progress, Started
from core.limits import ceilings_of
from core.runs.failures import StoreError
from core.runs.history import history
from core.runs.local import settled
from core.runs.store import Run, Store
from core.runs.worker import carry_out
from core.spec import Experiment

MEASURES = (
    "loss",
    "accuracy",
    "loss_next",
    "loss_previous",
    "pair_loss",
    "pair_accuracy",
    "precision",
    "recall",
    "f1",
    "macro_f1",
    "exact",
)  # of a result
BAR = 24  # characters
RESUMABLE = ("stopped", "failed", "crashed", "paused")


def terminal_owner(home: Path) -> str:
    """The unguessable name under which this machine's terminal owns its runs; made on first use."""
    path = home / "owner"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(16))
    except FileExistsError:
        return path.read_text()
    return path.read_text()


class ProgressBar:
    """One line that is drawn over and over in a terminal; elsewhere a line for each test."""

    def __init__(self, stream: TextIO, name: str = "") -> None:
        self.stream, self.name, self.steps, self.tested, self.live = stream, name, 1, "", stream.isatty()

    def watch(self, event: Event) -> None:
        if isinstance(event, Started):
            self.steps = event.steps
        elif isinstance(event, Evaluated):
            self.tested = f"held-out loss {event.held_out['loss']:.4f}, accuracy {event.held_out['accuracy']:.4f}"
            if not self.live:
                self.stream.write(f"{self.name}step {event.step} of {self.steps}: {self.tested}\n")
        elif self.live and isinstance(event, Progress | Finished):
            end = "\n" if isinstance(event, Finished) else ""
            self.stream.write(f"\r{self.line(event)}\x1b[K{end}")
            self.stream.flush()

    def line(self, event: Progress | Finished) -> str:
        """The bar, the time that is left, the speed, and what the last test measured."""
        full = BAR * event.step // max(1, self.steps)
        bar = "█" * full + "·" * (BAR - full)
        left = event.seconds_left if isinstance(event, Progress) else 0.0
        time = f"{left // 60:.0f}:{left % 60:02.0f} left"
        speed = f"{event.tokens_per_second:,.0f} tokens/s"
        return f"{self.name}{bar} {event.step}/{self.steps}  {time}  {speed}  {self.tested}"


def run_here(store: Store, experiment: Experiment, title: str = "", name: str = "") -> Run:
    """Carry out a new run in this process. Raises StoreError in words when it doesn't finish."""
    run_id = store.create(experiment, terminal_owner(store.home), title)
    return _ended(store, run_id, carry_out(store, run_id, ProgressBar(sys.stderr, name).watch))


def resume_here(store: Store, run: Run) -> Run:
    """Go on with a run in this process, from its last snapshot."""
    run = settled(store, run)
    if not run.resumable:
        raise StoreError(
            "This run is finished. Start a new one with more steps to go further."
            if run.status == "finished"
            else f"This run is {run.status}; only one that has ended can be resumed here."
        )
    store.forget_signals(run.id)
    return _ended(store, run.id, carry_out(store, run.id, ProgressBar(sys.stderr).watch, only=RESUMABLE))


def _ended(store: Store, run_id: str, status: str) -> Run:
    if status == "finished":
        return store.existing(run_id)
    message = store.existing(run_id).message or f"The run was {status}."
    again = f" (python -m core resume {run_id})" if status in RESUMABLE else ""
    raise StoreError(f"{message}{again}")


def result(store: Store, run: Run) -> dict[str, Any]:
    """What a finished run came to, as the terminal prints it."""
    told = history(store, run.id)
    assert told.started
    assert told.finished
    metrics = {
        split: {name: values[name] for name in values if name in MEASURES}
        for split, values in told.finished["metrics"].items()
    }
    return {
        "run": run.id,
        "parameters": told.started["parameters"],
        "device": told.started["device"],
        "steps": told.finished["step"],
        "seconds": told.finished["seconds"],
        "tokens_per_second": told.finished["tokens_per_second"],
        "metrics": metrics,
        "ceilings": ceilings(run.experiment),
    }


def ceilings(experiment: Experiment) -> dict[str, float] | None:
    """A game's limits by what a model may see; None for text."""
    known = ceilings_of(experiment)
    return None if known is None else {name: value for name, value in asdict(known).items() if value is not None}


def mean_result(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Several seeds as one result: measured numbers are means, `seeds` holds the single results."""
    if len(results) == 1:
        return results[0]
    together = dict(results[0])
    for name in ("steps", "seconds", "tokens_per_second"):
        mean = fmean(one[name] for one in results)
        together[name] = int(mean) if name == "steps" and mean.is_integer() else mean
    together["metrics"] = {
        split: {name: fmean(one["metrics"][split][name] for one in results) for name in values}
        for split, values in results[0]["metrics"].items()
    }
    return {**together, "seeds": results}


def write_out(store: Store, run: Run, folder: Path) -> None:
    """Put a run into a folder of its own: experiment, result, events, every snapshot, and its text if it had one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "experiment.json").write_text(json.dumps(run.experiment.to_json(), indent=2))
    (folder / "result.json").write_text(json.dumps(result(store, run), indent=2))
    lines = [json.dumps(event) for _, event in store.events(run.id)]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    for step in store.snapshots(run.id):
        path = store.snapshot(run.id, step)
        shutil.copyfile(path, folder / path.name)
    if run.experiment.data.own:
        (folder / "text.txt").write_text(store.read_text(run.experiment.data.settings.text), encoding="utf-8")
