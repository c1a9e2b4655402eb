"""A fine-tuning strategy: an edit of the pretrained model, and phases of who may learn.

What a page tells before a run (who learns when, how many numbers that is) is plain Python; only `edit`, `prepare` and
`terms` need torch, and import it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from core.spec import Experiment

if TYPE_CHECKING:
    import torch

    from core.data.contract import Batch, Source
    from core.models.build import Model
    from core.tuning.terms import Term

Shapes = Mapping[str, tuple[int, ...]]  # of parameters, by name
Groups = dict[str, tuple[str, ...]]  # names of parameters that always learn together, by the group's name
HEAD, FORMER, PARTNER = "head", "pretrained head", "pretrained model"
EMBEDDING = ("words.", "positions", "kinds.", "norm.")


class Phase(NamedTuple):
    """A part of the run. `rates`: group -> factor on its learning rate; who isn't named is frozen."""

    name: str  # what a learner reads
    share: float  # of all steps; those of all phases add up to 1
    rates: Mapping[str, float]


class Strategy:
    """One way to fine-tune. Subclasses say what differs from: everything learns, all the time."""

    name: ClassVar[str]
    title: ClassVar[str]
    story: ClassVar[str]
    source: ClassVar[str]
    same_at_first: ClassVar[bool] = True  # before the first step the body computes what the pretrained one does
    head_follows: ClassVar[bool] = False  # the head learns at train.learning_rate, not at tune.head_rate
    fresh: ClassVar[bool] = False  # starts from drawn weights
    prompts: ClassVar[bool] = False  # answers with the pretrained read-out, no new one
    mixes: ClassVar[bool] = False  # what the head learns with is more than the last states

    def refuses(self, experiment: Experiment, objective: str) -> str:
        """Why a start that was pretrained on this objective can't be taken, in words; "" where it can."""
        return ""

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        """The parameters that `edit` adds to those of the body."""
        return {}

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        """Who ever learns, in groups that have no parameter in common; `names` of all parameters."""
        return {HEAD: in_part(names, HEAD), "body": body(names)}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        """From the first to the last."""
        return (Phase("everything learns", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        """Insert what the strategy adds, drawn from `draw`."""

    def prepare(self, model: Model, source: Source, words: Sequence[str]) -> None:
        """Fill in what can be known only with the data; `words` of the vocabulary."""

    def asks(self, batch: Batch, source: Any) -> Batch:
        """A labelled batch as this strategy puts it to the model."""
        return batch

    def terms(self, experiment: Experiment) -> tuple[Term, ...]:
        """What is added to the task's loss."""
        return ()

    def pull(self, experiment: Experiment) -> float:
        """How strongly the body is pulled back to where it started: λ of λ‖θ − θ₀‖²."""
        return 0.0


def part_of(name: str) -> str:
    """head, pretrained head, pretrained model (the one beside), or body."""
    if name.startswith("partner."):
        return PARTNER
    if name.startswith("former."):
        return FORMER
    return HEAD if name.startswith(("read_out.", "pooler.")) else "body"


def in_part(names: Sequence[str], part: str) -> tuple[str, ...]:
    return tuple(name for name in names if part_of(name) == part)


def body(names: Sequence[str]) -> tuple[str, ...]:
    return in_part(names, "body")


def depth(name: str, layers: int) -> int:
    """Where a parameter of the body stands: 0 the embedding, 1…L the layers, L + 1 what is on top of them."""
    if name.startswith(EMBEDDING) or name.endswith(".prompt"):
        return 0
    found = re.search(r"\.blocks\.(\d+)\.|_l(\d+)", name)
    return 1 + int(found[1] or found[2]) if found else layers + 1


def at_depth(names: Sequence[str], layers: int, wanted: Callable[[int], bool]) -> tuple[str, ...]:
    """The parameters of the body whose depth is wanted."""
    return tuple(name for name in body(names) if wanted(depth(name, layers)))


def layer_of(name: str, layers: int) -> str:
    """A parameter's row in a picture of the layers."""
    part = part_of(name)
    if part != "body":
        return part
    at = depth(name, layers)
    return "embedding" if at == 0 else f"layer {at}" if at <= layers else "top"
