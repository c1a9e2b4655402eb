"""Short news in, shorter news out: what is marked as important stays, the rest goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.pairs.pair_game import Pair, PairGame
from core.data.tasks.english import words
from core.fields import setting

THINGS = words("bridge market school museum library station harbour theatre airport stadium tower garden")
STATES = words("closed open full empty flooded repaired crowded quiet")
IMPORTANT, PLAIN, AND = "!", ".", ","


@dataclass(frozen=True)
class Summarise(PairGame):
    """Two to n facts, each marked as important with probability q; at least one is. The summary has those in order."""

    title: ClassVar[str] = "Summarise"
    story: ClassVar[str] = (
        "News of a town, fact by fact. A fact that ends in “!” is important, one that ends in “.” is not. "
        "The summary keeps the important ones. The mark comes after the fact, so who reads on knows what to keep."
    )

    n: int = setting(4, "Facts", "The most facts in the news.", unit="facts", low=2, high=8)
    q: float = setting(0.5, "Important", "How often a fact is important.", low=0.1, high=1.0, deeper=True)

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        return (*THINGS, *STATES, IMPORTANT, PLAIN)

    @property
    def lexicon(self) -> tuple[str, ...]:
        return (*THINGS, *STATES, AND)

    @property
    def source_length(self) -> int:
        return 3 * self.n

    @property
    def longest(self) -> int:
        return 3 * self.n - 1

    @property
    def sources(self) -> int:
        marks = 1 if self.q == 1 else 0
        return sum(math.perm(len(THINGS), n) * len(STATES) ** n * (marks or 2**n - 1) for n in range(2, self.n + 1))

    def pair(self, draw: Random) -> Pair:
        things, marked = draw.sample(THINGS, draw.randint(2, self.n)), [False]
        while not any(marked):
            marked = [draw.random() < self.q for _ in things]
        source, target = [], []
        for thing, important in zip(things, marked, strict=True):
            state = draw.choice(STATES)
            source += [thing, state, IMPORTANT if important else PLAIN]
            target += [AND, thing, state] if important else []
        return source, target[1:]
