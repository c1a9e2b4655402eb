"""Looking inside: attention beside a plain pass and beside bertviz, influence, flat pictures, probes, scrubbing.

    python -m benchmarks looking [influence|attention|grid|states|probes|scrubbing …]

One thread; medians of processor seconds, which other programs on the machine disturb little. What is compared runs
interleaved. The peer of the grid is bertviz's model view where it is installed (pip install bertviz).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from core.checkpoints import TrainingState, copy_weights, load_model
from core.data.registry import Text, open_source
from core.looking.asking import probes
from core.looking.influence import influence
from core.looking.look import look
from core.looking.pca import pca
from core.models.build import Model, build
from core.models.tap import tapped
from core.picture import Picture
from core.runs.sight import packed as sent
from core.runs.sight import unpacked
from core.spec import DataSpec, Experiment, ModelSpec, from_json
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
    """What the server does between the looking process and the browser, for 12 × 12 heads of 64 words."""
    weights = np.random.default_rng(0).dirichlet(np.ones(LENGTH), (12, 12, LENGTH)).astype(np.float32)
    words = tuple(f"word{one}" for one in range(LENGTH))
    header, body = sent(Picture(words, {"attention": weights}, {"attention": ("L", "H", "T", "S")}))

    def ours() -> bytes:
        return packed(unpacked(json.loads(json.dumps(header)), body).arrays["attention"], {})

    (taken,) = seconds(ours)
    size = len(ours()) / 1e6
    print(f"\nAttention of 12 × 12 heads, {LENGTH} words, on the server (wanted: 30 ms, 0.7 MB)")
    print("| | ms | MB sent | × ours in time | in size |\n|:--|--:|--:|--:|--:|")
    print(f"| the grid | {1000 * taken:.1f} | {size:.2f} | 1 | 1 |")
    try:
        from bertviz import model_view
    except ImportError:
        said, theirs, mb = "bertviz isn't installed; as measured before", 0.650, 26.7
    else:
        layers = [torch.from_numpy(one)[None] for one in weights]
        said = "bertviz model view"
        (theirs,) = seconds(lambda: model_view(layers, list(words), html_action="return"))
        mb = len(model_view(layers, list(words), html_action="return").data.encode()) / 1e6
    print(f"| {said} | {1000 * theirs:.0f} | {mb:.1f} | {theirs / taken:.0f} | {mb / size:.0f} |")


def of_states() -> None:
    print("\nPrincipal components of 2,000 states (wanted: 50 ms)\n| width | ms |\n|--:|--:|")
    for width in (64, 128, 256, 512, 768):
        states = np.random.default_rng(0).normal(size=(2000, width))
        (taken,) = seconds(partial(pca, states, 3))
        print(f"| {width} | {1000 * taken:.1f} |")


def of_probes() -> None:
    print("\nProbes of all layers and offsets at S, the untrained control with them (wanted: 3 s)")
    print("| data | model | layers × offsets | sentences | seconds |\n|:--|:--|--:|--:|--:|")
    for data, family in product(({"task": "sense"}, {"task": "text"}), ("transformer", "lstm")):
        one = from_json({"data": data, "model": {"family": family, "direction": "both", "size": "small"}})
        source = open_source(one.data.settings)
        model = build(one, len(source.words), len(source.classes)).eval()
        began = time.process_time()
        notes = probes(model, source, {}).notes
        taken = time.process_time() - began
        shape = f"{len(notes['rows'])} × {len(notes['offsets'])}"
        print(f"| {data['task']} | {family} | {shape} | {notes['sentences']} | {taken:.2f} |")


def of_scrubbing() -> None:
    """One step of the slider: a snapshot's file is opened, and the sentence looked at."""
    print("\nScrubbing: a snapshot that wasn't open yet, and a look (wanted: 5 a second)")
    print("| size | look | ms | a second |\n|:--|:--|--:|--:|")
    with TemporaryDirectory() as folder:
        for size in ("small", "medium"):
            one = from_json({"data": {"task": "sense"}, "model": {"direction": "both", "size": size}}).resolved()
            source: Any = open_source(one.data.settings)
            words, classes = len(source.words), len(source.classes)
            path = Path(folder) / f"{size}.safetensors"
            TrainingState(one, words, classes, 0, copy_weights(build(one, words, classes))).save(path)
            ids = source.held_out(1).tokens[0]
            for what in ("attention", "states", "influence", "lens"):
                (taken,) = seconds(partial(opened, path, source, ids, what))
                print(f"| {size} | {what} | {1000 * taken:.0f} | {1 / taken:.0f} |")


def opened(path: Path, source: Any, ids: np.ndarray, what: str) -> Picture:
    return look(load_model(path), source, ids, what)


PARTS = {
    "influence": of_influence,
    "attention": of_attention,
    "grid": of_grid,
    "states": of_states,
    "probes": of_probes,
    "scrubbing": of_scrubbing,
}


def main(names: list[str] | None = None) -> None:
    torch.set_num_threads(1)
    for name in names or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
