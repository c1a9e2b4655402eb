"""Experiment: everything a learner chose, as one frozen value.

The widgets, the share link, the file, the command line, the worker and the comparison of two runs all read this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.data.registry import DATA, Text
from core.fields import SpecError, check, read, setting, settings_of, written

VERSION = 1
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

    family: str = setting("transformer", "Family", "Transformer: attention between words. LSTM: a memory that reads word by word.", choices=FAMILIES)
    direction: str = setting("left-to-right", "Direction", "Which side of a word the model may read.", choices=DIRECTIONS)
    join: str = setting(
        "deep",
        "Join",
        "How two directions meet: deep (in every layer) or late (two one-way models, joined on top).",
        choices=JOINS,
    )
    size: str = setting("small", "Size", "One dial for width, layers and heads.", choices=tuple(DIAL))
    width: int | None = setting(None, "Width", "Numbers in a hidden state (per direction).", low=4, high=1024, deeper=True)
    layers: int | None = setting(None, "Layers", "Layers in each stack.", low=1, high=24, deeper=True)
    heads: int | None = setting(None, "Heads", "Attention heads in each layer; they share the width.", low=1, high=64, deeper=True)
    feed_forward: int | None = setting(None, "Feed-forward", "Hidden units of each layer's feed-forward part.", low=4, high=8192, deeper=True)
    dropout: float = setting(0.0, "Dropout", "Share of units switched off at random while training.", low=0.0, high=0.9, deeper=True)
    positions: str = setting(
        "learned", "Positions", "How a Transformer knows word order.", choices=("learned", "sinusoidal", "none"), deeper=True
    )
    read_out: str = setting("linear", "Read-out", "What turns a state into an answer: one linear map, or a small MLP.", choices=("linear", "mlp"), deeper=True)
    tied: bool = setting(False, "Shared weights", "Both directions use the same weights (late joins only).", deeper=True)
    forget_bias: float = setting(
        1.0, "Forget-gate bias", "Starting value of each of the LSTM's two forget-gate biases: higher remembers longer.", low=-5.0, high=5.0, deeper=True
    )

    def __post_init__(self) -> None:
        check(self, "model")
        sizes = self.sizes
        if self.family == "transformer" and sizes.width % sizes.heads:
            fits = max(n for n in range(1, sizes.heads + 1) if sizes.width % n == 0)
            raise SpecError("model.heads", sizes.heads, f"Heads share the width, and {sizes.width} can't be split evenly.", {"model.heads": fits})
        if self.tied and not self.late:
            raise SpecError("model.tied", True, "Only two one-way models that are joined late can share weights.", {"model.tied": False})
        if self.family == "lstm" and self.two_way and not self.late and sizes.layers < 2:
            raise SpecError(
                "model.layers", sizes.layers, "A deep two-way LSTM needs a second layer that reads both directions of the first.", {"model.layers": 2}
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
        return Sizes(self.width or dial.width, self.layers or layers, self.heads or dial.heads, self.feed_forward or dial.feed_forward)

    def resolved(self) -> ModelSpec:
        """Every size filled in; settings without effect on this model at their default, so that equal models are equal."""
        s, plain = self.sizes, ModelSpec()
        full = replace(self, width=s.width, layers=s.layers, heads=s.heads, feed_forward=s.feed_forward, size="small")
        if not self.two_way:
            full = replace(full, join=plain.join)
        if self.family == "lstm":
            return replace(full, heads=1, feed_forward=4, positions=plain.positions)
        return replace(full, forget_bias=plain.forget_bias)


@dataclass(frozen=True)
class DataSpec:
    """Where sequences come from: `task` names a language game or "text"; `settings` are that source's own."""

    task: str = "sense"
    settings: Any = None  # a Game or Text; None: the task's defaults

    def __post_init__(self) -> None:
        if self.task not in DATA:
            raise SpecError("data.task", self.task, f"There is no such data. Known: {', '.join(DATA)}.", {"data.task": "sense"})
        if self.settings is None:
            object.__setattr__(self, "settings", DATA[self.task]())

    @property
    def is_text(self) -> bool:
        return isinstance(self.settings, Text)


@dataclass(frozen=True)
class ObjectiveSpec:
    """What the model is asked for. `name` None: the game's answer, or the word that the direction leaves unseen."""

    name: str | None = setting(None, "Objective", "What the model learns to predict.", choices=OBJECTIVES)
    mask_rate: float = setting(
        0.15, "Masking rate", "Share of words hidden for the model to fill (masked word only).", low=0.01, high=0.9, deeper=True
    )

    def __post_init__(self) -> None:
        check(self, "objective")


