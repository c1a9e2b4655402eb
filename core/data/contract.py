"""What every source of sequences gives: batches, a vocabulary, and the limits that are known exactly."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np

IGNORE = -100  # label of a position that is not scored


@dataclass(frozen=True)
class Batch:
    """Token ids and what to answer where: `labels` is IGNORE where nothing is scored, `cues` marks the evidence.

    What most batches don't need is None: rows of different lengths, kinds of tokens (a first and a second sentence), an
    answer for each whole row, words that are hidden from each other in some rows, and what an encoder reads.
    """

    tokens: np.ndarray  # (B, T) int64
    labels: np.ndarray  # (B, T) int64
    cues: np.ndarray | None = None  # (B, T) bool
    lengths: np.ndarray | None = None  # (B,) int64 real tokens of each row, 1 or more; what follows is padding
    kinds: np.ndarray | None = None  # (B, T) int64
    answers: np.ndarray | None = None  # (B,) int64
    sees: np.ndarray | None = None  # (B, T, T) bool, of what the model's direction allows: may t see s?
    places: np.ndarray | None = None  # (B, T) int64 where each token stands, if not one after the other
    source: np.ndarray | None = None  # (B, S) int64
    source_lengths: np.ndarray | None = None  # (B,) int64

    def real(self, row: int) -> np.ndarray:
        """(T',) the tokens of one row without its padding."""
        tokens: np.ndarray = self.tokens[row] if self.lengths is None else self.tokens[row, : self.lengths[row]]
        return tokens

    def rows(self, some: slice | np.ndarray) -> Batch:
        """Some of the rows, with all that belongs to them."""
        parts: dict[str, np.ndarray | None] = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: part[some] for name, part in parts.items() if part is not None})


@dataclass(frozen=True)
class Ceilings:
    """Best accuracy that any model can reach, by what it may see (Bayes-optimal), each in 0…1.

    `additive`: the two directions are joined by addition before a linear read-out; `tied`: both directions share
    their weights and are joined symmetrically; `unordered`: full attention without positions; `first` and `last`: one
    answer for the whole sentence, from its first or its last word alone; `placed`: sees what follows and knows how many
    words precede, where that tells more than `right`. None: the same as `both`, for `placed` as `right`.
    """

    left: float
    right: float
    both: float
    additive: float | None = None
    tied: float | None = None
    unordered: float | None = None
    first: float | None = None
    last: float | None = None
    placed: float | None = None


@dataclass(frozen=True)
class Recipe:
    """How long and in what batches this data is trained by default."""

    steps: int = 400
    batch: int = 64
    learning_rate: float = 3e-3
    held_out: int = 2000


class Source(Protocol):
    """Sequences to train on. Same rng state, same batch: the caller owns all randomness."""

    @property
    def words(self) -> tuple[str, ...]:
        """Readable token of each id, (V,)."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Readable answers, (K,); for text the vocabulary itself."""

    @property
    def length(self) -> int:
        """T, the tokens of one sequence."""

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        """n fresh training sequences."""

    def held_out(self, n: int) -> Batch:
        """The same n sequences at every call, never trained on."""

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids of a learner's own sentence; raises TextError in plain words."""

    def ceilings(self) -> Ceilings | None:
        """Exact limits, or None where none is known."""


class TextError(ValueError):
    """Text that can't be used, said in the learner's words with what to do next."""
