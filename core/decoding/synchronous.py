"""Synchronous two-way decoding: one writer begins at the start, one at the end, and they meet in the middle.

At each step either reads what the other has written by then (Zhou, Zhang & Zong 2019, section 3), so the first half
knows how the sentence ends, and the second how it begins. Each writes its half and an end mark of its own (Zhou, Zhang,
Yu & Zong 2019, "Sequence generation: from both sides to the middle"). A hypothesis is a pair of halves:

    log p(y | x) = Σ over steps of log p(next word of the first half) + log p(next word of the second half)

Cost: half as many steps of the model as one-way decoding, each for 2k halves: O(n·k) words, in n/2 steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.decoding.beam import best_of, normaliser
from core.decoding.trace import Candidate, Decoded, Step, as_row, path
from core.decoding.writer import Pair, Reading

WAYS = ("left-to-right", "right-to-left")


@dataclass(frozen=True)
class Halves:
    """A hypothesis: the newest word of each half, whether it was its end, and what there is so far."""

    parent: int = 0
    words: tuple[int, int] = (0, 0)
    chances: tuple[float, float] = (1.0, 1.0)  # of the newest words
    so_far: tuple[float, float] = (0.0, 0.0)  # log-probability of each half
    lengths: tuple[int, int] = (0, 0)
    ended: tuple[bool, bool] = (False, False)

    @property
    def total(self) -> float:
        return sum(self.so_far)

    def longer(self, parent: int, words: tuple[int, int], found: np.ndarray, end: int) -> Halves:
        """One word more in each half; `found` (2,) are their log-probabilities."""
        return Halves(
            parent,
            words,
            (float(np.exp(found[0])), float(np.exp(found[1]))),
            (self.so_far[0] + float(found[0]), self.so_far[1] + float(found[1])),
            (self.lengths[0] + (words[0] != end), self.lengths[1] + (words[1] != end)),
            (words[0] == end, words[1] == end),
        )


class Pairs:
    """The beam: `width` live pairs; those whose halves have both ended are kept aside.

    `longest`: words of a whole sentence and one end mark.
    """

    def __init__(self, end: int, width: int, longest: int, alpha: float) -> None:
        self.end, self.width, self.longest, self.alpha = end, width, longest, alpha
        self.live, self.before = [Halves()], 1  # `before`: how many lived before the last step
        self.steps: list[tuple[Step, Step]] = []
        self.ended: list[tuple[float, int, int]] = []  # score, step, candidate; best first

    def advance(self, reading: Reading) -> tuple[Step, Step]:
        """Choose among all pairs of next words; candidate i of either step is a half of the same pair."""
        N, live, ended = len(self.live), list[Halves](), list[Halves]()
        found = self._next(reading.log_probabilities)  # (2, N, V)
        for place, (row, first, last) in enumerate(self._likeliest(found)):
            pair = self.live[row].longer(row, (first, last), found[[0, 1], row, [first, last]], self.end)
            if all(pair.ended):
                ended += [pair] if place < self.width and sum(pair.lengths) < self.longest else []
            elif len(live) < self.width:
                live.append(pair)
        self.ended += [(self._score(pair), len(self.steps), len(live) + index) for index, pair in enumerate(ended)]
        self.ended.sort(key=lambda one: -one[0])
        look = None if reading.attention is None else reading.attention.reshape(2, N, -1)
        onward, back = (self._told(side, [*live, *ended], look) for side in range(2))
        self.steps.append((onward, back))
        self.live, self.before = live, N
        return onward, back

    def _next(self, log_probabilities: np.ndarray) -> np.ndarray:
        """(2N, V) -> (2, N, V); a half that has ended has nothing more to say."""
        found = log_probabilities.reshape(2, len(self.live), -1).copy()
        for row, pair in enumerate(self.live):
            for side in np.flatnonzero(pair.ended):
                found[side, row] = -np.inf
                found[side, row, self.end] = 0.0
        return found

    def _likeliest(self, found: np.ndarray) -> list[tuple[int, int, int]]:
        """The 2k best of all (pair, word of the first half, word of the second half), best first."""
        most = min(2 * self.width, found.shape[-1])  # no more words of one half can be among them
        words = np.argpartition(-found, most - 1, axis=-1)[..., :most]  # (2, N, M)
        onward, back = np.take_along_axis(found, words, -1)  # (N, M) each
        total = np.array([one.total for one in self.live])[:, None, None] + onward[:, :, None] + back[:, None, :]
        places = (np.unravel_index(flat, total.shape) for flat in best_of(total.ravel(), 2 * self.width))
        return [(int(row), int(words[0, row, a]), int(words[1, row, b])) for row, a, b in places]

    def _score(self, pair: Halves) -> float:
        return pair.total / normaliser(sum(pair.lengths) + 1, self.alpha)

    def _told(self, side: int, pairs: list[Halves], look: np.ndarray | None) -> Step:
        """One direction's step: `score` is the whole pair's."""
        candidates = (
            Candidate(
                parent=pair.parent,
                token=pair.words[side],
                probability=pair.chances[side],
                log_probability=pair.so_far[side],
                score=self._score(pair),
                finished=pair.ended[side],
                attention=None if look is None else as_row(look[side, pair.parent]),
            )
            for pair in pairs
        )
        return Step(len(self.steps), WAYS[side], tuple(candidates))

    @property
    def done(self) -> bool:
        """Nothing lives, no half may grow longer, or no live pair can still win."""
        if not self.live or len(self.steps) > self.longest // 2:
            return True
        hope = max(one.total for one in self.live) / normaliser(self.longest, max(self.alpha, 0.0))
        return bool(self.ended) and self.ended[0][0] >= hope

    @property
    def newest(self) -> tuple[np.ndarray, np.ndarray]:
        """(2N,) the rows that the halves continue, and their newest words."""
        rows = [side * self.before + one.parent for side in range(2) for one in self.live]
        return np.array(rows), np.array([one.words[side] for side in range(2) for one in self.live])

    def results(self) -> list[Decoded]:
        """All sentences that ended, best first; where none did, the live pairs as they are."""
        last = len(self.steps) - 1
        cut = [(self._score(one), last, index) for index, one in enumerate(self.live)]
        return [self._joined(*one) for one in self.ended or cut]

    def _joined(self, score: float, number: int, index: int) -> Decoded:
        """The first half, then the second one turned round, in reading order."""
        ways = [path([one[side] for one in self.steps], number, index) for side in range(2)]
        first, last = ([one for one in way if not one.finished] for way in ways)
        words = [*first, *last[::-1]]
        rows = tuple(one.attention for one in words if one.attention is not None)
        parts = {name: way[-1].log_probability for name, way in zip(WAYS, ways, strict=True)}
        return Decoded(
            tokens=tuple(one.token for one in words),
            log_probability=sum(parts.values()),
            score=score,
            direction="both",
            finished=all(way[-1].finished for way in ways),
            probabilities=tuple(one.probability for one in words),
            attention=rows if rows and len(rows) == len(words) else None,
            by_direction=parts,
        )


def meet(pair: Pair, longest: int, width: int, alpha: float = 0.0) -> Iterator[Step | Decoded]:
    """Two `Step`s for each step of the model, one of each half; then the best sentence and the others that ended."""
    beam, reading = Pairs(pair.end, width, longest, alpha), pair.begin()
    yield from beam.advance(reading)
    while not beam.done:
        reading = pair.go_on(reading.memory, *beam.newest)
        yield from beam.advance(reading)
    best, *others = beam.results()
    yield replace(best, others=tuple(others))