@dataclass(frozen=True)
class TrainSpec:
    """How it is trained. None follows the recipe of the data."""

    steps: int | None = setting(None, "Steps", "How many batches the model learns from.", unit="steps", low=1, high=200_000)
    batch: int | None = setting(None, "Batch", "Sequences per step.", unit="sequences", low=1, high=2048, deeper=True)
    learning_rate: float | None = setting(None, "Learning rate", "How far each step moves the weights.", low=1e-7, high=1.0)
    warm_up: int = setting(30, "Warm-up", "Steps over which the learning rate rises from 0.", unit="steps", low=0, high=20_000, deeper=True)
    schedule: str = setting("cosine", "Schedule", "How the learning rate falls after warm-up.", choices=("cosine", "linear", "constant"), deeper=True)
    weight_decay: float = setting(0.0, "Weight decay", "Pull of the weights towards 0 (AdamW).", low=0.0, high=1.0, deeper=True)
    clip: float = setting(1.0, "Gradient clipping", "Longest gradient allowed; 0 turns clipping off.", low=0.0, high=1000.0, deeper=True)
    label_smoothing: float = setting(0.0, "Label smoothing", "Share of each target spread over all answers.", low=0.0, high=0.9, deeper=True)
    l1: float = setting(0.0, "L1", "Penalty on the sum of absolute weights.", low=0.0, high=1.0, deeper=True)
    l2: float = setting(0.0, "L2", "Penalty on half the sum of squared weights.", low=0.0, high=1.0, deeper=True)
    patience: int = setting(0, "Early stopping", "Stop after this many evaluations without a better held-out loss, and keep the best; 0 turns it off.", unit="evaluations", low=0, high=1000, deeper=True)
    evaluate_every: int | None = setting(None, "Evaluate every", "Steps between two tests on held-out data.", unit="steps", low=1, high=100_000, deeper=True)
    held_out: int | None = setting(None, "Held-out set", "Sequences kept for testing, never trained on.", unit="sequences", low=8, high=200_000, deeper=True)
    snapshots: int = setting(12, "Snapshots", "How many moments of training are kept to look inside later.", low=1, high=200, deeper=True)
    seed: int = setting(0, "Seed", "Start of all random draws: same seed, same run.", low=0, high=2**31 - 2)
    device: str = setting("auto", "Device", "Where it computes.", choices=("auto", "cpu", "cuda", "mps"), deeper=True)
    precision: str = setting("auto", "Precision", "Number format of the large products.", choices=("auto", "float32", "bfloat16"), deeper=True)

    def __post_init__(self) -> None:
        check(self, "train")


