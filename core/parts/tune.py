"""How a model that was trained before is fine-tuned: from where, by which strategy, on how many labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.fields import SpecError, check, setting, settings_of
from core.parts.model import ModelSpec

STRATEGIES: dict[str, tuple[str, ...]] = {  # name: the settings that it reads
    "scratch": (),
    "zero-shot": ("verbaliser",),
    "features": (),
    "head": (),
    "embeddings": (),
    "bottom": ("layers",),
    "top": ("layers",),
    "bitfit": (),
    "soft-prompt": ("prompt",),
    "prefix": ("prompt",),
    "adapters": ("bottleneck",),
    "lora": ("rank", "alpha", "where"),
    "full": (),
    "discriminative": ("decay",),
    "gradual": (),
    "lp-ft": (),
    "l2-sp": ("pull",),
    "rehearsal": ("rehearsal",),
    "alternating": ("rounds", "split", "turn"),
    "alignment": ("align", "temperature", "distance", "flow", "rehearsal"),
}
RATES: dict[str, float] = {  # learning rates that were best in a sweep on the built-in model; all others: FULL_RATE
    "scratch": 3e-3,
    "features": 1e-2,
    "head": 1e-2,
    "embeddings": 3e-3,
    "bottom": 3e-3,
    "top": 3e-3,
    "bitfit": 1e-2,
    "soft-prompt": 3e-2,
    "prefix": 3e-2,
    "adapters": 1e-2,
    "lora": 5e-3,
}
FULL_RATE, STEPS, BATCH = 1e-3, 300, 32
OF_TRANSFORMERS = ("prefix", "adapters", "lora", "features")  # what they add stands between its parts
FLOWS = ("both", "to pretrained", "to fine-tuned")
DISTANCES = ("contrast", "squared", "cosine")
OBJECTIVES = ("classify", "tag", "answer")  # what can be asked of a model that is fine-tuned
BUILT_IN = "built-in"
START = re.compile(r"built-in|run:[0-9a-f]{32}(@\d+)?|checkpoint:.+")
FREE = ("checkpoint", "dropout", "read_out", "pool")  # of a model's settings, those that pretraining doesn't decide
BUILT_IN_MODEL: dict[str, Any] = {
    "direction": "both", "width": 64, "layers": 3, "heads": 4, "feed_forward": 128, "places": 32
}  # fmt: skip


@dataclass(frozen=True)
class TuneSpec:
    """How it is fine-tuned; an empty strategy means that it isn't. Each strategy reads the settings it names."""

    strategy: str = setting(
        "",
        "Strategy",
        "What of the pretrained model may change, and when. Empty: trained from scratch, as ever.",
        choices=("", *STRATEGIES),
    )
    start: str = setting(
        BUILT_IN, "Starting point", "The pretrained model: the built-in one, a run of yours, or an imported checkpoint."
    )
    labels: int | None = setting(
        512,
        "Labelled sentences",
        "How many labelled sentences it learns from. Empty: fresh ones without end.",
        unit="sentences",
        low=2,
        high=100_000,
    )
    head_rate: float = setting(
        5e-3, "Learning rate of the head", "How far each step moves the new head.", low=1e-7, high=1.0, deeper=True
    )
    layers: int = setting(1, "Layers", "How many layers learn.", low=1, high=24)
    rank: int = setting(4, "Rank", "How many directions the low-rank change has.", low=1, high=256)
    alpha: float = setting(8.0, "Alpha", "The change is multiplied by alpha over rank.", low=0.1, high=1024.0)
    where: str = setting("all", "Where", "Which linear maps get a low-rank change.", choices=("all", "attention"))
    bottleneck: int = setting(8, "Bottleneck", "Units in the middle of each adapter.", low=1, high=1024)
    prompt: int = setting(8, "Length", "How many learned vectors stand before the words.", low=1, high=64)
    decay: float = setting(
        2.6, "Rates fall by", "Each layer learns this many times slower than the one above.", low=1.0, high=20.0
    )
    pull: float = setting(
        0.01, "Pull to the start", "How strongly each weight is pulled back to its pretrained value.", low=0, high=10
    )
    rounds: int = setting(3, "Rounds", "How often the two halves take turns.", low=1, high=50)
    split: int | None = setting(
        None, "Layers in the bottom half", "Where the model is cut. Empty: in the middle.", low=0, high=24
    )
    turn: str = setting(
        "bottom",
        "The other turn",
        "What learns when it isn't the top's turn: the bottom alone, or everything.",
        choices=("bottom", "everything"),
    )
    align: float = setting(
        1.0, "Weight of alignment", "How much the distance between the two models counts (λ).", low=0.0, high=100.0
    )
    temperature: float = setting(
        0.2, "Temperature", "Lower: the contrast minds near sentences more (τ).", low=0.01, high=10.0
    )
    distance: str = setting(
        "contrast",
        "Distance",
        "Contrast: a sentence's two states should be nearer than two sentences' (InfoNCE). The others: just near.",
        choices=DISTANCES,
    )
    flow: str = setting(
        "both", "Who moves", "Both models move towards each other, or only one of them does.", choices=FLOWS
    )
    rehearsal: float = setting(
        0.0, "Rehearsal", "Weight of the pretraining objective, practised along (μ).", low=0.0, high=100.0
    )
    verbaliser: str = setting(
        "", "Words for the classes", "One word or more for each class: “good fine | bad poor”. Empty: the data's own."
    )

    def __post_init__(self) -> None:
        check(self, "tune")
        if not START.fullmatch(self.start):
            reason = "A starting point is built-in, run:ID (a run of yours), or checkpoint:NAME."
            raise SpecError("tune.start", self.start, reason, {"tune.start": BUILT_IN})

    @property
    def wanted(self) -> bool:
        return bool(self.strategy)

    def resolved(self) -> TuneSpec:
        """Settings that its strategy doesn't read at their default: equal ones are then equal."""
        if not self.wanted:
            return TuneSpec()
        kept = ("strategy", "start", "labels", "head_rate", *STRATEGIES[self.strategy])
        return TuneSpec(**{name: getattr(self, name) for name in kept})

    @property
    def model(self) -> dict[str, Any]:
        """Settings of the model that nobody has to say: those of the built-in one."""
        return BUILT_IN_MODEL if self.wanted and self.start == BUILT_IN else {}


