"""A run's events folded into what a page draws: incremental, so that each look reads only what is new."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from core.runs.store import Store

MOST_POINTS = 8192  # a longer curve is thinned from the left: neighbours become their mean
MOST_RUNS = 160  # histories kept in this process: the runs of a few races

CURVES = ("losses", "accuracies", "gradient_norms", "learning_rates")
OF_MOMENTS = ("evaluations", "samples", "marks", "gradients")
LISTS = ("steps", *CURVES, *OF_MOMENTS, "snapshots")


@dataclass(frozen=True)
class History:
    """What a run has told so far. The curves hold one value per step of `steps`; beyond 8192 steps the early part is
    thinned. Losses in nats, accuracies in 0…1, times in seconds.
    """

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)  # {"step", "train": {…}, "held_out": {…}}
    samples: list[dict[str, Any]] = field(
        default_factory=list
    )  # {"step", "given", "written", "probabilities", "truth"}
    marks: list[dict[str, Any]] = field(default_factory=list)  # {"step", "classes", "table", "sentences"}
    gradients: list[dict[str, Any]] = field(default_factory=list)  # {"step", "layers", "norms": one each, "kept"}
    snapshots: list[int] = field(default_factory=list)
    compared: dict[str, Any] | None = None  # a fine-tuned model beside its start: {"moved", "layers", "cka", "known"}
    started: dict[str, Any] | None = None
    finished: dict[str, Any] | None = None
    failed: dict[str, Any] | None = None
    tokens_per_second: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None

    @property
    def held_out(self) -> dict[str, float]:
        """What was measured last on held-out data, {} before it was: of the best weights where those were kept."""
        kept = (self.finished or {}).get("metrics", {}).get("held_out")
        return kept or (self.evaluations[-1]["held_out"] if self.evaluations else {})


class Fold:
    """The events of one run up to `seq`, folded."""

    def __init__(self) -> None:
        self.seq = 0
        once = ("started", "compared", "finished", "failed", "seconds_left")
        self.values: dict[str, Any] = dict.fromkeys(once)
        self.values.update(tokens_per_second=0.0, seconds=0.0)
        self.lists: dict[str, list[Any]] = {name: [] for name in LISTS}
        self.shown = History()

    def take(self, events: list[tuple[int, dict[str, Any]]]) -> History:
        """Fold new events in; the result stays as it is when more come."""
        for seq, event in events:
            self.seq = seq
            getattr(self, f"_{event['kind']}")({name: value for name, value in event.items() if name != "kind"})
        if events:
            lists: dict[str, Any] = {name: list(values) for name, values in self.lists.items()}
            self.shown = History(**lists, **self.values)
        return self.shown

    def _started(self, event: dict[str, Any]) -> None:
        """A worker begins at a step: what an earlier one measured after that step no longer counts."""
        self.values.update(started=event, compared=None, finished=None, failed=None)
        keep = bisect_right(self.lists["steps"], event["step"])
        for name in ("steps", *CURVES):
            del self.lists[name][keep:]
        for name in OF_MOMENTS:
            self.lists[name] = [one for one in self.lists[name] if one["step"] <= event["step"]]
        self.lists["snapshots"] = [step for step in self.lists["snapshots"] if step <= event["step"]]

    def _progress(self, event: dict[str, Any]) -> None:
        last = event["step"]
        self.lists["steps"] += range(last - len(event["losses"]) + 1, last + 1)
        for name in CURVES:
            self.lists[name] += event[name]
        self.values.update({name: event[name] for name in ("seconds", "tokens_per_second", "seconds_left")})
        if len(self.lists["steps"]) > MOST_POINTS:
            self._thin()

    def _thin(self) -> None:
        """Halve the points: two neighbours become their mean, at the later one's step."""
        even = len(self.lists["steps"]) // 2 * 2
        for name in CURVES:
            values = self.lists[name]
            pairs = zip(values[:even:2], values[1:even:2], strict=True)
            self.lists[name] = [(a + b) / 2 for a, b in pairs] + values[even:]
        self.lists["steps"] = self.lists["steps"][1:even:2] + self.lists["steps"][even:]

    def _evaluated(self, event: dict[str, Any]) -> None:
        self.lists["evaluations"].append(event)

    def _sampled(self, event: dict[str, Any]) -> None:
        self.lists["samples"].append(event)

    def _marked(self, event: dict[str, Any]) -> None:
        self.lists["marks"].append(event)

    def _gradients(self, event: dict[str, Any]) -> None:
        """One entry for each moment. norms (L,) before clipping; times `kept` after it."""
        rows = zip(event["steps"], event["norms"], event["kept"], strict=True)
        self.lists["gradients"] += [
            {"step": step, "layers": event["layers"], "norms": norms, "kept": kept} for step, norms, kept in rows
        ]

    def _compared(self, event: dict[str, Any]) -> None:
        self.values.update(compared=event)

    def _snapshot(self, event: dict[str, Any]) -> None:
        self.lists["snapshots"].append(event["step"])

    def _finished(self, event: dict[str, Any]) -> None:
        self.values.update(finished=event, seconds_left=0.0)
        self.values.update({name: event[name] for name in ("seconds", "tokens_per_second")})

    def _failed(self, event: dict[str, Any]) -> None:
        self.values.update(failed=event)


_FOLDS: OrderedDict[tuple[Any, str], Fold] = OrderedDict()
_LOCK = threading.Lock()


def history(store: Store, run_id: str) -> History:
    """What a run has told so far; empty for a run without events. Looks again and again cost only what is new."""
    with _LOCK:
        key = (str(store.home), run_id)
        fold = _FOLDS.pop(key, None) or Fold()
        result = fold.take(store.events(run_id, fold.seq))
        if fold.seq:
            _FOLDS[key] = fold
        while len(_FOLDS) > MOST_RUNS:
            _FOLDS.popitem(last=False)
    return result
