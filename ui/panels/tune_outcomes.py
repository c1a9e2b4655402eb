"""What a race measured, strategy by strategy and seed by seed, as the result's pictures and tables read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.data.contract import TextError
from core.fields import SpecError
from core.hub import CheckpointError
from core.retelling import opened
from core.runs.beginnings import runs_in
from core.runs.failures import StoreError
from core.runs.history import History, history
from core.runs.races import RACE, SWEEP, Entry, score
from core.spec import Experiment
from core.statistics import Interval, interval
from core.tuning.plan import plan
from ui import backend
from ui.charts.spreads import Spread, Sweep
from ui.panels.tune_race import Running, looks, titles


@dataclass(frozen=True)
class Outcome:
    """One strategy's finished seeds; every list has a number for each. Scores in 0…1, losses in nats."""

    key: str
    title: str
    colour: str
    sign: str
    rate: float | None
    runs: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    told: tuple[History, ...] = field(default=(), repr=False)
    learning: int | None = None  # numbers that learn
    tried: tuple[tuple[float, float], ...] = ()  # (learning rate, validation score) of the sweep

    def each(self, measure: Callable[[dict[str, Any]], float | None], at: int = -1) -> list[float]:
        """One number for each seed, from its last evaluation (or the first: `at` 0); those without it are left out."""
        found = [measure(told.evaluations[at]) for told in self.told if told.evaluations]
        return [one for one in found if one is not None]

    @property
    def scores(self) -> dict[int, float]:
        """By seed: paired with the other strategies'."""
        return dict(zip(self.seeds, self.each(lambda one: score(one["held_out"])), strict=False))

    @property
    def shifted(self) -> list[float]:
        return self.each(lambda one: score(one["more"]["shifted"]) if "shifted" in one["more"] else None)

    def pretraining(self, whose: str = "pretraining", at: int = -1) -> list[float]:
        """The old objective's loss: after, or before (`at` 0)."""
        return self.each(lambda one: one["more"].get(whose, {}).get("loss"), at)

    @property
    def seconds(self) -> float:
        """Of training, the mean over seeds."""
        return sum(told.seconds for told in self.told) / max(1, len(self.told))

    @property
    def peak(self) -> float | None:
        """The most memory beyond the engine that a seed took, in bytes."""
        known = [(told.finished or {}).get("peak_bytes") for told in self.told]
        return max((one for one in known if one is not None), default=None)

    def compared(self, *names: str) -> list[Any]:
        """What the last comparison with the start said, a seed each."""
        found: list[Any] = [told.compared for told in self.told if told.compared]
        for name in names:
            found = [one[name] for one in found if name in one]
        return found

    def spread(self, values: list[float], scale: float = 1.0) -> Spread:
        """Values with their mean and its interval, for a picture."""
        found = interval(values)
        ends = [None if end is None else scale * end for end in (found.low, found.high)]
        return Spread(
            self.title, self.colour, self.sign, [scale * one for one in values], scale * found.mean, ends[0], ends[1]
        )


def outcomes(now: Running) -> list[Outcome]:
    """Those strategies of which at least one seed finished, in the order of the race."""
    entries = now.race.spec.strategies
    named, look = titles(entries), looks(entries)
    found = [_outcome(now, entry, named[entry.key], look[entry.key]) for entry in entries]
    return [one for one in found if one.scores]


def _outcome(now: Running, entry: Entry, title: str, look: tuple[str, str]) -> Outcome:
    ended = [cell for cell in now.of(entry, RACE) if cell.status == "finished"]
    return Outcome(
        entry.key,
        title,
        *look,
        ended[0].rate if ended else None,
        tuple(cell.id for cell in ended),
        tuple(cell.seed for cell in ended),
        tuple(history(backend.store(), cell.id) for cell in ended),
        _learning(now, entry),
        _tried(now, entry),
    )


def _tried(now: Running, entry: Entry) -> tuple[tuple[float, float], ...]:
    """The sweep's validation score at each learning rate that came to an end."""
    found = []
    for cell in now.of(entry, SWEEP):
        last = history(backend.store(), cell.id).evaluations[-1:]
        if cell.rate and cell.status == "finished" and last:
            found.append((cell.rate, score(last[0]["more"].get("validation", last[0]["held_out"]))))
    return tuple(found)


def _learning(now: Running, entry: Entry) -> int | None:
    base = now.race.spec.base
    settings = {f"tune.{name}": value for name, value in entry.settings}
    return _planned(base.with_({"tune.strategy": entry.strategy, **settings}))


@lru_cache(maxsize=64)
def _planned(experiment: Experiment) -> int | None:
    """Numbers that learn; None where the start, or the file of labels, is gone."""
    store = backend.store()
    try:
        source, start = opened(experiment, runs_in(store), store.read_text)
    except (SpecError, CheckpointError, TextError, StoreError):
        return None
    assert start is not None
    return plan(experiment, len(source.words), len(source.classes), start.past).learning


def sweeps(found: list[Outcome]) -> list[Sweep]:
    """The learning rates that were tried, in per cent."""
    return [
        Sweep(
            one.title,
            one.colour,
            one.sign,
            [rate for rate, _ in one.tried],
            [100 * value for _, value in one.tried],
            one.rate,
        )
        for one in found
        if one.tried
    ]


def said_of(found: Interval, scale: float = 100.0, digits: int = 1, unit: str = " %") -> str:
    """A mean with half its interval: "93.4 ± 1.1 %"."""
    reach = "" if found.high is None else f" ± {scale * (found.high - found.mean):.{digits}f}"
    return f"{scale * found.mean:.{digits}f}{reach}{unit}".replace(" ", "\u00a0")
