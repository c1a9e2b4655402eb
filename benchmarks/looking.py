"""Looking inside: influence of 64 words, capturing attention beside a plain forward pass, the attention grid's bytes.

    python -m benchmarks.looking

One thread; medians of processor seconds, which other programs on the machine disturb little. What is compared runs
interleaved.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import torch

from core.data.registry import Text
from core.looking.influence import influence
from core.models.build import Model, build
from core.models.tap import tapped
from core.spec import DataSpec, Experiment, ModelSpec
from ui.canvas.grid import packed

SIZES = {"S": (64, 2, 4), "M": (128, 4, 4), "L": (256, 6, 8)}  # width, layers, heads
LENGTH, BATCH, WORDS = 64, 32, 2000
ROUNDS = 9


def model_of(size: str, family: str = "transformer", direction: str = "both") -> Model:
    width, layers, heads = SIZES[size]
    layers = layers if family == "transformer" else 2
    sizes = {"width": width, "layers": layers, "heads": heads, "feed_forward": 4 * width}
    spec = ModelSpec(family=family, direction=direction, **sizes)
    return build(Experiment(DataSpec("text", Text(length=LENGTH)), spec), WORDS, WORDS).eval()


def seconds(*things: Callable[[], object]) -> list[float]:
    """Median seconds of each, interleaved."""
    taken: list[list[float]] = [[] for _ in things]
    for turn in range(ROUNDS + 1):
        for thing, times in zip(things, taken, strict=True):
            began = time.process_time()
            thing()
            if turn:  # the first is a warm-up
                times.append(time.process_time() - began)
    return [statistics.median(times) for times in taken]


def of_influence() -> None:
    print(f"\nInfluence of {LENGTH} words (wanted at M: about 0.5 s)")
    print("| size | family | direction | seconds | directions of a state | error | largest forbidden |")
    print("|:--|:--|:--|--:|--:|--:|--:|")
    tokens = np.random.default_rng(0).integers(0, WORDS, LENGTH)
    for size, family, direction in product(SIZES, ("transformer", "lstm"), ("left-to-right", "both")):
        model = model_of(size, family, direction)
        notes = influence(model, tokens).notes
        (taken,) = seconds(partial(influence, model, tokens))
        share, error, leak = f"{notes['directions']} of {notes['of']}", notes["error"], notes["largest_forbidden"]
        print(f"| {size} | {family} | {direction} | {taken:.3f} | {share} | {100 * error:.1f} % | {leak} |")


def of_attention() -> None:
    print(f"\nCapturing every head's attention beside a plain forward pass, {BATCH} × {LENGTH} words")
    print("| size | plain ms | captured ms | ratio |\n|:--|--:|--:|--:|")
    tokens = torch.randint(0, WORDS, (BATCH, LENGTH))
    for size in SIZES:
        model = model_of(size)

        def plain(model: Model = model) -> None:
            with torch.no_grad():
                model(tokens)

        def captured(model: Model = model) -> None:
            with torch.no_grad(), tapped(model):
                model(tokens)

        a, b = seconds(plain, captured)
        print(f"| {size} | {1000 * a:.1f} | {1000 * b:.1f} | {b / a:.2f} |")


def of_grid() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(LENGTH), (12, 12, LENGTH)).astype(np.float32)
    size = len(packed(weights, {}))
    (taken,) = seconds(lambda: packed(weights, {}))
    print(f"\nAttention grid of 12 × 12 heads, {LENGTH} words: {size / 1e6:.2f} MB, packed in {1000 * taken:.1f} ms")


def main(_: list[str] | None = None) -> None:
    torch.set_num_threads(1)
    of_influence()
    of_attention()
    of_grid()


if __name__ == "__main__":
    main()
