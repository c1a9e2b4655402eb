"""Training speed beside a peer: tokens per second of the whole step, interleaved in one process, so that ratios hold.

Peers, each at equal width, layers, heads, feed-forward, length, batch, vocabulary and optimiser: `transformers`'
GPT2LMHeadModel (next word) and BertForMaskedLM (masked word), both with scaled_dot_product_attention and PyTorch's
fused AdamW; PyTorch's own nn.LSTM in a plain loop. A step draws a batch, goes forward and backward, clips, updates.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import frame
from core.data.contract import Batch, Ceilings
from core.data.registry import Text
from core.spec import DataSpec, Experiment, ModelSpec, ObjectiveSpec, TrainSpec
from core.training import Control, Training

DIRECTION = {"next-word": "left-to-right", "masked-word": "both"}


@dataclass(frozen=True)
class Size:
    width: int
    layers: int
    heads: int
    length: int
    batch: int
    vocabulary: int


SIZES = {"S": Size(64, 2, 4, 64, 32, 256), "M": Size(128, 4, 4, 64, 32, 2000), "L": Size(256, 6, 8, 128, 16, 8000)}
WANTED = {
    ("bfloat16", "next-word"): {"S": 1.4, "M": 1.6, "L": 1.6},
    ("bfloat16", "masked-word"): {"S": 1.5, "M": 1.8, "L": 2.0},
    ("float32", "next-word"): dict.fromkeys("SML", 1.15),
    ("float32", "masked-word"): dict.fromkeys("SML", 1.15),
    ("float32", "lstm"): dict.fromkeys("SML", 0.97),
}


class Noise:
    """Random words: speed doesn't depend on which."""

    def __init__(self, size: Size) -> None:
        self.size, self.length = size, size.length
        self.words = self.classes = tuple(map(str, range(size.vocabulary)))

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        tokens = rng.integers(3, self.size.vocabulary, (n, self.length + 1))
        return Batch(tokens, np.full_like(tokens, -100))

    def held_out(self, n: int) -> Batch:
        return self.sample(np.random.default_rng(0), n)

    def encode(self, text: str) -> np.ndarray:
        return np.array([int(word) for word in text.split()])

    def ceilings(self) -> Ceilings | None:
        return None


def experiment(size: Size, objective: str, precision: str, family: str = "transformer") -> Experiment:
    model = ModelSpec(
        family=family,
        direction=DIRECTION[objective],
        width=size.width,
        layers=size.layers if family == "transformer" else 1,
        heads=size.heads,
        feed_forward=4 * size.width,
    )
    data = DataSpec("text", Text(vocabulary=size.vocabulary, length=size.length))
    train = TrainSpec(batch=size.batch, precision=precision, device="cpu", steps=200_000)
    return Experiment(data, model, ObjectiveSpec(objective), train)


def ours(size: Size, objective: str, precision: str, family: str = "transformer") -> Callable[[], None]:
    run = Training(experiment(size, objective, precision, family).resolved(), Noise(size), None, Control())

    def step() -> None:
        run.learn()
        run.measured.clear()
        run.rates.clear()

    return step


def batches(size: Size, objective: str) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    source, rng = Noise(size), np.random.default_rng(0)
    while True:
        batch = frame(ObjectiveSpec(objective), source.sample(rng, size.batch), rng, size.vocabulary)
        tokens, labels = (torch.from_numpy(np.ascontiguousarray(x)) for x in (batch.tokens, batch.labels))
        yield tokens, labels


def stepper(model: nn.Module, loss_of: Callable[..., torch.Tensor], size: Size, objective: str) -> Callable[[], None]:
    """A plain PyTorch training step."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0, fused=True)
    source = batches(size, objective)

    def step() -> None:
        loss = loss_of(*next(source))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return step


def hugging_face(size: Size, objective: str) -> Callable[[], None]:
    import transformers

    shape = {"vocab_size": size.vocabulary, "attn_implementation": "sdpa"}
    if objective == "next-word":
        settings = transformers.GPT2Config(
            n_embd=size.width, n_layer=size.layers, n_head=size.heads, n_positions=size.length,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False, **shape,
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(settings)
    else:
        settings = transformers.BertConfig(
            hidden_size=size.width, num_hidden_layers=size.layers, num_attention_heads=size.heads,
            intermediate_size=4 * size.width, max_position_embeddings=size.length,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, **shape,
        )  # fmt: skip
        model = transformers.BertForMaskedLM(settings)

    def loss_of(tokens: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=tokens).logits  # labels are shifted already
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten())

    return stepper(model.train(), loss_of, size, objective)


def bare_lstm(size: Size) -> Callable[[], None]:
    words, cells = nn.Embedding(size.vocabulary, size.width), nn.LSTM(size.width, size.width, batch_first=True)
    scores = nn.Linear(size.width, size.vocabulary)

    def loss_of(tokens: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(scores(cells(words(tokens))[0]).flatten(0, 1), labels.flatten())

    return stepper(nn.ModuleList([words, cells, scores]), loss_of, size, "next-word")


def timed(step: Callable[[], None], seconds: float) -> float:
    """Steps per second over at least that long."""
    began, count = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds or not count:
        step()
        count += 1
    return count / took


def compare(a: Callable[[], None], b: Callable[[], None], rounds: int, seconds: float) -> tuple[list[float], float]:
    """(speed of a over speed of b in each round, steps per second of a), taking turns."""
    for warm in (a, b):
        warm(), warm()
    ratios, speeds = [], []
    for turn in range(rounds):
        order = (a, b) if turn % 2 else (b, a)
        speed = {step: timed(step, seconds) for step in order}
        ratios.append(speed[a] / speed[b])
        speeds.append(speed[a])
    return ratios, statistics.median(speeds)


def main(arguments: list[str] | None = None) -> int:
    """Print one row a comparison; the exit status is 1 where a median misses what is wanted."""
    parser = argparse.ArgumentParser(prog="benchmarks throughput", description=__doc__)
    parser.add_argument("--sizes", default="SML")
    parser.add_argument("--only", help="next-word, masked-word or lstm")
    parser.add_argument("--precision", help="bfloat16 or float32")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each side in each round")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print(f"{'objective':12} {'products':9} size  tokens/s      ratio: min  median  max   wanted")
    missed = 0
    for (precision, objective), wanted in WANTED.items():
        if chosen.only not in (None, objective) or chosen.precision not in (None, precision):
            continue
        for name in chosen.sizes:
            size = SIZES[name]
            if objective == "lstm":
                pair = ours(size, "next-word", precision, "lstm"), bare_lstm(size)
            else:
                pair = ours(size, objective, precision), hugging_face(size, objective)
            ratios, speed = compare(*pair, chosen.rounds, chosen.seconds)
            low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
            verdict = "" if middle >= wanted[name] else "  MISSED"
            missed += bool(verdict)
            row = f"{objective:12} {precision:9} {name:4} {speed * size.batch * size.length:9.0f}"
            print(f"{row}        {low:8.2f} {middle:7.2f} {high:6.2f} {wanted[name]:7.2f}{verdict}", flush=True)
    return int(missed > 0)