@dataclass(frozen=True)
class Experiment:
    """One experiment. Raises SpecError where its parts can't work together."""

    data: DataSpec = field(default_factory=DataSpec)
    model: ModelSpec = field(default_factory=ModelSpec)
    objective: ObjectiveSpec = field(default_factory=ObjectiveSpec)
    train: TrainSpec = field(default_factory=TrainSpec)

    def __post_init__(self) -> None:
        name, direction = self.objective_name, self.model.direction
        if name == "answer" and self.data.is_text:
            raise SpecError("objective.name", name, "Plain text asks no question, so there is no answer to learn.", {"objective.name": OBJECTIVE_OF[direction]})
        if name != "answer" and not self.data.is_text:
            raise SpecError("objective.name", name, f"The game “{self.data.task}” asks for its answer.", {"objective.name": "answer"})
        if name != "answer" and name != OBJECTIVE_OF[direction]:
            raise SpecError("objective.name", name, _MISMATCH[name, direction], {"objective.name": OBJECTIVE_OF[direction]})

    @property
    def objective_name(self) -> str:
        return self.objective.name or (OBJECTIVE_OF[self.model.direction] if self.data.is_text else "answer")

    def resolved(self) -> Experiment:
        """The same experiment with nothing left to a default."""
        recipe = self.data.settings.recipe
        train = replace(
            self.train,
            steps=self.train.steps or recipe.steps,
            batch=self.train.batch or recipe.batch,
            learning_rate=self.train.learning_rate or recipe.learning_rate,
        )
        train = replace(train, evaluate_every=train.evaluate_every or max(1, (train.steps or 1) // 20), held_out=train.held_out or recipe.held_out)
        objective = replace(self.objective, name=self.objective_name)
        if objective.name != "masked-word":
            objective = replace(objective, mask_rate=ObjectiveSpec().mask_rate)
        return replace(self, model=self.model.resolved(), objective=objective, train=train)

    def to_json(self) -> dict[str, Any]:
        """Plain values, only what differs from the defaults."""
        data = {"task": self.data.task, **written(self.data.settings)}
        parts = {"model": written(self.model), "objective": written(self.objective), "train": written(self.train)}
        return {"version": VERSION, "data": data, **{name: part for name, part in parts.items() if part}}

    def plain(self) -> dict[str, Any]:
        """Every setting of the resolved experiment by dotted name."""
        full = self.resolved()
        parts = {"data": full.data.settings, "model": full.model, "objective": full.objective, "train": full.train}
        rows = {f"{part}.{one.name}": getattr(value, one.name) for part, value in parts.items() for one, _ in settings_of(value)}
        return {"data.task": full.data.task, **rows}

    def key(self) -> str:
        """16 hex digits, the same on every machine for experiments that mean the same."""
        text = json.dumps([VERSION, self.plain()], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def with_(self, changes: Mapping[str, Any]) -> Experiment:
        """A copy with dotted names changed: {"model.direction": "both"}. Another task starts from that task's defaults."""
        plain = self.to_json()
        if changes.get("data.task", self.data.task) != self.data.task:
            plain["data"] = {}
        for name, value in changes.items():
            part, _, setting_name = name.partition(".")
            if not setting_name or not isinstance(plain.setdefault(part, {}), dict):
                raise SpecError(name, value, "Settings are written as part.name, such as model.direction.")
            plain[part][setting_name] = value
        return from_json(plain)


_MISMATCH = {
    ("next-word", "right-to-left"): "A right-to-left model has already read the next word, so there is nothing to predict.",
    ("next-word", "both"): "A two-way model sees the next word before it predicts it: it would copy, not learn.",
    ("previous-word", "left-to-right"): "A left-to-right model has already read the previous word, so there is nothing to predict.",
    ("previous-word", "both"): "A two-way model sees the previous word before it predicts it: it would copy, not learn.",
    ("masked-word", "left-to-right"): "Filling a blank needs both sides; a left-to-right model would guess without what follows.",
    ("masked-word", "right-to-left"): "Filling a blank needs both sides; a right-to-left model would guess without what precedes.",
}


def from_json(given: str | Mapping[str, Any]) -> Experiment:
    """An Experiment from JSON text or plain values. Raises SpecError in words that a learner can act on."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise SpecError("experiment", given[:40], f"This is not valid JSON ({error}).") from None
    if not isinstance(given, Mapping):
        raise SpecError("experiment", str(given)[:40], "An experiment is a JSON object with data, model, objective and train.")
    version = given.get("version", VERSION)
    if version != VERSION:
        raise SpecError("version", version, f"This experiment was written by another Bothways; this one reads version {VERSION}.")
    known = ("version", "data", "model", "objective", "train")
    for name, part in given.items():
        if name not in known:
            raise SpecError(name, str(part)[:40], f"An experiment has no such part. Known: {', '.join(known)}.")
        if name != "version" and not isinstance(part, Mapping):
            raise SpecError(name, str(part)[:40], "This part must be a JSON object.", {})
    model = read(ModelSpec, dict(given.get("model", {})), "model")
    objective = read(ObjectiveSpec, dict(given.get("objective", {})), "objective")
    return Experiment(_read_data(dict(given.get("data", {}))), model, objective, read(TrainSpec, dict(given.get("train", {})), "train"))


def _read_data(given: dict[str, Any]) -> DataSpec:
    task = given.pop("task", "text" if "text" in given else DataSpec.task)
    if not isinstance(task, str) or task not in DATA:
        return DataSpec(str(task))  # says what is known
    return DataSpec(task, read(DATA[task], given, "data"))


def differences(a: Experiment, b: Experiment) -> list[tuple[str, Any, Any]]:
    """(dotted name, value in a, value in b) wherever two experiments differ; None where one hasn't the setting."""
    left, right = a.plain(), b.plain()
    return [(name, left.get(name), right.get(name)) for name in dict.fromkeys([*left, *right]) if left.get(name) != right.get(name)]
