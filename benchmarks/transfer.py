"""Does every fine-tuning strategy end where it was first measured to? The transfer table, at least 3 seeds, one start.

For each strategy and task: the share of right answers on words that labels came with and on words that they never came
with, and the loss of the pretraining objective afterwards, beside the mean of three runs of another program on a
language of the same kind. Fails where a mean lies outside the 95 % interval of the two means' difference (Welch 1947),
or where what was forgotten is more than twice, or less than half, as much.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass, field
from statistics import fmean, variance
from typing import Any

import torch

from core.events import Evaluated, Event, Failed, Finished, Started
from core.retelling import opened
from core.spec import Experiment, from_json
from core.statistics import t_quantile
from core.training import train

LABELS = {"xor": 512, "slot": 16}
BEFORE = 2.37  # nats of their pretrained model
THEIRS = 3  # runs of theirs
POINT = 0.01  # their figures are rounded, and another language has other words
NEAR = 0.2  # nats: what is forgotten is told apart no finer


@dataclass(frozen=True)
class Score:
    """A mean and its standard deviation (n − 1) over seeds; 0…1."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Row:
    """`xor` and `slot`: (held out, its spread, shifted, its spread, pretraining loss after) as they were measured.

    Their spreads divide by n. Loss None: there was no pretraining.
    """

    tune: dict[str, Any]
    xor: tuple[float, float, float, float, float | None]
    slot: tuple[float, float, float, float, float | None]
    train: dict[str, Any] = field(default_factory=dict)

    def theirs(self, task: str) -> tuple[Score, Score, float | None]:
        held_out, spread, shifted, wide, loss = getattr(self, task)
        grown = math.sqrt(THEIRS / (THEIRS - 1))
        return Score(held_out, spread * grown), Score(shifted, wide * grown), loss


def tune(strategy: str, **settings: Any) -> dict[str, Any]:
    return {"strategy": strategy, **settings}


