"""The parts of an experiment that don't depend on its data: model, objective, training."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.fields import SpecError, check, setting

FAMILIES = ("transformer", "lstm")
DIRECTIONS = ("left-to-right", "right-to-left", "both")
ADDITIVE_JOINS = ("concat", "sum", "mean", "scalar")  # additive only before a linear read-out
LATE_JOINS = (*ADDITIVE_JOINS, "product", "max", "gated", "learned")
JOINS = ("deep", *LATE_JOINS)
OBJECTIVES = ("answer", "next-word", "previous-word", "masked-word")
OBJECTIVE_OF = {"left-to-right": "next-word", "right-to-left": "previous-word", "both": "masked-word"}


@dataclass(frozen=True)
class Sizes:
    """What the size dial stands for. `layers` and `heads` count per stack."""

    width: int
    layers: int
    heads: int
    feed_forward: int


DIAL = {
    "tiny": Sizes(32, 1, 2, 64),
    "small": Sizes(64, 2, 4, 128),
    "medium": Sizes(128, 4, 4, 512),
    "large": Sizes(256, 6, 8, 1024),
}
LSTM_LAYERS = {"tiny": 1, "small": 1, "medium": 2, "large": 2}


@dataclass(frozen=True)
class ModelSpec:
    """The model: who may see whom, how two directions are joined, how large. None follows the size dial."""

    family: str = setting(
        "transformer",
        "Family",
        "Transformer: attention between words. LSTM: a memory that reads word by word.",
        choices=FAMILIES,
    )
    direction: str = setting(
        "left-to-right", "Direction", "Which side of a word the model may read.", choices=DIRECTIONS
    )
    join: str = setting(
        "deep",
        "Join",
        "How two directions meet: deep (in every layer) or late (two one-way models, joined on top).",
        choices=JOINS,
    )
    size: str = setting("small", "Size", "One dial for width, layers and heads.", choices=tuple(DIAL))
    width: int | None = setting(
        None, "Width", "Numbers in a hidden state (per direction).", low=4, high=1024, deeper=True
    )
    layers: int | None = setting(None, "Layers", "Layers in each stack.", low=1, high=24, deeper=True)
    heads: int | None = setting(
        None, "Heads", "Attention heads in each layer; they share the width.", low=1, high=64, deeper=True
    )
    feed_forward: int | None = setting(
        None, "Feed-forward", "Hidden units of each layer's feed-forward part.", low=4, high=8192, deeper=True
    )
    dropout: float = setting(
        0.0, "Dropout", "Share of units switched off at random while training.", low=0.0, high=0.9, deeper=True
    )
    positions: str = setting(
        "learned",
        "Positions",
        "How a Transformer knows word order.",
        choices=("learned", "sinusoidal", "none"),
        deeper=True,
    )
    read_out: str = setting(
        "linear",
        "Read-out",
        "What turns a state into an answer: one linear map, or a small MLP.",
        choices=("linear", "mlp"),
        deeper=True,
    )
    tied: bool = setting(
        False, "Shared weights", "Both directions use the same weights (late joins only).", deeper=True
    )
    forget_bias: float = setting(
        1.0,
        "Forget-gate bias",
        "Where each of the LSTM's two forget-gate biases starts: higher remembers longer.",
        low=-5.0,
        high=5.0,
        deeper=True,
    )

    def __post_init__(self) -> None:
        check(self, "model")
        sizes = self.sizes
        if self.family == "transformer" and sizes.width % sizes.heads:
            fits = max(n for n in range(1, sizes.heads + 1) if sizes.width % n == 0)
            raise SpecError(
                "model.heads",
                sizes.heads,
                f"Heads share the width, and {sizes.width} can't be split evenly.",
                {"model.heads": fits},
            )
        if self.tied and not self.late:
            raise SpecError(
                "model.tied",
                True,
                "Only two one-way models that are joined late can share weights.",
                {"model.tied": False},
            )
        if self.family == "lstm" and self.two_way and not self.late and sizes.layers < 2:
            raise SpecError(
                "model.layers",
                sizes.layers,
                "A deep two-way LSTM needs a second layer that reads both directions of the first.",
                {"model.layers": 2},
            )

    @property
    def two_way(self) -> bool:
        return self.direction == "both"

    @property
    def late(self) -> bool:
        """Two one-way stacks, joined on top."""
        return self.two_way and self.join != "deep"

    @property
    def additive(self) -> bool:
        """Logits are a(left) + b(right): such a model can't express exclusive-or."""
        return self.late and self.join in ADDITIVE_JOINS and self.read_out == "linear"

    @property
    def sizes(self) -> Sizes:
        """The dial's sizes with the opened ones in their place."""
        dial = DIAL[self.size]
        layers = dial.layers
        if self.family == "lstm":
            layers = max(LSTM_LAYERS[self.size], 2 if self.two_way and not self.late else 1)
        return Sizes(
            self.width or dial.width,
            self.layers or layers,
            self.heads or dial.heads,
            self.feed_forward or dial.feed_forward,
        )

    def resolved(self) -> ModelSpec:
        """Every size filled in, settings without effect at their default: equal models are then equal."""
        s, plain = self.sizes, ModelSpec()
        full = replace(self, width=s.width, layers=s.layers, heads=s.heads, feed_forward=s.feed_forward, size="small")
        if not self.two_way:
            full = replace(full, join=plain.join)
        if self.family == "lstm":
            return replace(full, heads=1, feed_forward=4, positions=plain.positions)
        return replace(full, forget_bias=plain.forget_bias)


@dataclass(frozen=True)
class ObjectiveSpec:
    """What the model is asked for. `name` None: the game's answer, or the word that the direction leaves unseen."""

    name: str | None = setting(None, "Objective", "What the model learns to predict.", choices=OBJECTIVES)
    mask_rate: float = setting(
        0.15,
        "Masking rate",
        "Share of words hidden for the model to fill (masked word only).",
        low=0.01,
        high=0.9,
        deeper=True,
    )

    def __post_init__(self) -> None:
        check(self, "objective")


@dataclass(frozen=True)
class TrainSpec:
    """How it is trained. None follows the recipe of the data."""

    steps: int | None = setting(
        None, "Steps", "How many batches the model learns from.", unit="steps", low=1, high=200_000
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
