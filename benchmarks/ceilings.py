"""Does every game × direction × family stop at its ceiling? The default recipe, one run each, fresh held-out examples.

Fails where a model ends more than 2 points below its ceiling, or above it by more than three standard errors. Then
every objective of text and of pairs of sentences, beside what is known exactly of it (`benchmarks.objectives`).
"""

from __future__ import annotations

import argparse
import math
import time

import torch

from benchmarks import objectives
from core.data.registry import GAMES, LABELLED, PAIRS
from core.events import Failed, Finished
from core.limits import ceiling_of
from core.spec import DIRECTIONS, READERS, Experiment, from_json
from core.training import train

BELOW = 0.02
WRITES = (*DIRECTIONS[:2], "agreement", "synchronous", "mask-predict")  # of translations; without a mask is a cheat


def outcome(experiment: Experiment) -> tuple[float, int, float]:
    """(held-out accuracy 0…1, steps, seconds with evaluation)."""
    began = time.perf_counter()
    for event in train(experiment, experiment.data.settings):
        if isinstance(event, Failed):
            raise RuntimeError(event.message)
        if isinstance(event, Finished):
            return event.metrics["held_out"]["accuracy"], event.step, time.perf_counter() - began
    raise RuntimeError("the run never finished")


def verdict(accuracy: float, ceiling: float, n: int) -> str:
    if accuracy < ceiling - BELOW:
        return "BELOW"
    return "ABOVE" if accuracy > ceiling + 3 * math.sqrt(ceiling * (1 - ceiling) / n) else ""


def missed_by(name: str, game: str, model: dict[str, str], chosen: argparse.Namespace) -> int:
    """Print one row; 1 where the model misses its ceiling or passes it."""
    train = {"held_out": chosen.held_out, "seed": chosen.seed, "precision": chosen.precision}
    experiment = from_json({"data": {"task": game}, "model": model, "train": train})
    once = experiment.with_({"train.evaluate_every": experiment.resolved().train.steps})
    (accuracy, steps, seconds), ceiling = outcome(once), ceiling_of(experiment) or 0.0
    word = verdict(accuracy, ceiling, chosen.held_out)
    row = f"{name}{accuracy:9.4f}{ceiling:9.4f}{accuracy - ceiling:+12.4f}{steps:7}{seconds:9.1f}  {word}"
    print(row.rstrip(), flush=True)
    return int(bool(word))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 where a ceiling was missed or passed."""
    parser = argparse.ArgumentParser(prog="benchmarks ceilings", description=__doc__)
    parser.add_argument("--games", nargs="*", default=[*GAMES, *LABELLED], choices=[*GAMES, *LABELLED])
    parser.add_argument("--families", nargs="*", default=list(READERS), choices=READERS)
    parser.add_argument("--directions", nargs="*", default=list(DIRECTIONS), choices=DIRECTIONS)
    parser.add_argument("--translations", nargs="*", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--writes", nargs="*", default=list(WRITES), choices=WRITES)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", type=int, default=20_000)
    parser.add_argument("--objectives", nargs="*", default=list(objectives.ROWS), choices=list(objectives.ROWS))
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print(
        f"{'game':10}{'family':13}{'direction':15}{'accuracy':>9}{'ceiling':>9}{'difference':>12}{'steps':>7}{'seconds':>9}"
    )
    missed = 0
    for game in chosen.games:
        for family in chosen.families:
            for direction in chosen.directions:
                model = {"family": family, "direction": direction}
                missed += missed_by(f"{game:10}{family:13}{direction:15}", game, model, chosen)
    for game in chosen.translations:
        for writes in chosen.writes:
            one_way = writes in DIRECTIONS
            model = {"direction": writes} if one_way else {"direction": "both", "writing": writes}
            missed += missed_by(f"{game:10}{'translation':13}{writes:15}", game, model, chosen)
    missed += objectives.compare(chosen.objectives, chosen.seed)
    print("all reached" if not missed else f"{missed} missed")
    return int(missed > 0)