def conflicts(tune: TuneSpec, model: ModelSpec, objective: str) -> Iterator[SpecError]:
    """Where a way of fine-tuning can't work on this model with this question; each error brings a repair."""
    if not tune.wanted:
        return
    plain = {"tune.strategy": ""}
    if objective not in OBJECTIVES:
        reason = "Fine-tuning teaches a task: classes or tags. This objective is what models are pretrained on."
        yield SpecError("tune.strategy", tune.strategy, reason, plain)
    if model.family == "encoder-decoder":
        reason = "An encoder–decoder can't be fine-tuned here: it has no one state to read a class from."
        yield SpecError("tune.strategy", tune.strategy, reason, plain)
    if model.checkpoint:
        reason = "Where fine-tuning starts is its own setting."
        yield SpecError("model.checkpoint", model.checkpoint, reason, {"model.checkpoint": ""})
    yield from _unlike_the_start(tune, model)
    if model.family == "lstm" and tune.strategy in OF_TRANSFORMERS:
        reason = "It adds something between a Transformer's parts, and an LSTM has none of them."
        yield SpecError("tune.strategy", tune.strategy, reason, {"tune.strategy": "full"})
    yield from _sizes(tune, model.sizes.layers)


def _unlike_the_start(tune: TuneSpec, model: ModelSpec) -> Iterator[SpecError]:
    """The body must be the built-in one; dropout and what reads it out may be chosen."""
    if tune.start == BUILT_IN:
        said, full, ours = built_in_model(), built_in_model().resolved(), model.resolved()
        names = [one.name for one, _ in settings_of(model) if one.name not in FREE]
        works = {f"model.{n}": getattr(said, n) for n in names if getattr(full, n) != getattr(ours, n)}
        for name in works:
            reason = "The built-in model was pretrained with another value."
            yield SpecError(name, getattr(model, name.removeprefix("model.")), reason, works)


def _sizes(tune: TuneSpec, layers: int) -> Iterator[SpecError]:
    reads = STRATEGIES[tune.strategy]
    reason = f"The model has {layers} layers."
    if "layers" in reads and tune.layers > layers:
        yield SpecError("tune.layers", tune.layers, reason, {"tune.layers": layers})
    if "split" in reads and tune.split is not None and tune.split > layers:
        yield SpecError("tune.split", tune.split, reason, {"tune.split": None})


def built_in_model() -> ModelSpec:
    """The spec of the built-in pretrained model."""
    return ModelSpec(**BUILT_IN_MODEL)
