"""What a decoder tells while it writes: frozen and plain, so that a page can play it. No torch.

A beam's history is the trace itself: every candidate names the one that it continues, so `path` walks back from any of
them to the first word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

Row = tuple[float, ...]  # (S,) how much of its attention a word gave to each source word; sums to 1


@dataclass(frozen=True)
class Candidate:
    """One word more of one hypothesis. `parent`: the candidate of the step before that it continues.

    `probability` is the word's own, `log_probability` that of all words so far, in nats; `score` is what hypotheses are
    compared by.
    """

    parent: int
    token: int
    probability: float
    log_probability: float
    score: float
    finished: bool = False
    attention: Row | None = None  # (S,)


@dataclass(frozen=True)
class Step:
    """Word number `number` (0 is the first that is written). `candidates`: those that live on, then those that ended.

    Both parts are sorted, best first; writing from right to left begins with the last word.
    """

    kind: ClassVar[str] = "step"
    number: int
    direction: str
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


@dataclass(frozen=True)
class Round:
    """One round of filling blanks: all T words in reading order, how sure each is, and which are blanked again."""

    kind: ClassVar[str] = "round"
    number: int
    tokens: tuple[int, ...]  # (T,)
    probabilities: tuple[float, ...]  # (T,)
    masked: tuple[bool, ...]  # (T,) none in the last round
    attention: tuple[Row, ...] | None = None  # (T, S)


@dataclass(frozen=True)
class Decoded:
    """What came out: T words in reading order without the end mark, which `log_probability` (nats) counts.

    `score` is what it was chosen by; `by_direction` what each direction gives it, where two were asked. `finished`:
    the end was written, not cut off by the longest length. `others`: what it was chosen from, best first.
    """

    kind: ClassVar[str] = "decoded"
    tokens: tuple[int, ...]  # (T,)
    log_probability: float
    score: float
    direction: str
    finished: bool
    probabilities: tuple[float, ...]  # (T,)
    attention: tuple[Row, ...] | None = None  # (T, S)
    by_direction: dict[str, float] = field(default_factory=dict)
    others: tuple[Decoded, ...] = ()


Event = Step | Round | Decoded


def as_row(weights: np.ndarray | None) -> Row | None:
    return None if weights is None else tuple(map(float, weights))


def path(steps: Sequence[Step], number: int, index: int) -> list[Candidate]:
    """The candidates that lead to candidate `index` of step `number`, in the order of writing."""
    found = []
    for step in reversed(steps[: number + 1]):
        found.append(step.candidates[index])
        index = step.candidates[index].parent
    return found[::-1]


def decoded(steps: Sequence[Step], number: int, index: int) -> Decoded:
    """The hypothesis that ends in candidate `index` of step `number`, in reading order."""
    way, direction = path(steps, number, index), steps[number].direction
    last = way[-1]
    words = way[:-1] if last.finished else way
    if direction == "right-to-left":
        words = words[::-1]
    rows = tuple(word.attention for word in words if word.attention is not None)
    return Decoded(
        tokens=tuple(word.token for word in words),
        log_probability=last.log_probability,
        score=last.score,
        direction=direction,
        finished=last.finished,
        probabilities=tuple(word.probability for word in words),
        attention=rows if rows and len(rows) == len(words) else None,
    )


def to_json(event: Event) -> dict[str, Any]:
    """Plain values with the event's kind."""
    return {"kind": event.kind, **asdict(event)}


def from_json(plain: Mapping[str, Any]) -> Event:
    """What `to_json` wrote."""
    values = {name: _frozen(value) for name, value in plain.items() if name != "kind"}
    if plain["kind"] == "step":
        return Step(**{**values, "candidates": tuple(Candidate(**one) for one in values["candidates"])})
    if plain["kind"] == "round":
        return Round(**values)
    others = tuple(from_json({"kind": "decoded", **one}) for one in values["others"])
    return replace(Decoded(**{**values, "others": ()}), others=others)  # type: ignore[arg-type]


def _frozen(value: Any) -> Any:
    """JSON has lists only; events have tuples."""
    if isinstance(value, dict):
        return {name: _frozen(one) for name, one in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
