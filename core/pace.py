"""How long a run will take on this machine, from what was measured on it; never a made-up number."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.models.counts import count
from core.spec import Experiment

BACKWARD = 3  # a training step costs about three forward passes: one forward, two in the backward pass
MULTIPLY_ADDS = 2**19  # of one timed product: enough to be typical, few enough for one thread of numpy's BLAS
CHECKED = 500  # training sequences that every test measures beside the held-out ones
FEWEST_ROWS = 32  # a timed product is cut in columns before it has fewer rows than these


@dataclass(frozen=True)
class Measured:
    """A run that went on this machine: what it was, its parameters, and how many tokens a second it learned from.

    `finished` False: only some steps that were taken to find out.
    """

    experiment: Experiment
    parameters: int
    tokens_per_second: float
    device: str = "cpu"
    finished: bool = True


@dataclass(frozen=True)
class Expected:
    """`low` True: only the matrix products were timed, so that a run takes at least these seconds."""

    seconds: float
    low: bool
    reason: str


def expected(experiment: Experiment, words: int, classes: int, measured: Iterable[Measured] = ()) -> Expected:
    """Seconds of training and testing: from the most similar measured run, else from timed matrix products."""
    flops = sum(part.flops for part in count(experiment, words, classes))
    tokens = work(experiment)
    here = [one for one in measured if _same_device(one.experiment, experiment) and one.tokens_per_second > 0]
    alike = [one for one in here if _kind(one.experiment) == _kind(experiment)]
    if here:
        nearest = min(alike or here, key=lambda one: abs(math.log(_flops(one) / flops)))
        seconds = tokens / nearest.tokens_per_second * flops / _flops(nearest)
        return Expected(seconds, False, _estimated(nearest, bool(alike)))
    seconds = tokens * BACKWARD * flops / product_speed(*_typical_product(experiment))
    reason = "no run has finished here yet; only the matrix products were timed"
    return Expected(seconds, True, reason)


def _estimated(nearest: Measured, alike: bool) -> str:
    """From what the time was estimated, and how roughly."""
    device = nearest.device.upper()
    if alike:
        reason = f"estimated from some steps that were timed on this machine ({device})"
        if nearest.finished:
            reason = f"estimated from a finished run on this machine ({device})"
        return reason
    reason = f"a rough estimate, from some steps that were timed of another kind, on this machine ({device})"
    if nearest.finished:
        reason = f"a rough estimate, from a finished run of another kind, on this machine ({device})"
    return reason


def work(experiment: Experiment) -> float:
    """Tokens that a whole run learns from, with tests counted as a third (they need no backward pass)."""
    train, length = experiment.resolved().train, int(experiment.data.settings.length)
    steps, batch = train.steps or 0, train.batch or 1
    tests = max(1, math.ceil(steps / (train.evaluate_every or steps)))
    return length * (steps * batch + tests * (CHECKED + (train.held_out or 0)) / BACKWARD)


def _kind(one: Experiment) -> tuple[str, str]:
    """What makes a step's time another one for the same arithmetic: the family, and who learns."""
    return one.model.family, one.tune.strategy


def _same_device(one: Experiment, other: Experiment) -> bool:
    return (one.train.device, one.train.precision) == (other.train.device, other.train.precision)


def _flops(one: Measured) -> float:
    words, classes = _vocabulary(one)
    return sum(part.flops for part in count(one.experiment, words, classes))


def _vocabulary(one: Measured) -> tuple[int, int]:
    """Words and classes of a measured run; of a text's, whatever gives its number of parameters (linear in both)."""
    settings = one.experiment.data.settings
    if one.experiment.data.is_made:
        return len(settings.words), len(settings.classes)
    none, ten = (sum(part.parameters for part in count(one.experiment, n, n)) for n in (0, 10))
    size = max(1, round((one.parameters - none) / ((ten - none) / 10)))
    return size, size


def _typical_product(experiment: Experiment) -> tuple[int, int, int]:
    """(rows, inner, columns) of the product that a step spends most time in."""
    sizes, batch = experiment.model.sizes, experiment.resolved().train.batch or 1
    if experiment.model.family == "lstm":
        return batch, sizes.width, 4 * sizes.width  # one word of every sentence at a time
    return batch * experiment.data.settings.length, sizes.width, sizes.feed_forward


@lru_cache(maxsize=256)
def product_speed(rows: int, inner: int, columns: int) -> float:
    """FLOP/s of numpy's product of these shapes here and now, the best of several within about 10 ms."""
    columns = min(columns, max(1, MULTIPLY_ADDS // (FEWEST_ROWS * inner)))
    rows = max(1, min(rows, MULTIPLY_ADDS // (inner * columns)))
    a, b = np.ones((rows, inner), np.float32), np.ones((inner, columns), np.float32)
    best, until = math.inf, time.perf_counter() + 0.01
    for _ in range(200):
        started = time.perf_counter()
        _ = a @ b
        best = min(best, time.perf_counter() - started)
        if time.perf_counter() > until:
            break
    return 2 * rows * inner * columns / max(best, 1e-9)
