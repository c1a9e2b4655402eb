"""The charts of one or several runs: accuracy against ceilings, loss, gradient norm, learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ui.charts.curves import Axis, Curve, Limit, curves, smoothed, thinned
from ui.words import tr


@dataclass(frozen=True)
class Measured:
    """One run's numbers for the charts: per step (train) and per evaluation (held-out). Accuracies in 0…1."""

    name: str
    colour: str
    steps: Sequence[int]
    losses: Sequence[float]
    accuracies: Sequence[float]
    gradient_norms: Sequence[float]
    learning_rates: Sequence[float]
    evaluations: Sequence[dict[str, Any]]
    last_step: int
    ceiling: float | None = None
    chance: float | None = None
    floor: float | None = None  # least possible held-out loss, nats


@dataclass(frozen=True)
class Taste:
    """How the learner wants the curves: smoothing weight in 0…1, logarithmic loss, which data."""

    smoothing: float = 0.8
    log: bool = False
    train: bool = True
    held_out: bool = True
    title: str = ""  # another name for the accuracy chart
    limit_words: dict[float, str] = field(default_factory=dict)  # own words for a ceiling


PLAIN = Taste()


def accuracy_chart(runs: Sequence[Measured], taste: Taste = PLAIN) -> dict[str, Any]:
    """Share of right answers over steps: held-out dotted and bold, train faint; ceilings dashed."""
    lines = _both_kinds(runs, taste, "accuracies", "accuracy", 100.0)
    known = [run.ceiling for run in runs if run.ceiling is not None]
    games = bool(known) and len(known) == len(runs)
    high = None if not known else 110 if max(known) > 0.93 else 100  # room for the label of a ceiling at 100 %
    axis = Axis(tr("share right"), " %", _floor(runs) if games else 0, high, format="%.1f")
    title = taste.title or _told(tr("Right answers"), taste)
    return curves(title, axis, lines, limits_of(runs, taste), _last(runs))


def loss_chart(runs: Sequence[Measured], taste: Taste = PLAIN) -> dict[str, Any]:
    lines = _both_kinds(runs, taste, "losses", "loss", 1.0)
    axis = Axis(tr("nats, lower is better"), log=taste.log)
    return curves(_told(tr("Loss"), taste), axis, lines, floors_of(runs), _last(runs))


def gradient_chart(runs: Sequence[Measured], taste: Taste = PLAIN) -> dict[str, Any]:
    lines = [Curve(run.name, run.colour, *_smooth(run.steps, run.gradient_norms, taste)) for run in runs]
    return curves(tr("Gradient norm"), Axis(tr("length, before clipping"), log=taste.log), lines, (), _last(runs))


def rate_chart(runs: Sequence[Measured]) -> dict[str, Any]:
    lines = [Curve(run.name, run.colour, run.steps, run.learning_rates) for run in runs]
    return curves(tr("Learning rate"), Axis(tr("step size")), lines, (), _last(runs))


def _told(title: str, taste: Taste) -> str:
    """A chart's title with what the two kinds of line are."""
    return tr("{title} (dots: held-out, faint: training)", title=title) if taste.train and taste.held_out else title


def _both_kinds(
    runs: Sequence[Measured], taste: Taste, per_step: str, per_evaluation: str, scale: float
) -> list[Curve]:
    lines = []
    for run in runs:
        steps, values = _smooth(run.steps, getattr(run, per_step), taste)
        name = tr("{run} (train)", run=run.name)
        train = Curve(name, run.colour, steps, [scale * one for one in values], faint=taste.held_out)
        points = [scale * one["held_out"][per_evaluation] for one in run.evaluations]
        held_out = Curve(run.name, run.colour, [one["step"] for one in run.evaluations], points, dotted=True)
        lines += [train] * taste.train + [held_out] * taste.held_out
    return lines


def _smooth(steps: Sequence[int], values: Sequence[float], taste: Taste) -> tuple[list[float], list[float]]:
    """Thinned first: then a long run costs no more than a short one, and looks as smooth."""
    fewer, means = thinned(steps, values)
    return fewer, smoothed(means, taste.smoothing)


def limits_of(runs: Sequence[Measured], taste: Taste) -> list[Limit]:
    """One dashed line for each different ceiling, naming the runs that it binds."""
    bound = _bound([(run.name, run.ceiling) for run in runs])
    return [
        Limit(
            tr("{runs}: at most {value} %", runs=taste.limit_words.get(value) or who, value=f"{100 * value:.4g}"),
            100 * value,
        )
        for value, who in bound.items()
    ]


def floors_of(runs: Sequence[Measured]) -> list[Limit]:
    """One dashed line for each different least possible loss."""
    bound = _bound([(run.name, run.floor) for run in runs])
    return [
        Limit(tr("{runs}: at least {value} nats", runs=who, value=f"{value:.3f}"), value)
        for value, who in bound.items()
    ]


def _bound(limits: Sequence[tuple[str, float | None]]) -> dict[float, str]:
    """Each different limit with the runs that it binds, in short."""
    bound: dict[float, list[str]] = {}
    for name, limit in limits:
        if limit is not None:
            bound.setdefault(round(limit, 6), []).append(name.split(" ")[0])
    everyone = len(bound) == 1 and len(limits) > 1 and all(limit is not None for _, limit in limits)
    return {value: tr("all") if everyone else tr(", ").join(names) for value, names in bound.items()}


def _floor(runs: Sequence[Measured]) -> float:
    """The axis of a game begins one step of ten below chance, so that the ceilings have room."""
    lowest = min([run.chance or 0.0 for run in runs] + [run.ceiling or 0.0 for run in runs])
    return max(0.0, 10 * int(10 * lowest - 0.999))


def _last(runs: Sequence[Measured]) -> int:
    return max((run.last_step for run in runs), default=0)
