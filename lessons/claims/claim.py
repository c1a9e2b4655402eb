"""A claim that is often made about two-way learning, and the comparisons that put it on trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.spec import Experiment
from lessons.lesson import Record

VERDICTS = ("true", "false", "depends")
SEEDS = 3  # as few as a test of differences allows


@dataclass(frozen=True)
class Comparison:
    """Two experiments that differ in what the claim is about. `expected` is what we found: "first", "second", "same".

    `measured` of a run is compared over `seeds`; `unit` as of a lesson's numbers. `least`: a smaller difference is none
    that matters, in that unit.
    """

    key: str
    first: Experiment
    second: Experiment
    measured: Callable[[Record], float]
    expected: str
    unit: str = "percent"
    least: float = 0.02
    seeds: int = SEEDS


@dataclass(frozen=True)
class Claim:
    """`lesson`: where it is treated; `looks`: whether the runs are looked into."""

    key: str
    verdict: str
    comparisons: tuple[Comparison, ...]
    sources: tuple[str, ...]
    lesson: str = ""
    looks: bool = False


def outcome(comparison: Comparison, first: Sequence[float], second: Sequence[float], clear: bool) -> str:
    """What seeds say: "first" or "second" where its mean is higher, clearly and by enough; else "same"."""
    gap = sum(first) / len(first) - sum(second) / len(second)
    if not clear or abs(gap) < comparison.least:
        return "same"
    return "first" if gap > 0 else "second"


def by_key(claims: Sequence[Claim]) -> Mapping[str, Claim]:
    return {claim.key: claim for claim in claims}
