"""Writing speed beside a peer: milliseconds a word, greedy, one sentence, one thread, interleaved in one process.

Ours with its memory of keys and values, ours that reads everything again for each word, and `transformers`' GPT-2 with
`generate` and its cache, at equal width, layers, heads and vocabulary (size M, a context of 256). With memory the time
of a word hardly grows with what is written; without, it does: the bars show it.

`python -m benchmarks writing [--rounds 5]`
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from core.generation import continue_text
from core.models.build import build
from core.spec import from_json

WIDTH, LAYERS, HEADS, CONTEXT, VOCABULARY = 128, 4, 4, 256, 2000
GIVEN, LENGTHS = 8, (15, 30, 60, 120, 240)
WANTED = 1.0  # transformers' time over ours
BAR = 40  # characters


def ours(remembers: bool) -> Callable[[int], None]:
    sizes = {"width": WIDTH, "layers": LAYERS, "heads": HEADS, "feed_forward": 4 * WIDTH}
    experiment = from_json({"data": {"task": "text", "length": CONTEXT}, "model": sizes})
    model = build(experiment, VOCABULARY, VOCABULARY).eval()
    given = np.arange(3, 3 + GIVEN)

    def write(n: int) -> None:
        words = list(continue_text(model, given, n, np.random.default_rng(0), 0.0, remembers=remembers))
        assert len(words) == n

    return write


def hugging_face() -> Callable[[int], None]:
    from transformers import GPT2Config, GPT2LMHeadModel, logging

    logging.set_verbosity_error()
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
        attn_implementation="sdpa", bos_token_id=0, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    model = GPT2LMHeadModel(config).eval()
    given = torch.arange(3, 3 + GIVEN)[None]

    def write(n: int) -> None:
        found = model.generate(given, max_new_tokens=n, do_sample=False, use_cache=True)
        assert found.shape[1] == GIVEN + n

    return write


def milliseconds(write: Callable[[int], None], n: int) -> float:
    began = time.perf_counter()
    write(n)
    return 1000 * (time.perf_counter() - began) / n


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    torch.set_num_threads(1)
    writers = {"with memory": ours(True), "without": ours(False), "transformers": hugging_face()}
    for write in writers.values():
        write(4)
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for n in LENGTHS:
            for name, write in writers.items():
                found.setdefault((name, n), []).append(milliseconds(write, n))
    longest = max(statistics.median(times) for times in found.values())
    for name in writers:
        print(f"\n{name}: milliseconds a word")
        for n in LENGTHS:
            median = statistics.median(found[name, n])
            print(f"  {n:4} words {median:7.2f} {'█' * max(1, round(BAR * median / longest))}")
    print("\nwords  transformers / ours (min / median / max)")
    worst = float("inf")
    for n in LENGTHS:
        ratios = [b / a for a, b in zip(found["with memory", n], found["transformers", n], strict=True)]
        worst = min(worst, statistics.median(ratios))
        print(f"{n:5}  {min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}")
    print("as fast as it must be" if worst >= WANTED else f"too slow: {worst:.2f} is below {WANTED}")
    return 0 if worst >= WANTED else 1
