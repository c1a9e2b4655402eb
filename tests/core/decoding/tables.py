"""Models that are tables: a known Markov chain of words, so that brute force over all sentences gives the truth."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.decoding.writer import Reading

V, END, LONGEST = 4, 3, 4  # words 0, 1, 2 and the end mark; at most three words and the end


@dataclass(frozen=True)
class Chain:
    """p(next | last two words), `first` for none; the end is one of the words. Remembers what each row has written."""

    table: np.ndarray  # (V + 1, V + 1, V): the word before the last, the last, the next; V stands for none
    direction: str = "left-to-right"
    end: int | None = END

    def begin(self) -> Reading:
        return self.read([()])

    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        return self.read([(*memory[row], int(token)) for row, token in zip(rows, tokens, strict=True)])

    def read(self, written: list[tuple[int, ...]]) -> Reading:
        padded = [(V, V, *one)[-2:] for one in written]
        found = np.log(np.array([self.table[a, b] for a, b in padded]))
        attention = np.array([np.eye(5)[len(one) % 5] for one in written])
        return Reading(found, attention, written)

    def log_probability(self, sentence: tuple[int, ...]) -> float:
        """Of a whole sentence in reading order, the end mark added."""
        order = sentence[::-1] if self.direction == "right-to-left" else sentence
        way = (V, V, *order, END)
        return float(sum(np.log(self.table[way[t - 2], way[t - 1], way[t]]) for t in range(2, len(way))))


def chain(seed: int, direction: str = "left-to-right", end: int | None = END) -> Chain:
    table = np.random.default_rng(seed).dirichlet(np.full(V, 0.6), size=(V + 1, V + 1))
    return Chain(np.clip(table, 1e-6, None) / np.clip(table, 1e-6, None).sum(-1, keepdims=True), direction, end)


def sentences(longest: int = LONGEST) -> list[tuple[int, ...]]:
    """All of them, up to `longest` words with the end mark."""
    return [one for n in range(longest) for one in itertools.product(range(V - 1), repeat=n)]
