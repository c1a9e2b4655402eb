"""Decoders that see both sides: synchronous halves, and blanks filled in rounds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from core.decoding.beam import normaliser
from core.decoding.choosing import Choice
from core.decoding.mask_predict import fill
from core.decoding.synchronous import WAYS, meet
from core.decoding.trace import Decoded, Round, Step
from core.decoding.writer import Reading
from tests.core.decoding.tables import END, Chain, chain, sentences


@dataclass(frozen=True)
class Ends:
    """Two chains that write from both ends, each inclined to what the other has just written."""

    onward: Chain
    backward: Chain
    weight: float = 2.0
    end: int = END

    def begin(self) -> Reading:
        return self.read([(), ()])

    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        return self.read([(*memory[row], int(token)) for row, token in zip(rows, tokens, strict=True)])

    def read(self, written: list[tuple[int, ...]]) -> Reading:
        N, parts = len(written) // 2, []
        for index, one in enumerate(written):
            other = written[(index + N) % len(written)]
            here = (self.onward if index < N else self.backward).read([one]).log_probabilities[0].copy()
            if other:
                here[other[-1]] += self.weight
            parts.append(here - np.log(np.exp(here).sum()))
        attention = np.array([np.eye(12)[len(one) + (0 if index < N else 6)] for index, one in enumerate(written)])
        return Reading(np.array(parts), attention, written)

    def log_probability(self, first: tuple[int, ...], last: tuple[int, ...]) -> float:
        """Of two halves, each in its own order, with their end marks; a half that has ended goes on writing it."""
        total, halves = 0.0, ((*first, END), (*last, END))
        for t in range(max(map(len, halves))):
            so_far = [(*half, *[END] * t)[:t] for half in halves]
            found = self.read(so_far).log_probabilities
            total += sum(float(found[side, half[t]]) for side, half in enumerate(halves) if t < len(half))
        return total


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_the_widest_beam_of_halves_finds_what_brute_force_finds(seed: int, alpha: float) -> None:
    ends, most = Ends(chain(seed), chain(50 + seed, "right-to-left")), 2  # words of a half
    halves = list(itertools.product(sentences(most + 1), repeat=2))
    scores = {
        (first, last): ends.log_probability(first, last) / normaliser(len(first) + len(last) + 1, alpha)
        for first, last in halves
    }
    best = max(scores, key=scores.__getitem__)
    *_, last = meet(ends, 2 * most + 1, 4000, alpha)
    assert isinstance(last, Decoded)
    assert last.tokens == (*best[0], *best[1][::-1])
    assert last.score == pytest.approx(scores[best])
    assert last.log_probability == pytest.approx(ends.log_probability(*best)) == sum(last.by_direction.values())
    assert last.finished


def test_each_half_reads_its_own_partner() -> None:
    """Halves and partners stay together when pairs are re-ordered: told again from the trace, every number fits."""
    ends = Ends(chain(7), chain(4, "right-to-left"))
    *told, last = list(meet(ends, 9, 3))
    written: list[list[tuple[int, ...]]] = [[()], [()]]
    for first, second in zip(told[::2], told[1::2], strict=True):
        assert isinstance(first, Step)
        assert isinstance(second, Step)
        assert (first.direction, second.direction) == WAYS
        chances = np.exp(ends.read([*written[0], *written[1]]).log_probabilities)
        N = len(written[0])
        for side, step in enumerate((first, second)):
            for one in step.candidates:
                done = written[side][one.parent][-1:] == (END,)
                assert one.probability == pytest.approx(1.0 if done else chances[side * N + one.parent, one.token])
        pairs = list(zip(first.candidates, second.candidates, strict=True))
        live = [pair for pair in pairs if not all(one.finished for one in pair)]
        assert pairs[: len(live)] == live
        assert len(live) <= 3
        written = [[(*written[side][pair[side].parent], pair[side].token) for pair in live] for side in range(2)]
    assert isinstance(last, Decoded)
    assert last.attention is not None
    looked = [int(np.argmax(row)) for row in last.attention]
    n = sum(row < 6 for row in looked)
    assert looked == [*range(n), *(6 + t for t in reversed(range(len(looked) - n)))]


@dataclass(frozen=True)
class Dialects:
    """The exact model of a sentence that is whole in dialect A (words 1…N) or B (N + 1…2N), each half of the time."""

    words: int
    mask: int = 0

    def lengths(self) -> np.ndarray:
        return np.log(np.eye(self.words + 3)[self.words] * 0.9 + 1e-9)

    def fill(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        n = len(tokens)
        seen = [sum(bool(low <= word < low + self.words) for word in tokens) for low in (1, 1 + self.words)]
        share = 0.5 if bool(seen[0]) == bool(seen[1]) else float(seen[0] > 0)
        chances = np.full((n, 1 + 2 * self.words), 1e-12)
        places = np.arange(n) % self.words
        chances[np.arange(n), 1 + places] += share
        chances[np.arange(n), 1 + self.words + places] += 1 - share
        return np.log(chances), None


@pytest.mark.parametrize(("rounds", "expected"), [(1, 2**-5), (2, 2**-2), (3, 2**-1), (6, 1.0)])
def test_more_rounds_agree_as_theory_says(rounds: int, expected: float) -> None:
    """P(all words of one dialect) = 2^(1 − N/T): the N/T words that the first round keeps must agree by chance."""
    N, n, rng = 6, 3000, np.random.default_rng(0)
    consistent = 0
    for _ in range(n):
        *_, last = fill(Dialects(N), rounds, Choice(1.0), rng)
        assert isinstance(last, Decoded)
        assert [(word - 1) % N for word in last.tokens] == list(range(N))  # every word right …
        consistent += len({(word - 1) // N for word in last.tokens}) == 1  # … not every sentence
    assert consistent / n == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n) + 1e-9)


@pytest.mark.parametrize(("words", "rounds"), itertools.product((1, 5, 6), (1, 3, 4, 10)))
def test_the_least_sure_are_blanked_in_falling_number(words: int, rounds: int) -> None:
    *told, last = list(fill(Dialects(words), rounds, Choice(), np.random.default_rng(0)))
    assert isinstance(last, Decoded)
    assert len(told) == rounds
    for number, one in enumerate(told, start=1):
        assert isinstance(one, Round)
        assert sum(one.masked) == words * (rounds - number) // rounds  # n_t of section 4.1
        if any(one.masked) and not all(one.masked):
            sure = np.array(one.probabilities)
            assert sure[np.array(one.masked)].max() <= sure[~np.array(one.masked)].min()
    assert last.tokens == told[-1].tokens  # type: ignore[union-attr]


def test_several_lengths_are_tried_and_the_surest_wins() -> None:
    *told, last = list(fill(Dialects(4), 2, Choice(), np.random.default_rng(0), lengths=3))
    assert isinstance(last, Decoded)
    tried = {len(one.tokens) for one in told if isinstance(one, Round)}
    assert len(tried) == 3
    assert 4 in tried
    assert {len(one.tokens) for one in (last, *last.others)} == tried
    assert last.score >= max(one.score for one in last.others)
