"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass

from core.fields import check, setting


@dataclass(frozen=True)
class TrainSpec:
    """How it is trained. None follows the recipe of the data."""

    steps: int | None = setting(
        None,
        "Steps",
        "How many batches the model learns from; 0 only looks at it as it is.",
        unit="steps",
        low=0,
        high=200_000,
    )
    batch: int | None = setting(None, "Batch", "Sequences per step.", unit="sequences", low=1, high=2048, deeper=True)
    learning_rate: float | None = setting(
        None, "Learning rate", "How far each step moves the weights.", low=1e-7, high=1.0
    )
    warm_up: int = setting(
        30, "Warm-up", "Steps over which the learning rate rises from 0.", unit="steps", low=0, high=20_000, deeper=True
    )
    schedule: str = setting(
        "cosine",
        "Schedule",
        "How the learning rate falls after warm-up.",
        choices=("cosine", "linear", "constant"),
        deeper=True,
    )
    beta2: float = setting(
        0.999,
        "Memory of squared gradients",
        "How slowly AdamW forgets how large each weight's gradients were (β₂). Lower follows faster: 0.98 is usual in "
        "pretraining.",
        low=0.5,
        high=0.99999,
        deeper=True,
        aliases=("β2", "β₂"),
    )
    weight_decay: float = setting(
        0.0, "Weight decay", "Pull of the weights towards 0 (AdamW).", low=0.0, high=1.0, deeper=True
    )
    clip: float = setting(
        1.0, "Gradient clipping", "Longest gradient allowed; 0 turns clipping off.", low=0.0, high=1000.0, deeper=True
    )
    label_smoothing: float = setting(
        0.0, "Label smoothing", "Share of each target spread over all answers.", low=0.0, high=0.9, deeper=True
    )
    l1: float = setting(0.0, "L1", "Penalty on the sum of absolute weights.", low=0.0, high=1.0, deeper=True)
    l2: float = setting(0.0, "L2", "Penalty on half the sum of squared weights.", low=0.0, high=1.0, deeper=True)
    accumulate: int = setting(
        1,
        "Parts of a batch",
        "Each batch goes through in so many parts whose gradients add up: the same step in less memory.",
        unit="parts",
        low=1,
        high=64,
        deeper=True,
    )
    recompute: bool = setting(
        False,
        "Gradient checkpointing",
        "Keep only what enters each Transformer layer and compute the rest again on the way back: slower, leaner. An "
        "LSTM's memory hands on every step, so nothing changes there.",
        deeper=True,
    )
    patience: int = setting(
        0,
        "Early stopping",
        "Stop after this many evaluations without a better held-out loss, and keep the best; 0 turns it off.",
        unit="evaluations",
        low=0,
        high=1000,
        deeper=True,
    )
    evaluate_every: int | None = setting(
        None,
        "Evaluate every",
        "Steps between two tests on held-out data.",
        unit="steps",
        low=1,
        high=100_000,
        deeper=True,
    )
    held_out: int | None = setting(
        None,
        "Held-out set",
        "Sequences kept for testing, never trained on.",
        unit="sequences",
        low=8,
        high=200_000,
        deeper=True,
    )
    snapshots: int = setting(
        12, "Snapshots", "How many moments of training are kept to look inside later.", low=1, high=200, deeper=True
    )
    seed: int = setting(0, "Seed", "Start of all random draws: same seed, same run.", low=0, high=2**31 - 2)
    device: str = setting("auto", "Device", "Where it computes.", choices=("auto", "cpu", "cuda", "mps"), deeper=True)
    precision: str = setting(
        "auto",
        "Precision",
        "Number format of the large products.",
        choices=("auto", "float32", "bfloat16"),
        deeper=True,
    )

    def __post_init__(self) -> None:
        check(self, "train")
