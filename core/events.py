"""What a training run tells while it goes: frozen, plain, readable without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """One thing that happened at a step. `to_json` gives plain values with the event's kind."""

    kind: ClassVar[str] = ""
    step: int

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **{one.name: getattr(self, one.name) for one in fields(self) if one.name != "state"}}


@dataclass(frozen=True)
class Started(Event):
    """`step` is 0, or where a resumed run goes on; measurements after it in an older log no longer count."""

    kind = "started"
    steps: int
    parameters: int
    device: str
    precision: str
    threads: int
    tokens_per_step: int
    learning: int | None = None  # numbers that ever learn, of a model that is fine-tuned


@dataclass(frozen=True)
class Progress(Event):
    """The steps since the last Progress, one number each, ending at `step`. Loss in nats; norms before clipping."""

    kind = "progress"
    losses: list[float]
    accuracies: list[float]
    gradient_norms: list[float]
    learning_rates: list[float]
    seconds: float  # spent training since step 0, without evaluation and pauses
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Gradients(Event):
    """Norms of the gradient by layer before clipping: `norms[i][l]` of `layers[l]` at step `steps[i]`.

    `kept[i]`: the share of the whole gradient that clipping let through; 1 where it did nothing.
    """

    kind = "gradients"
    layers: list[str]
    steps: list[int]
    norms: list[list[float]]
    kept: list[float]


@dataclass(frozen=True)
class Evaluated(Event):
    """`train` and `held_out`: {"loss": nats, "accuracy": 0…1, "n": scored positions}.

    `held_out` has "floor" too where the least possible loss on these very sentences is known: built-in text; and for
    an encoder–decoder "exact", the share of sentences that it writes on its own without a fault. `more`: of a
    fine-tuned model "validation", "shifted" (words that no label ever came with), "pretraining" (its old objective,
    with its "floor"), and "partner" (the same of the pretrained model beside it).
    """

    kind = "evaluated"
    train: dict[str, float]
    held_out: dict[str, float]
    more: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared(Event):
    """A fine-tuned model beside what it started from.

    `moved`: ‖θ − θ₀‖ / ‖θ₀‖ of each layer's weights. `cka`: how alike a sentence's states are before and after, by
    `layers` (Kornblith et al. 2019). `known`: of the "start", the "tuned" model, and the "partner" where one learned
    along: "task", what a linear probe tells of the task's labels, "third", of a third task's, "rank", the effective
    rank of their states, and of a partner "cka" to the start and "near", its CKA to the tuned model.
    """

    kind = "compared"
    moved: dict[str, float]
    layers: list[str]
    cka: list[float]
    known: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Sampled(Event):
    """What the model writes now, in tokens: `written` fills the blanks of `given`, continues it, or translates it.

    The first `before` of those that were written stand before what was given, the others after it.
    """

    kind = "sampled"
    given: list[str]
    written: list[str]
    probabilities: list[float]
    truth: list[str]
    before: int = 0


@dataclass(frozen=True)
class Marked(Event):
    """What the model says of labelled sentences now: `sentences` to read (words, places, truth, said, sure), and
    `table`, how often each of `classes` was taken for each.
    """

    kind = "marked"
    classes: list[str]
    table: list[list[int]]
    sentences: list[dict[str, Any]]


@dataclass(frozen=True)
class Snapshot(Event):
    """A moment that can be looked inside and resumed from. `state` (weights, optimiser, counters) stays out of JSON."""

    kind = "snapshot"
    state: Any


@dataclass(frozen=True)
class Finished(Event):
    """`reason`: "done" or "stopped early" (early stopping kept the weights of `best_step`).

    `peak_bytes`: the most memory that it took beyond the engine; measured in races only, else None.
    """

    kind = "finished"
    reason: str
    seconds: float
    tokens_per_second: float
    metrics: dict[str, dict[str, float]]
    best_step: int | None = None
    peak_bytes: int | None = None


@dataclass(frozen=True)
class Failed(Event):
    """`message` says in a learner's words what went wrong and what to do."""

    kind = "failed"
    message: str


def snapshot_steps(steps: int, count: int) -> set[int]:
    """`count` moments besides step 0: dense early, when most changes, and the last step."""
    return {math.ceil(steps * (i / count) ** 2) for i in range(1, count + 1)}
