"""What every decoder costs as sentences grow: milliseconds a sentence, one thread, models of size "small", untrained.

The end mark is held back until a sentence has its length. The exponent is the slope of time against length on the upper
half of the lengths, both in logarithms: with a memory about 1 (n steps; a step grows slowly with what there is to look
at), without one about 2, and a fixed number of rounds below that, because all words are written at once. Decoders are
timed in turn, in one process. Fails where an exponent is not what the decoder promises.

`python -m benchmarks decoders [--rounds 3]`
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.decoding.agreement import agree
from core.decoding.beam import search
from core.decoding.choosing import Choice
from core.decoding.greedy import write
from core.decoding.mask_predict import fill
from core.decoding.synchronous import meet
from core.decoding.trace import Decoded, Event
from core.decoding.translating import Blanks, Ends, Translator
from core.decoding.writer import Reading
from core.models.build import initialise
from core.models.decoder import Written
from core.models.seq2seq import Seq2Seq
from core.spec import ModelSpec
from core.text import END, SPECIAL_WRITTEN

LENGTHS = (16, 32, 64, 128, 256)
WORDS, WIDTH, ROUNDS, BAR = 200, 4, 4, 36
NONE = np.random.default_rng(0)  # nothing is drawn


def held_back(reading: Reading, written: int, n: int) -> Reading:
    """No end before n words are written, and nothing but the end after them."""
    found = reading.log_probabilities
    if written < n:
        found[:, END] = -np.inf
    else:
        found[:] = -np.inf
        found[:, END] = 0.0
    return reading


class Lengthy(Translator):
    """A translator whose sentences have n words."""

    n = 0

    def _reading(self, tokens: Tensor, memory: Written) -> Reading:
        return held_back(super()._reading(tokens, memory), memory.length - 1, self.n)


class LengthyEnds(Ends):
    n = 0

    def _reading(self, tokens: Tensor, memory: Written) -> Reading:
        return held_back(super()._reading(tokens, memory), memory.length - 1, self.n // 2)


class LengthyBlanks(Blanks):
    n = 0

    def lengths(self) -> np.ndarray:
        found = np.full(self.model.length, -np.inf)
        found[self.n] = 0.0
        return found


@dataclass(frozen=True)
class Kind:
    """`least` and `most`: what the exponent may be."""

    model: dict[str, Any]
    run: Callable[[Seq2Seq, Tensor, int], Iterator[Event]]
    least: float
    most: float


def writer(model: Seq2Seq, source: Tensor, n: int, direction: str = "left-to-right") -> Lengthy:
    one = Lengthy(model, model.read(source), direction)
    one.n = n
    return one


def halves(model: Seq2Seq, source: Tensor, n: int) -> Iterator[Event]:
    pair = LengthyEnds(model, model.read(source))
    pair.n = n
    return meet(pair, n + 1, WIDTH)


def blanks(model: Seq2Seq, source: Tensor, n: int) -> Iterator[Event]:
    filler = LengthyBlanks(model, model.read(source))
    filler.n = n
    return fill(filler, ROUNDS, Choice(0.0), NONE)


def both(model: Seq2Seq, source: Tensor, n: int) -> Iterator[Event]:
    return agree(writer(model, source, n), writer(model, source, n, "right-to-left"), n + 1, WIDTH)


def greedy(direction: str) -> Callable[[Seq2Seq, Tensor, int], Iterator[Event]]:
    return lambda model, source, n: write(writer(model, source, n, direction), n + 1, Choice(0.0), NONE)


KINDS = {
    "greedy": Kind({}, greedy("left-to-right"), 0.8, 1.5),
    "greedy, right to left": Kind({"direction": "right-to-left"}, greedy("right-to-left"), 0.8, 1.5),
    "beam of 4": Kind({}, lambda model, source, n: search(writer(model, source, n), n + 1, WIDTH), 0.8, 1.8),
    "agreement, beams of 4": Kind({"direction": "both", "writing": "agreement"}, both, 0.8, 1.8),
    "from both ends, beam of 4": Kind({"direction": "both", "writing": "synchronous"}, halves, 0.8, 1.8),
    "mask-predict, 4 rounds": Kind({"direction": "both", "writing": "mask-predict"}, blanks, 0.0, 1.8),
    "no mask, no memory": Kind({"direction": "both", "writing": "unmasked"}, greedy("left-to-right"), 1.4, 3.0),
    "LSTM with attention": Kind({"cells": "lstm"}, greedy("left-to-right"), 0.7, 1.5),
}


def milliseconds(kind: Kind, model: Seq2Seq, n: int) -> float:
    source = torch.arange(n)[None] % (WORDS - len(SPECIAL_WRITTEN)) + len(SPECIAL_WRITTEN)
    began = time.perf_counter()
    with torch.no_grad():
        *_, last = kind.run(model, source, n)
    assert isinstance(last, Decoded)
    assert len(last.tokens) == n, (len(last.tokens), n)
    return 1000 * (time.perf_counter() - began)


def exponent(times: list[float]) -> float:
    """The slope of log time against log length, on the upper half of the lengths."""
    upper = len(LENGTHS) // 2
    x, y = (np.log(np.array(one[upper:])) for one in (LENGTHS, times))
    return float(np.polyfit(x, y, 1)[0])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks decoders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    torch.set_num_threads(1)
    longest = max(LENGTHS) + 1
    models = {}
    for name, kind in KINDS.items():
        spec = ModelSpec(family="encoder-decoder", **kind.model)
        models[name] = Seq2Seq(spec, WORDS, WORDS, longest, longest).eval()
        initialise(models[name], 0)
        milliseconds(kind, models[name], LENGTHS[0])
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for n in LENGTHS:
            for name, kind in KINDS.items():
                found.setdefault((name, n), []).append(milliseconds(kind, models[name], n))
    most, wrong = math.log(max(map(statistics.median, found.values()))), 0
    for name, kind in KINDS.items():
        times = [statistics.median(found[name, n]) for n in LENGTHS]
        slope = exponent(times)
        fits = kind.least <= slope <= kind.most
        wrong += not fits
        print(f"\n{name}: exponent {slope:.2f}{'' if fits else f' is not within {kind.least} and {kind.most}'}")
        for n, took in zip(LENGTHS, times, strict=True):
            bar = "█" * max(1, round(BAR * math.log(max(took, 1.01)) / most))
            print(f"  {n:4} words {took:9.1f} ms {bar}")
    print("\nevery cost grows as it should" if not wrong else f"\n{wrong} grow otherwise")
    return int(wrong > 0)
