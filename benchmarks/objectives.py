"""Does every objective come near what is known exactly of it, and does none but a cheat pass it?

A row is an experiment, a measure of the held-out data, its limit, and how near is near enough: nats above the least
possible loss of the built-in text, or a share below the best possible one. A cheat must end below the least loss.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from typing import Any

import torch

from core.data.registry import open_source
from core.events import Failed, Finished
from core.limits import ceilings_of
from core.spec import from_json
from core.training import train

HELD_OUT = 2000


@dataclass(frozen=True)
class Row:
    """`plain`: what differs from the defaults; `near`: how far from its limit it may end."""

    plain: dict[str, Any]
    near: float
    measure: str = "loss"
    cheats: bool = False


def text(
    name: str, near: float, model: dict[str, Any], steps: int = 1000, cheats: bool = False, **objective: Any
) -> Row:
    """Masks and random orders take many steps here: their rows show how near so few come, not how near one can come."""
    asked: dict[str, Any] = {"name": name, **objective}
    train: dict[str, Any] = {"steps": steps, "held_out": 200}
    data: dict[str, Any] = {"task": "text"}
    if name in ("masked-word", "permutation-lm"):
        data, train = {**data, "length": 12}, {**train, "batch": 64, "learning_rate": 3e-3}
    return Row({"data": data, "objective": asked, "model": model, "train": train}, near, cheats=cheats)


def pair(objective: str, near: float, steps: int, measure: str = "accuracy", cue: float = 0.9, **asked: Any) -> Row:
    data = {"task": "two-sentences", "cue": cue}
    train = {"steps": steps, "held_out": HELD_OUT}
    model = {"direction": "both"}
    return Row({"data": data, "objective": {"name": objective, **asked}, "model": model, "train": train}, near, measure)


LEFT, BOTH = {"direction": "left-to-right"}, {"direction": "both"}
ROWS: dict[str, Row] = {
    "next word": text("next-word", 0.15, LEFT),
    "previous word": text("previous-word", 0.25, {"direction": "right-to-left"}),
    "two-way LM": text("two-way-lm", 0.15, {**BOTH, "join": "concat"}),
    "masked word": text("masked-word", 0.6, {**BOTH, "layers": 3}, 2000, mask_rate=0.4),
    "prefix LM": text("prefix-lm", 0.2, BOTH),
    "permutation LM": text("permutation-lm", 0.6, BOTH, 2000),
    "sentence order": pair("sentence-order", 0.02, 400),
    "sentence order, determiners erased": pair("sentence-order", 0.03, 200, cue=0.5),
    "next sentence": pair("next-sentence", 0.03, 1800),
    "next sentence beside masked words": pair("masked-and-next", 0.08, 1200, "pair_accuracy", mask_rate=0.3),
    "cheat: next word, full attention": text("next-word", 0.0, BOTH, 300, True),
    "cheat: two-way LM, stacked BiLSTM": text("two-way-lm", 0.0, {**BOTH, "family": "lstm"}, 400, True),
    "cheat: prefix LM without its mask": text("prefix-lm", 0.0, BOTH, 400, True, prefix_mask=False),
}


def outcome(row: Row, seed: int) -> tuple[float, float, float, float]:
    """(the measure, its limit, answers that were measured, seconds)."""
    experiment, began = from_json(row.plain).with_({"train.seed": seed}), time.perf_counter()
    once = experiment.with_({"train.evaluate_every": experiment.resolved().train.steps})
    for event in train(once, open_source(once.data.settings)):
        if isinstance(event, Failed):
            raise RuntimeError(event.message)
        if isinstance(event, Finished):
            found, known = event.metrics["held_out"], ceilings_of(once)
            limit = found["floor"] if known is None else known.both
            n = HELD_OUT if row.measure != "loss" else found["n"]
            return found[row.measure], limit, n, time.perf_counter() - began
    raise RuntimeError("the run never finished")


def verdict(row: Row, measured: float, limit: float, n: float) -> str:
    """ "" where it is as it should be."""
    if row.cheats:
        return "" if measured < limit else "NO LEAK"
    if row.measure == "loss":
        return "ABOVE" if measured > limit + row.near else "BELOW THE FLOOR" if measured < limit else ""
    if measured < limit - row.near:
        return "BELOW"
    return "ABOVE" if measured > limit + 3 * math.sqrt(limit * (1 - limit) / n) else ""


def compare(names: list[str], seed: int = 0) -> int:
    """Print a line for each row; how many are not as they should be."""
    missed = 0
    if names:
        print(f"{'objective':40}{'measure':>15}{'measured':>10}{'limit':>9}{'difference':>12}{'seconds':>9}")
    for name in names:
        row = ROWS[name]
        measured, limit, n, seconds = outcome(row, seed)
        word = verdict(row, measured, limit, n)
        missed += bool(word)
        line = f"{name:40}{row.measure:>15}{measured:10.4f}{limit:9.4f}{measured - limit:+12.4f}{seconds:9.1f}  {word}"
        print(line.rstrip(), flush=True)
    return missed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks objectives", description=__doc__)
    parser.add_argument("--objectives", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    missed = compare(chosen.objectives, chosen.seed)
    print("all as they should be" if not missed else f"{missed} not as they should be")
    return int(missed > 0)
