"""What a decoder asks of a model, in plain arrays: so that search can be tested on a table of probabilities.

N hypotheses are written side by side. V vocabulary, S source words, T words of a sentence.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np


class Reading(NamedTuple):
    """What may come next in each of N hypotheses, and what the model remembers of them."""

    log_probabilities: np.ndarray  # (N, V) float64, in nats; −∞ for what may not be written
    attention: np.ndarray | None  # (N, S) of the newest word, where the model looks at a source
    memory: Any  # the writer's own, for N hypotheses; a decoder only hands it back


class Writer(Protocol):
    """Writes word after word in its direction. `end`: the token that ends a sentence; None: it goes on for ever."""

    @property
    def direction(self) -> str: ...

    @property
    def end(self) -> int | None: ...

    def begin(self) -> Reading:
        """One hypothesis (N = 1), of which nothing is written."""

    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        """N hypotheses: number i is row rows[i] (N,) of the memory with the word tokens[i] (N,) after it.

        The memory may be used up: a decoder goes on from the newest only.
        """


class Pair(Protocol):
    """Writes from both ends at once: rows 0…N−1 the first half, rows N…2N−1 the second half from the last word back.

    Rows i and N + i are one sentence and read each other's words; a half that has ended is given the end mark again.
    """

    @property
    def end(self) -> int: ...

    def begin(self) -> Reading:
        """One sentence of which nothing is written: two rows."""

    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        """As in `Writer`, 2N rows and tokens."""


class Filler(Protocol):
    """Fills blanks, all at once."""

    @property
    def mask(self) -> int: ...

    def lengths(self) -> np.ndarray:
        """(L,) log-probability that the sentence has 0, 1, 2 … words; −∞ for what can't be."""

    def fill(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """tokens (T,) with blanks -> log-probabilities (T, V), attention (T, S) or None."""
