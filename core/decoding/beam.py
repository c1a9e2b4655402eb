"""Beam search: the k likeliest beginnings live on, so that a word can win which does not look best at first.

Cost: n steps of the model, each for k hypotheses, and a choice among k·V words: O(n·k). With k = 1 it is greedy
decoding; with k of V to the power of the longest length or more nothing is ever dropped, and it finds the truly best.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.decoding.trace import Candidate, Decoded, Step, as_row, decoded
from core.decoding.writer import Reading, Writer


def normaliser(length: int, alpha: float) -> float:
    """((5 + n) / 6)^α, by which log-probabilities are divided, as each word more costs (Wu et al. 2016, section 7)."""
    return float(((5 + length) / 6) ** alpha)


class Beam:
    """The hypotheses of one direction: `width` live ones, and those that ended are kept aside.

    `wanted`: how many results are asked for; search goes on until no live hypothesis can still come among them.
    `end` None: nothing ends before `longest` words.
    """

    def __init__(
        self, direction: str, end: int | None, width: int, longest: int, alpha: float = 0.0, wanted: int = 1
    ) -> None:
        self.direction, self.end, self.width, self.longest = direction, end, width, longest
        self.alpha, self.wanted = alpha, wanted
        self.live = np.zeros(1)  # (N,) log-probability of each live hypothesis
        self.steps: list[Step] = []
        self.ended: list[tuple[float, int, int]] = []  # score, step, candidate; best first

    def advance(self, reading: Reading) -> Step:
        """Choose among all words after all live hypotheses; a sentence that ends must be among the `width` best."""
        total = self.live[:, None] + reading.log_probabilities  # (N, V)
        number, live, ended = len(self.steps), list[Candidate](), list[Candidate]()
        for place, flat in enumerate(best_of(total.ravel(), 2 * self.width)):
            row, token = divmod(int(flat), total.shape[1])
            one = self._candidate(reading, total, row, token)
            if one.finished:
                ended += [one] if place < self.width else []
            elif len(live) < self.width:
                live.append(one)
        self.live = np.array([one.log_probability for one in live])
        self.steps.append(Step(number, self.direction, (*live, *ended)))
        self.ended += [(one.score, number, len(live) + index) for index, one in enumerate(ended)]
        self.ended.sort(key=lambda one: -one[0])
        return self.steps[-1]

    def _candidate(self, reading: Reading, total: np.ndarray, row: int, token: int) -> Candidate:
        so_far = float(total[row, token])
        chance = float(np.exp(reading.log_probabilities[row, token]))
        score = so_far / normaliser(len(self.steps) + 1, self.alpha)
        look = None if reading.attention is None else as_row(reading.attention[row])
        return Candidate(row, token, chance, so_far, score, token == self.end, look)

    @property
    def done(self) -> bool:
        """Nothing lives, the longest length is reached, or even words that cost nothing more couldn't win."""
        if not len(self.live) or len(self.steps) == self.longest:
            return True
        hope = self.live[0] / normaliser(self.longest, max(self.alpha, 0.0))
        return len(self.ended) >= self.wanted and self.ended[self.wanted - 1][0] >= hope

    @property
    def newest(self) -> tuple[np.ndarray, np.ndarray]:
        """(N,) the row that each live hypothesis continues, and (N,) its newest word."""
        live = self.steps[-1].candidates[: len(self.live)]
        return np.array([one.parent for one in live]), np.array([one.token for one in live])

    def results(self) -> list[Decoded]:
        """The best `wanted` that ended, best first; where none did, those that were cut off."""
        last = len(self.steps) - 1
        cut = [(one.score, last, index) for index, one in enumerate(self.steps[last].candidates[: len(self.live)])]
        return [decoded(self.steps, number, index) for _, number, index in (self.ended or cut)[: self.wanted]]


def search(writer: Writer, longest: int, width: int, alpha: float = 0.0, wanted: int = 1) -> Iterator[Step | Decoded]:
    """A `Step` for each word, with the whole beam; then the best sentence with the other `wanted` ones."""
    beam = Beam(writer.direction, writer.end, width, longest, alpha, wanted)
    reading = writer.begin()
    yield beam.advance(reading)
    while not beam.done:
        reading = writer.go_on(reading.memory, *beam.newest)
        yield beam.advance(reading)
    best, *others = beam.results()
    yield replace(best, others=tuple(others))


def best_of(scores: np.ndarray, n: int) -> np.ndarray:
    """Indices of the n largest scores (M,), largest first, what is impossible left out."""
    some = np.argpartition(-scores, n)[:n] if n < len(scores) else np.arange(len(scores))
    some = some[np.lexsort((some, -scores[some]))]
    return some[scores[some] > -np.inf]
