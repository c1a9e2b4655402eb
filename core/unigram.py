"""Unigram pieces: how probable each piece of a word is, and which are missed least (Kudo 2018, §3.2).

A word's probability is the sum over all ways to put it together from pieces. Expectation-maximisation gives the pieces
the probabilities that make the words most probable; then the quarter that costs least to lose goes, again and again,
until few enough are left. Written here because the trainer of `tokenizers` adds up in an order that differs from one
process to the next, so that near ties are broken otherwise; a run must find the same pieces whenever it is resumed.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

LONGEST = 10  # characters of a piece
STRETCH = 24  # longer words are learned from in stretches of so many characters
LETTERS = 150_000  # of different words, the most frequent first, are enough to learn from
KEPT = 0.75  # of the pieces stay when some are dropped
RARE = 0.5  # a piece expected less often goes at once; single characters count as this often at least


def learn_pieces(words: Mapping[str, int], size: int) -> list[tuple[str, float]]:
    """At most `size` pieces of counted words with ln p, the most probable first. Every character stays one."""
    counts = _stretches(words)
    pieces, seen = _seeds(counts, size)
    times = np.array(list(counts.values()), dtype=np.float64)
    single = np.array([len(piece) == 1 for piece in pieces])
    size = max(size, int(single.sum()))
    index = {piece: number for number, piece in enumerate(pieces)}
    text, other = ways(list(counts), index), ways(pieces, index, whole=False)
    alive = np.ones(len(pieces), dtype=bool)
    while True:
        text, other = text.only(alive), other.only(alive)
        for _ in range(2):
            seen = expected(text, seen / seen.sum(), times)
            alive &= single | (seen >= RARE)
            seen = np.where(alive, np.maximum(seen, RARE), 0.0)
        p = seen / seen.sum()
        if alive.sum() <= size:
            break
        without = other.total(p)  # single characters can't be written otherwise
        missed = np.where(single, np.inf, seen * (np.log(p + ~alive) - np.log(without + single)))
        alive &= _largest(missed, pieces, alive, max(size, int(KEPT * alive.sum())))
        seen = np.where(alive, seen, 0.0)
    found = [(pieces[n], round(float(np.log(p[n])), 6)) for n in np.flatnonzero(alive)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


@dataclass(frozen=True)
class Ways:
    """All ways to put words together. Nodes are the places between a word's characters; pieces lead from one on."""

    start: np.ndarray  # (A,) node that a piece leads from
    end: np.ndarray  # (A,) node that it leads to
    piece: np.ndarray  # (A,)
    word: np.ndarray  # (N,) the word of a node
    place: np.ndarray  # (N,) a node's place in its word
    last: np.ndarray  # (W,) each word's last node

    def only(self, alive: np.ndarray) -> Ways:
        """Without the pieces that were dropped."""
        stay = alive[self.piece]
        return replace(self, start=self.start[stay], end=self.end[stay], piece=self.piece[stay])

    def forward(self, p: np.ndarray) -> np.ndarray:
        """(N,) probability of a word's beginning up to a node: the sum over all ways to it."""
        return self._sums(p, self.start, self.end, self.place == 0)

    def backward(self, p: np.ndarray) -> np.ndarray:
        """(N,) probability of the rest of a word from a node on."""
        return self._sums(p, self.end, self.start, np.isin(np.arange(len(self.place)), self.last))

    def total(self, p: np.ndarray) -> np.ndarray:
        """(W,) probability of each word."""
        return cast(np.ndarray, self.forward(p)[self.last])

    def _sums(self, p: np.ndarray, source: np.ndarray, target: np.ndarray, begin: np.ndarray) -> np.ndarray:
        sums, weight = begin.astype(np.float64), p[self.piece]
        order = np.argsort(self.place[target], kind="stable")
        steps = np.split(order, np.flatnonzero(np.diff(self.place[target][order])) + 1)
        for step in steps if source is self.start else reversed(steps):
            sums += np.bincount(target[step], sums[source[step]] * weight[step], len(sums))
        return sums


def ways(words: Sequence[str], index: Mapping[str, int], whole: bool = True) -> Ways:
    """The ways to write words with the pieces of an index; without `whole`, a word that is a piece doesn't count."""
    start, end, piece, word, place = array("i"), array("i"), array("i"), array("i"), array("i")
    last = np.cumsum([len(one) + 1 for one in words]) - 1
    for number, one in enumerate(words):
        first = last[number] - len(one)
        word.extend([number] * (len(one) + 1))
        place.extend(range(len(one) + 1))
        for a in range(len(one)):
            for b in range(a + 1, min(a + LONGEST, len(one)) + 1):
                found = index.get(one[a:b])
                if found is not None and (whole or b - a < len(one)):
                    start.append(first + a)
                    end.append(first + b)
                    piece.append(found)
    parts = [np.array(part, dtype=np.int32) for part in (start, end, piece, word, place)]
    return Ways(parts[0], parts[1], parts[2], parts[3], parts[4], last)


def expected(text: Ways, p: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(P,) how often each piece is expected in words that are there so many times (the E step)."""
    forward, backward = text.forward(p), text.backward(p)
    share = (times / forward[text.last])[text.word[text.start]]
    return np.bincount(text.piece, share * forward[text.start] * p[text.piece] * backward[text.end], len(p))


def _stretches(words: Mapping[str, int]) -> Counter[str]:
    """Counted words in stretches that are short enough, the most frequent first, until there are letters enough."""
    counts: Counter[str] = Counter()
    room = LETTERS
    for word, times in sorted(words.items(), key=lambda one: (-one[1], one[0])):
        if room < 0:
            break
        room -= len(word)
        for first in range(0, len(word), STRETCH):
            counts[word[first : first + STRETCH]] += times
    for c in sorted(set("".join(words)) - set("".join(counts))):  # no character is forgotten
        counts[c] += 1
    return counts


def _seeds(counts: Mapping[str, int], size: int) -> tuple[list[str], np.ndarray]:
    """Pieces to begin with: every character, and what is there twice at least and covers most of the text."""
    seen: Counter[str] = Counter()
    for word, times in counts.items():
        for a in range(len(word)):
            for b in range(a + 1, min(a + LONGEST, len(word)) + 1):
                seen[word[a:b]] += times
    single = sorted(piece for piece in seen if len(piece) == 1)
    longer = [(-times * len(piece), piece) for piece, times in seen.items() if len(piece) > 1 and times > 1]
    pieces = single + [piece for _, piece in sorted(longer)[: max(20_000, 2 * size)]]
    return pieces, np.array([seen[piece] for piece in pieces], dtype=np.float64)


def _largest(values: np.ndarray, names: Sequence[str], among: np.ndarray, count: int) -> np.ndarray:
    """(P,) whose values are the largest, ties by name; last digits, which differ between processors, don't count."""
    order = sorted(np.flatnonzero(among).tolist(), key=lambda n: (-float(f"{values[n]:.9g}"), names[n]))
    kept = np.zeros(len(names), dtype=bool)
    kept[order[:count]] = True
    return kept
