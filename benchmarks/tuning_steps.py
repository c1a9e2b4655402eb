"""A step of each fine-tuning strategy against a step of full fine-tuning, and LoRA against `peft` on the same base.

The base is a random BERT of `transformers` at size M (width 128, 4 layers, 4 heads, feed-forward 512; 32 rows of 64
words out of 2,000), imported into our modules. One thread; the two sides of a row take turns, and the time is the
processor's, so that ratios hold on a machine that others use, too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.throughput import SIZES, Noise
from core.data.contract import IGNORE, Batch
from core.hub import Folder, from_folder
from core.loading import model_settings
from core.spec import Experiment, ModelSpec, from_json
from core.starts import Start
from core.training import Control
from core.tuning.loop import Tuning

SIZE = SIZES["M"]
LABELS, CLASSES = 512, 2
ROWS: tuple[tuple[str, dict[str, Any], float], ...] = (  # strategy, its settings, most of a full step's time
    ("lora", {"where": "attention"}, 0.9),
    ("lora", {"where": "all"}, 1.0),
    ("adapters", {}, 1.0),
    ("prefix", {}, 1.0),
    ("soft-prompt", {}, 1.0),
    ("bitfit", {}, 1.0),
    ("head", {}, 0.1),
    ("alternating", {}, 1.0),
    ("alignment", {}, 2.3),
)
AGAINST_PEFT = 1.0


class Labelled(Noise):
    """Random sentences with random classes: speed doesn't depend on which."""

    def __init__(self) -> None:
        super().__init__(SIZE)
        self.classes = tuple(map(str, range(CLASSES)))

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        tokens = rng.integers(3, SIZE.vocabulary, (n, SIZE.length))
        return Batch(tokens, np.full_like(tokens, IGNORE), answers=rng.integers(0, CLASSES, n))


def quiet() -> None:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


@cache
def base() -> Folder:
    """A BERT as transformers builds and saves it."""
    import transformers

    settings = transformers.BertConfig(
        hidden_size=SIZE.width, num_hidden_layers=SIZE.layers, num_attention_heads=SIZE.heads,
        intermediate_size=4 * SIZE.width, max_position_embeddings=SIZE.length, vocab_size=SIZE.vocabulary,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="sdpa",
    )  # fmt: skip
    torch.manual_seed(0)
    place = Path(tempfile.mkdtemp())
    transformers.BertForMaskedLM(settings).save_pretrained(place)
    return from_folder(place)


def tuning(strategy: str, precision: str, **settings: Any) -> Tuning:
    """Our loop, about to begin."""
    pretrained = ModelSpec(**model_settings(base()))
    text = {"data": {"task": "text", "length": SIZE.length}, "objective": {"name": "masked-word"}}
    start_experiment = replace(from_json({**text, "model": {"direction": "both"}}), model=pretrained)
    start = Start("M", start_experiment, Noise(SIZE), SIZE.vocabulary, SIZE.length, 2, base())
    train = {"batch": SIZE.batch, "precision": precision, "device": "cpu", "steps": 200_000, "learning_rate": 1e-4}
    tune = {"strategy": strategy, "start": "run:" + "0" * 32, "labels": LABELS, **settings}
    task = from_json({"data": {"task": "transfer"}, "train": train, "tune": tune})
    model = replace(pretrained, read_out="linear", tied_words=False, pool="mean")
    return Tuning(Experiment(**{**vars(task), "model": model}).resolved(), Labelled(), None, Control(), start)


def stepper(*runs: Tuning) -> Callable[[], None]:
    """One step of each."""

    def step() -> None:
        for run in runs:
            run.learn()
            run.measured.clear()
            run.rates.clear()

    return step


def top_and_bottom(precision: str) -> tuple[Tuning, Tuning]:
    """Alternating fine-tuning in the top's turn, and in the bottom's."""
    top, bottom = (tuning("alternating", precision, rounds=1) for _ in range(2))
    bottom.step = bottom.steps // 2
    return top, bottom


def peft_lora(where: str) -> Callable[[], None]:
    """peft's LoRA on the same BERT with the same rank, targets, batch, mean pool, clipping and AdamW."""
    import transformers
    from peft import LoraConfig, get_peft_model

    attention = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
    targets = attention if where == "attention" else [*attention, "intermediate.dense", "output.dense"]
    body = transformers.BertModel.from_pretrained(base().path, attn_implementation="sdpa", add_pooling_layer=False)
    model: Any = get_peft_model(body, LoraConfig(r=4, lora_alpha=8, target_modules=targets)).train()
    head = nn.Linear(SIZE.width, CLASSES)
    learned = [one for one in (*model.parameters(), *head.parameters()) if one.requires_grad]
    optimiser, rng, source = torch.optim.AdamW(learned, lr=1e-4, fused=True), np.random.default_rng(0), Labelled()
    pool = source.sample(rng, LABELS)

    def step() -> None:
        rows = pool.rows(rng.permutation(LABELS)[: SIZE.batch])
        states = model(input_ids=torch.from_numpy(rows.tokens)).last_hidden_state
        F.cross_entropy(head(states.mean(1)), torch.from_numpy(rows.answers)).backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return step


def seconds(step: Callable[[], None], least: float) -> float:
    """Of the processor, for one step, over at least that long."""
    began, count = time.process_time(), 0
    while (took := time.process_time() - began) < least or not count:
        step()
        count += 1
    return took / count


def compare(a: Callable[[], None], b: Callable[[], None], rounds: int, least: float) -> list[float]:
    """The time of a over the time of b in each round, taking turns."""
    for warm in (a, b):
        warm(), warm()
    ratios = []
    for turn in range(rounds):
        times = {one: seconds(one, least) for one in ((a, b) if turn % 2 else (b, a))}
        ratios.append(times[a] / times[b])
    return ratios


def told(name: str, precision: str, ratios: list[float], most: float) -> bool:
    """One row; `ratios` of times."""
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    kept = middle <= most
    print(
        f"{name:34} {precision:9} {low:6.2f} {middle:7.2f} {high:6.2f} {most:7.2f}{'' if kept else '  MISSED'}",
        flush=True,
    )
    return kept


def main(arguments: list[str] | None = None) -> int:
    """Print one row a comparison; the exit status is 1 where a median is above what is wanted."""
    parser = argparse.ArgumentParser(prog="benchmarks tuning_steps", description=__doc__)
    parser.add_argument("--only", help="a strategy, or peft")
    parser.add_argument("--precision", choices=("bfloat16", "float32"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each side in each round")
    chosen = parser.parse_args(arguments)
    quiet()
    torch.set_num_threads(1)
    print(f"{'a step of …':34} {'products':9} {'min':>6}  median    max  at most  (times the step of full fine-tuning)")
    kept = []
    for precision in ("bfloat16", "float32") if chosen.precision is None else (chosen.precision,):
        full = stepper(tuning("full", precision))
        for strategy, settings, most in ROWS:
            if chosen.only in (None, strategy):
                alternates = strategy == "alternating"
                runs = top_and_bottom(precision) if alternates else (tuning(strategy, precision, **settings),)
                ratios = compare(stepper(*runs), full, chosen.rounds, chosen.seconds)
                name = " ".join([strategy, *map(str, settings.values())])
                kept.append(told(name, precision, [ratio / len(runs) for ratio in ratios], most))
        for where in ("attention", "all") if chosen.only in (None, "peft") else ():
            ratios = compare(
                stepper(tuning("lora", precision, where=where)), peft_lora(where), chosen.rounds, chosen.seconds
            )
            kept.append(told(f"lora {where} against peft's", precision, ratios, AGAINST_PEFT))
    return int(not all(kept))
