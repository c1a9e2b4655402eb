"""Everything there is to say about an experiment before a single step: its size, cost, limits, and what it can know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from core.cheating import leak
from core.data.contract import Ceilings
from core.insight import can_know
from core.limits import ceiling_of, ceilings_of
from core.models.counts import Memory, Part, count, memory
from core.pace import Expected, Measured, expected
from core.retelling import opened
from core.spec import Experiment
from core.starts import Runs


@dataclass(frozen=True)
class Description:
    """`ceilings` and `ceiling` (the one that binds this model) are None for text, where none is known.

    `leak`: how the model can read its own answer, in a sentence; None for an honest one.
    """

    parts: tuple[Part, ...]
    memory: Memory
    expected: Expected
    ceilings: Ceilings | None
    ceiling: float | None
    can_know: str
    leak: str | None = None

    @property
    def parameters(self) -> dict[str, int]:
        """Learned numbers by part, from bottom to top; they add up to the built model's."""
        return {part.name: part.parameters for part in self.parts}

    @property
    def total_parameters(self) -> int:
        return sum(part.parameters for part in self.parts)

    @property
    def flops(self) -> dict[str, float]:
        """Forward FLOPs per token by part."""
        return {part.name: part.flops for part in self.parts}

    @property
    def flops_per_token(self) -> float:
        return sum(part.flops for part in self.parts)

    @property
    def memory_bytes(self) -> int:
        return self.memory.total

    def to_json(self) -> dict[str, Any]:
        """Plain values by name, as the terminal prints them."""
        ceilings = None if self.ceilings is None else {n: v for n, v in asdict(self.ceilings).items() if v is not None}
        return {
            "parameters": self.total_parameters,
            "parameters_by_part": self.parameters,
            "flops_per_token": self.flops_per_token,
            "flops_by_part": self.flops,
            "memory_bytes": self.memory_bytes,
            "memory": asdict(self.memory),
            "expected": asdict(self.expected),
            "ceilings": ceilings,
            "ceiling": self.ceiling,
            "can_know": self.can_know,
            "leak": self.leak,
        }


def describe(
    experiment: Experiment,
    words: int | None = None,
    classes: int | None = None,
    measured: Iterable[Measured] = (),
    read_text: Callable[[str], str] | None = None,
    source_words: int | None = None,
    runs: Runs | None = None,
) -> Description:
    """Describe an experiment. `words` V and `classes` K: sizes of the data, which is opened where they are not given.
    `source_words`: what an encoder reads, where that isn't told by the data's settings. `runs`: see `core.starts`.

    `measured`: finished runs of this machine, for the time. Raises TextError where the data can't be opened.
    """
    if words is None or classes is None:
        source, _ = opened(experiment, runs, read_text)
        words, classes = len(source.words), len(source.classes)
        source_words = len(getattr(source, "source_words", ())) or None
    parts = count(experiment, words, classes, source_words)
    ceilings = ceilings_of(experiment)
    cheats = leak(experiment)
    return Description(
        parts,
        memory(experiment, parts),
        expected(experiment, words, classes, measured),
        ceilings,
        ceiling_of(experiment),
        can_know(experiment),
        cheats.sentence if cheats else None,
    )