ROWS = {
    "scratch": Row(tune("scratch"), (0.682, 0.063, 0.495, 0.016, None), (0.586, 0.053, 0.513, 0.014, None)),
    "head": Row(tune("head"), (0.507, 0.011, 0.495, 0.011, 2.37), (0.901, 0.002, 0.906, 0.002, 2.37)),
    "bitfit": Row(tune("bitfit"), (0.620, 0.058, 0.606, 0.044, 2.86), (0.824, 0.109, 0.843, 0.080, 3.27)),
    "prefix 8": Row(tune("prefix", prompt=8), (0.574, 0.033, 0.557, 0.044, 2.66), (0.814, 0.118, 0.814, 0.119, 2.74)),
    "soft prompt 8": Row(
        tune("soft-prompt", prompt=8), (0.532, 0.005, 0.515, 0.017, 2.83), (0.812, 0.124, 0.820, 0.119, 3.14)
    ),
    "embeddings": Row(tune("embeddings"), (0.603, 0.036, 0.530, 0.019, 2.46), (0.860, 0.063, 0.871, 0.037, 2.47)),
    "bottom 1": Row(tune("bottom"), (0.925, 0.004, 0.895, 0.014, 5.17), (0.780, 0.102, 0.768, 0.103, 3.74)),
    "top 1": Row(tune("top"), (0.935, 0.014, 0.927, 0.013, 3.49), (0.898, 0.003, 0.902, 0.004, 2.86)),
    "top 2": Row(tune("top", layers=2), (0.935, 0.008, 0.922, 0.015, 4.02), (0.867, 0.033, 0.871, 0.030, 2.94)),
    "lora 4": Row(tune("lora"), (0.927, 0.020, 0.919, 0.021, 4.87), (0.835, 0.053, 0.811, 0.047, 4.19)),
    "adapters 8": Row(tune("adapters"), (0.924, 0.024, 0.911, 0.032, 4.82), (0.787, 0.130, 0.787, 0.122, 4.29)),
    "full": Row(tune("full"), (0.934, 0.010, 0.923, 0.016, 4.34), (0.890, 0.015, 0.897, 0.004, 2.99)),
    "full, rate / 3": Row(
        tune("full"),
        (0.929, 0.015, 0.910, 0.019, 2.90),
        (0.893, 0.009, 0.900, 0.006, 2.66),
        {"learning_rate": 3e-4},
    ),
    "discriminative": Row(
        tune("discriminative"), (0.939, 0.015, 0.924, 0.024, 3.71), (0.890, 0.009, 0.896, 0.006, 2.88)
    ),
    "gradual": Row(tune("gradual"), (0.922, 0.022, 0.914, 0.023, 2.62), (0.899, 0.004, 0.903, 0.003, 2.56)),
    "head, then all": Row(tune("lp-ft"), (0.866, 0.009, 0.854, 0.011, 2.57), (0.877, 0.032, 0.886, 0.015, 2.42)),
    "l2-sp 0.01": Row(tune("l2-sp", pull=0.01), (0.938, 0.007, 0.923, 0.014, 2.92), (0.853, 0.065, 0.864, 0.058, 2.41)),
    "l2-sp 0.1": Row(tune("l2-sp", pull=0.1), (0.926, 0.020, 0.898, 0.026, 2.68), (0.845, 0.077, 0.853, 0.069, 2.38)),
    "align to frozen": Row(
        tune("alignment", align=0.3, distance="squared", flow="to fine-tuned"),
        (0.924, 0.009, 0.890, 0.022, 2.41),
        (0.881, 0.029, 0.892, 0.013, 2.39),
    ),
    "rehearsal 0.3": Row(
        tune("rehearsal", rehearsal=0.3), (0.934, 0.010, 0.899, 0.025, 2.39), (0.848, 0.059, 0.845, 0.050, 2.39)
    ),
    "top and bottom": Row(tune("alternating"), (0.928, 0.015, 0.912, 0.022, 3.20), (0.890, 0.010, 0.894, 0.008, 2.75)),
    "top and all": Row(
        tune("alternating", turn="everything"), (0.937, 0.014, 0.925, 0.017, 3.78), (0.890, 0.009, 0.895, 0.008, 2.75)
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One run: shares of right answers, the pretraining loss before and after, numbers that learn, seconds."""

    held_out: float
    shifted: float
    before: float | None
    after: float | None
    learning: int
    seconds: float


def experiment_of(row: Row, task: str, seed: int) -> Experiment:
    about: dict[str, Any] = {
        "data": {"task": "transfer", "question": task},
        "tune": {**row.tune, "labels": LABELS[task]},
        "train": {"warm_up": 20, "evaluate_every": 300, "snapshots": 1, "seed": seed, **row.train},
    }
    return from_json(about)


def outcome(experiment: Experiment) -> Outcome:
    """Carry one run out."""
    source, start = opened(experiment)
    told: list[Event] = []
    for event in train(experiment, source, start=start):
        if isinstance(event, Failed):
            raise RuntimeError(event.message)
        if isinstance(event, Started | Evaluated | Finished):
            told.append(event)
    first, begun, end = told[0], told[1], told[-1]
    assert isinstance(first, Started)
    assert isinstance(begun, Evaluated)
    assert isinstance(end, Finished)
    scores = (end.metrics[split]["accuracy"] for split in ("held_out", "shifted"))
    losses = (metrics.get("pretraining", {}).get("loss") for metrics in (begun.more, end.metrics))
    return Outcome(*scores, *losses, first.learning or 0, end.seconds)


def score(values: list[float]) -> Score:
    return Score(fmean(values), math.sqrt(variance(values)))


def disagrees(ours: Score, n: int, theirs: Score) -> bool:
    """Do two means differ by more than their 95 % interval (Welch 1947) and a point?"""
    a, b = ours.sd**2 / n, theirs.sd**2 / THEIRS
    if not a + b:
        return abs(ours.mean - theirs.mean) > POINT
    freedom = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (THEIRS - 1))
    reach = t_quantile(0.975, max(1, int(freedom))) * math.sqrt(a + b)
    return abs(ours.mean - theirs.mean) > reach + POINT


def forgets_otherwise(rise: float, theirs: float) -> bool:
    """Is the rise of the pretraining loss another one than theirs, beyond NEAR, by a factor of two?"""
    return abs(rise - theirs) > NEAR and not theirs / 2 <= rise <= theirs * 2


def shown(ours: Score, theirs: Score) -> str:
    return f"{100 * ours.mean:7.1f} ±{100 * ours.sd:4.1f} ({100 * theirs.mean:4.1f} ±{100 * theirs.sd:4.1f})"


def compare(name: str, task: str, seeds: int) -> int:
    """Print one row; how many of its figures disagree."""
    row, began = ROWS[name], time.perf_counter()
    runs = [outcome(experiment_of(row, task, seed)) for seed in range(seeds)]
    held_out, shifted, loss = row.theirs(task)
    found = [(score([one.held_out for one in runs]), held_out), (score([one.shifted for one in runs]), shifted)]
    wrong = [disagrees(ours, seeds, theirs) for ours, theirs in found]
    cells = "".join(f"{shown(*pair)}{'!' if off else ' '}" for pair, off in zip(found, wrong, strict=True))
    after = [one.after - one.before for one in runs if one.after is not None and one.before is not None]
    forgot = f"{'–':>16} "
    if after and loss is not None:
        wrong.append(forgets_otherwise(fmean(after), loss - BEFORE))
        forgot = f"{fmean(after):+8.2f} ({loss - BEFORE:+5.2f}){'!' if wrong[-1] else ' '}"
    seconds = fmean(one.seconds for one in runs)
    print(
        f"{task:5}{name:16}{runs[0].learning:8,}{cells}{forgot}{seconds:7.1f}{time.perf_counter() - began:8.1f}",
        flush=True,
    )
    return sum(wrong)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 where a figure disagrees."""
    parser = argparse.ArgumentParser(prog="benchmarks transfer", description=__doc__)
    parser.add_argument("--tasks", nargs="*", default=list(LABELS), choices=list(LABELS))
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--seeds", type=int, default=3, help="3 at least")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print("ours (theirs), right answers in % ± standard deviation over seeds; ! where they disagree")
    print(
        f"{'task':5}{'strategy':16}{'learning':>8}{'held out':>26}{'shifted':>26}{'forgotten':>18}{'s':>7}{'all s':>8}"
    )
    wrong = sum(compare(name, task, max(3, chosen.seeds)) for task in chosen.tasks for name in chosen.rows)
    print("all agree" if not wrong else f"{wrong} figures disagree")
    return int(wrong > 0)
