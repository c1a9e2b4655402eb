"""What a race came to: scores by seed, what was forgotten, what it cost, and verdicts; as a table and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median
from typing import Any

from core.runs.race_store import Race, last_events
from core.runs.races import RACE, SWEEP, Cell, Entry, best_rate, cells, score, validation
from core.runs.store import Store
from core.statistics import Interval, Verdict, interval, verdicts, with_leader
from core.tuning.registry import STRATEGIES

SPLITS = ("held_out", "shifted")
OF_CELL = ("strategy", "stage", "seed", "learning_rate", "status", "run", "steps", "learning", "seconds", "peak_bytes")
OF_STEP = ("step", "loss", "accuracy", "gradient_norm", "learning_rate")


@dataclass(frozen=True)
class Seed:
    """One finished run of the race: `metrics` by split at its end, the pretraining loss `before`, and its cost."""

    cell: Cell
    metrics: Mapping[str, Mapping[str, float]]
    before: float | None
    learning: int | None
    seconds: float
    peak_bytes: int | None

    @property
    def after(self) -> float | None:
        return self.metrics.get("pretraining", {}).get("loss")


@dataclass(frozen=True)
class Row:
    """One strategy: its seeds, and what the sweep scored on validation data at each learning rate."""

    entry: Entry
    title: str
    rate: float | None
    sweep: tuple[tuple[float, float | None], ...]
    seeds: tuple[Seed, ...]
    status: Mapping[str, int]  # how many of its runs ended how
    problems: tuple[str, ...]  # of runs that failed, in words

    def scores(self, split: str = "held_out") -> dict[int, float]:
        """By seed."""
        return {one.cell.seed: score(one.metrics[split]) for one in self.seeds if split in one.metrics}

    def interval(self, split: str = "held_out") -> Interval | None:
        found = list(self.scores(split).values())
        return interval(found) if found else None

    def forgotten(self) -> dict[int, float]:
        """How much the pretraining loss rose, by seed, in nats."""
        return {one.cell.seed: one.after - one.before for one in self.seeds if one.after is not None and one.before}

    @property
    def cost(self) -> dict[str, float | None]:
        """Numbers that learn, mean seconds of training, median peak of memory in bytes."""
        peaks = [one.peak_bytes for one in self.seeds if one.peak_bytes is not None]
        return {
            "learning": next((one.learning for one in self.seeds), None),
            "seconds": fmean(one.seconds for one in self.seeds) if self.seeds else None,
            "peak_bytes": median(peaks) if peaks else None,
        }


@dataclass(frozen=True)
class Results:
    race: Race
    rows: tuple[Row, ...]

    def scores(self, split: str = "held_out") -> dict[str, dict[int, float]]:
        return {row.entry.key: row.scores(split) for row in self.rows}

    @cached_property
    def titles(self) -> dict[str, str]:
        return {row.entry.key: row.title for row in self.rows}

    def with_leader(self, split: str = "held_out") -> tuple[Verdict, ...]:
        """The best strategy beside each other one."""
        return with_leader(self.scores(split))

    def pairs(self, split: str = "held_out") -> tuple[Verdict, ...]:
        return verdicts(self.scores(split))

    def pareto(self, cost: str = "seconds", split: str = "held_out") -> tuple[str, ...]:
        """The strategies that no other one beats in mean score without costing more, the cheapest first."""
        known = [(row.cost[cost], mean.mean, row.entry.key) for row in self.rows if (mean := row.interval(split))]
        best, front = float("-inf"), []
        for _, mean_score, key in sorted(
            (one for one in known if one[0] is not None), key=lambda one: (one[0], -one[1])
        ):
            if mean_score > best:
                best = mean_score
                front.append(key)
        return tuple(front)


def results(store: Store, of: Race) -> Results:
    """What is known of a race by now."""
    all_, ends = cells(store, of), last_events(store, of.id)
    return Results(
        of,
        tuple(_row(store, entry, [c for c in all_ if c.entry.key == entry.key], ends) for entry in of.spec.strategies),
    )


def _row(store: Store, entry: Entry, own: Sequence[Cell], ends: Mapping[str, dict[str, Any]]) -> Row:
    tried = {one.rate: validation(ends.get(one.id, {})) for one in own if one.stage == SWEEP and one.rate}
    raced = [one for one in own if one.stage == RACE]
    seeds = tuple(_seed(store, one, ends[one.id]) for one in raced if one.status == "finished" and one.id in ends)
    status: dict[str, int] = {}
    for one in own:
        status[one.status] = status.get(one.status, 0) + 1
    problems = dict.fromkeys(one.run.message for one in own if one.run and one.run.message and one.status != "queued")
    rate = next((one.rate for one in raced if one.rate), best_rate(tried))
    title = " ".join([STRATEGIES[entry.strategy].title, *entry.key.split()[1:]])
    return Row(entry, title, rate, tuple(sorted(tried.items())), seeds, status, tuple(problems))


def _seed(store: Store, cell: Cell, end: dict[str, Any]) -> Seed:
    started: dict[str, Any] = {}
    before = None
    for _, event in store.events(cell.id):
        if event["kind"] == "started":
            started = event
        if event["kind"] == "evaluated" and event["step"] == 0:
            before = event.get("more", {}).get("pretraining", {}).get("loss")
    return Seed(cell, end["metrics"], before, started.get("learning"), end["seconds"], end.get("peak_bytes"))


# CSV


def cells_csv(store: Store, of: Race) -> str:
    """A line for each run of a race: what it was, what it cost, and every number of its end."""
    found = results(store, of)
    ended = {seed.cell.id: seed for row in found.rows for seed in row.seeds}
    ends = last_events(store, of.id)
    lines = []
    for cell in cells(store, of):
        end, seed = ends.get(cell.id, {}), ended.get(cell.id)
        plain: dict[str, Any] = {
            "strategy": cell.entry.key,
            "stage": cell.stage,
            "seed": cell.seed,
            "learning_rate": cell.rate,
            "status": cell.status,
            "run": cell.id if cell.run else "",
            "steps": end.get("step"),
            "learning": seed.learning if seed else None,
            "seconds": end.get("seconds"),
            "peak_bytes": end.get("peak_bytes"),
        }
        before = {"pretraining_before.loss": seed.before} if seed and seed.before is not None else {}
        lines.append({**plain, **before, **_flat(end.get("metrics", {}))})
    return _csv(lines, OF_CELL)


def steps_csv(store: Store, of: Race) -> str:
    """A line for each step of each run: loss, accuracy, gradient norm and learning rate."""
    return _csv(list(_steps(store, of)), ("strategy", "stage", "seed", "run", *OF_STEP))


def _steps(store: Store, of: Race) -> Iterator[dict[str, Any]]:
    for cell in cells(store, of):
        about = {"strategy": cell.entry.key, "stage": cell.stage, "seed": cell.seed, "run": cell.id}
        told: dict[int, dict[str, Any]] = {}  # a resumed run takes some steps again: the last time counts
        for _, event in store.events(cell.id) if cell.run else ():
            if event["kind"] == "progress":
                first = event["step"] - len(event["losses"]) + 1
                columns = (event[name] for name in ("losses", "accuracies", "gradient_norms", "learning_rates"))
                for step, values in enumerate(zip(*columns, strict=True), first):
                    told[step] = {**about, **dict(zip(OF_STEP, (step, *values), strict=True))}
        yield from (told[step] for step in sorted(told))


def _flat(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {f"{split}.{name}": value for split, values in metrics.items() for name, value in values.items()}


def _csv(lines: list[dict[str, Any]], first: Sequence[str]) -> str:
    """Columns: `first`, then all that any line has. Numbers as Python writes them, so that they come back the same."""
    columns = list(dict.fromkeys([*first, *(name for line in lines for name in line)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()
