"""What a race is: strategies that learn one task from one starting point, each with several seeds. Plain and checked.

First each strategy tries a few learning rates in short runs (the sweep); the best goes on with every seed (the race).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from core.fields import SpecError
from core.spec import Experiment, from_json

SWEEP, RACE = "sweep", "race"  # the stages
FACTORS = (1 / 3, 1.0, 3.0)  # the learning rates that are tried, around each strategy's own
SWEEP_STEPS = 100
SWEEP_TESTED = 200  # held-out sentences of a sweep's run, which validation sentences judge
TESTS = 5  # of a run of a race
MOST = {"strategies": 24, "seeds": 20, "rates": 9}
PARTS = ("base", "strategies", "seeds", "rates", "sweep_steps")


@dataclass(frozen=True)
class Entry:
    """A strategy in a race with its own settings. `rates`: learning rates to try, one to be taken as it is, none for
    the strategy's own; None: as the race says.
    """

    strategy: str
    settings: tuple[tuple[str, Any], ...] = ()  # of tune, by name
    rates: tuple[float, ...] | None = None

    @property
    def key(self) -> str:
        """What names it in this race: “lora”, or “lora rank=8” with settings of its own."""
        return " ".join([self.strategy, *(f"{name}={json.dumps(value)}" for name, value in self.settings)])

    def to_json(self) -> Any:
        rates = {} if self.rates is None else {"rates": list(self.rates)}
        more = {**dict(self.settings), **rates}
        return {"strategy": self.strategy, **more} if more else self.strategy


@dataclass(frozen=True)
class RaceSpec:
    """`base` is what all share: data, starting point, training. `rates` are factors on each strategy's own learning
    rate, none for no sweep. Raises SpecError where an entry can't run; its `works` name what can.
    """

    base: Experiment
    strategies: tuple[Entry, ...]
    seeds: int = 3
    rates: tuple[float, ...] = FACTORS
    sweep_steps: int = SWEEP_STEPS

    def __post_init__(self) -> None:
        _within("seeds", self.seeds, 1, MOST["seeds"])
        _within("sweep_steps", self.sweep_steps, 1, 10_000)
        _positive("rates", self.rates)
        for entry in self.strategies:
            _positive("strategies", entry.rates or (), {"race.strategies": self._fit()})
        if not 1 <= len(self.strategies) <= MOST["strategies"]:
            reason = f"A race has 1 to {MOST['strategies']} strategies."
            works = self._fit()[: MOST["strategies"]] or ["full"]
            raise SpecError("race.strategies", len(self.strategies), reason, {"race.strategies": works})
        self._check_entries()

    def _check_entries(self) -> None:
        seen = set[str]()
        for entry in self.strategies:
            reason = "It is named twice with the same settings." if entry.key in seen else self._why_not(entry)
            if reason:
                raise SpecError("race.strategies", entry.key, reason, {"race.strategies": self._fit() or ["full"]})
            seen.add(entry.key)

    def _fit(self) -> list[Any]:
        """The entries that can run, each once, with sound rates, as plain values."""
        sound = {entry.key: entry for entry in self.strategies if not self._why_not(entry)}
        return [replace(one, rates=one.rates if _sound(one.rates or ()) else None).to_json() for one in sound.values()]

    def _why_not(self, entry: Entry) -> str:
        """Why an entry can't run, in words; "" where it can."""
        try:
            self._tuned(entry)
        except SpecError as error:
            return error.reason
        return ""

    def _tuned(self, entry: Entry) -> Experiment:
        """The base with the entry's strategy, at its own learning rate."""
        settings = {f"tune.{name}": value for name, value in entry.settings}
        return self.base.with_({"tune.strategy": entry.strategy, **settings, "train.learning_rate": None})

    def rates_of(self, entry: Entry) -> tuple[float, ...]:
        """The learning rates that an entry tries, from the smallest; a single one is simply taken."""
        tuned = self._tuned(entry).resolved().train
        own = tuned.learning_rate or 1e-3
        if not tuned.steps:
            return (own,)
        tried = entry.rates if entry.rates is not None else tuple(_short(own * factor) for factor in self.rates)
        return tuple(sorted({min(1.0, rate) for rate in tried})) or (own,)

    @cached_property
    def all_rates(self) -> dict[str, tuple[float, ...]]:
        """`rates_of` each entry, by its key."""
        return {entry.key: self.rates_of(entry) for entry in self.strategies}

    def seed_numbers(self) -> tuple[int, ...]:
        return tuple(self.base.train.seed + n for n in range(self.seeds))

    def experiment(self, entry: Entry, stage: str, rate: float, seed: int) -> Experiment:
        """What one run of the race carries out. It keeps two moments, before and after."""
        tuned = self._tuned(entry)
        whole = tuned.resolved().train
        steps, warm_up, held_out = whole.steps or 0, whole.warm_up, whole.held_out or 1
        if stage == SWEEP:
            steps = min(steps, self.sweep_steps)
            warm_up = min(warm_up, steps // 5)  # a short run must get up to its rate, too
            held_out = min(held_out, SWEEP_TESTED) if tuned.data.is_made else held_out
        often = self.base.train.evaluate_every or math.ceil(steps / TESTS)
        return tuned.with_(
            {
                "train.steps": steps,
                "train.learning_rate": rate,
                "train.seed": seed,
                "train.warm_up": warm_up,
                "train.held_out": held_out,
                "train.snapshots": 1,
                "train.evaluate_every": max(1, steps if stage == SWEEP else often),
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which `race_from_json` makes the same race."""
        return {
            "base": self.base.to_json(),
            "strategies": [entry.to_json() for entry in self.strategies],
            "seeds": self.seeds,
            "rates": list(self.rates),
            "sweep_steps": self.sweep_steps,
        }


def race_from_json(given: str | Mapping[str, Any]) -> RaceSpec:
    """A race from JSON text or plain values; an entry is a strategy's name, or an object with its settings.

    Raises SpecError in words. Its `works` repairs all that is wrong; names of a race's own parts begin with "race.".
    """
    plain = _object(given)
    try:
        return _built(plain)
    except SpecError as error:
        raise SpecError(error.name, error.value, error.reason, _repair(plain, error.works)) from None


def _built(plain: Mapping[str, Any]) -> RaceSpec:
    for name in plain:
        if name not in PARTS:
            reason = f"A race has no such part. Known: {', '.join(PARTS)}."
            raise SpecError(f"race.{name}", str(plain[name])[:40], reason)
    entries = plain.get("strategies", [])
    if not isinstance(entries, list | tuple):
        raise SpecError("race.strategies", entries, "This must be a list of strategies.", {"race.strategies": ["full"]})
    whole = {name: plain[name] for name in ("seeds", "sweep_steps") if name in plain}
    if "rates" in plain:
        whole["rates"] = _numbers("rates", plain["rates"], {"race.rates": list(FACTORS)})
    return RaceSpec(from_json(plain.get("base", {})), tuple(map(_entry, entries)), **whole)


def race_with(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a race with changes on top: of its own parts, "race.seeds", or of its base, "data.p"."""
    changed = {**plain}
    for name, value in changes.items():
        part, _, one = name.partition(".")
        if part == "race":
            changed[one] = value
        else:
            base = dict(changed.get("base", {}))
            changed["base"] = {**base, part: {**dict(base.get(part, {})), one: value}}
    return changed


def _repair(plain: Mapping[str, Any], works: Mapping[str, Any]) -> dict[str, Any]:
    """`works` with all that has to change along with it; empty where no repair is known."""
    changes: dict[str, Any] = {}
    for _ in range(8):  # each repair may bring up the next conflict
        changes |= works
        try:
            _built(race_with(plain, changes))
        except SpecError as error:
            works = error.works
        else:
            return changes
    return {}


def _object(given: str | Mapping[str, Any]) -> Mapping[str, Any]:
    plain: Any = given
    if isinstance(given, str):
        try:
            plain = json.loads(given)
        except ValueError as error:
            raise SpecError("race", given[:40], f"This is not valid JSON ({error}).") from None
    if not isinstance(plain, Mapping):
        raise SpecError("race", str(plain)[:40], f"A race is a JSON object with {', '.join(PARTS)}.")
    return plain


def _entry(plain: Any) -> Entry:
    if isinstance(plain, str):
        return Entry(plain)
    if not isinstance(plain, Mapping) or not isinstance(plain.get("strategy"), str):
        reason = "Each is a strategy's name, or an object with “strategy” and its settings."
        raise SpecError("race.strategies", str(plain)[:40], reason, {"race.strategies": ["full"]})
    rates = plain.get("rates")
    own = {name: value for name, value in plain.items() if name not in ("strategy", "rates")}
    tried = None if rates is None else _numbers("strategies", rates, {"race.strategies": [{**plain, "rates": []}]})
    return Entry(plain["strategy"], tuple(sorted(own.items())), tried)


def _numbers(name: str, values: Any, works: dict[str, Any]) -> tuple[float, ...]:
    plain = isinstance(values, list | tuple) and not any(isinstance(one, bool) for one in values)
    if not plain or not all(isinstance(one, int | float) for one in values):
        raise SpecError(f"race.{name}", str(values)[:40], "Rates are a list of numbers.", works)
    return tuple(map(float, values))


def _within(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        near = min(max(low, round(value)), high) if isinstance(value, int | float) and math.isfinite(value) else low
        reason = f"This must be a whole number from {low} to {high}."
        raise SpecError(f"race.{name}", value, reason, {f"race.{name}": near})


def _positive(name: str, rates: Iterable[float], works: dict[str, Any] | None = None) -> None:
    if not _sound(tuple(rates)):
        reason = f"Rates are up to {MOST['rates']} numbers above 0."
        raise SpecError(f"race.{name}", str(list(rates))[:40], reason, works or {f"race.{name}": list(FACTORS)})


def _sound(rates: tuple[float, ...]) -> bool:
    return len(rates) <= MOST["rates"] and all(math.isfinite(rate) and rate >= 1e-7 for rate in rates)


def _short(rate: float) -> float:
    """Two digits: what a learner can read."""
    return float(f"{rate:.2g}")
