"""Two sentences of one short document: does the second follow the first, and are they in order?

Both sentences of a document share its topic. The first introduces (every, some), the second carries on (the, this,
these), each with probability `cue`; so determiners tell the order, and words tell the topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import ClassVar

import numpy as np

from core.data import grammar
from core.data.batches import MARKS
from core.data.contract import IGNORE, Batch, Ceilings, Recipe
from core.data.tasks.game import Game
from core.fields import setting
from core.parts.objective import OF_PAIRS
from core.text import SPECIAL

INTRODUCING, CARRYING_ON = ("every", "some"), ("the", "this", "these")
TOPICAL = 4  # words of each sentence that belong to its topic: agent, verb, thing, place


@dataclass(frozen=True)
class TwoSentences(Game):
    """`sample` gives documents (B, 3·L): a first sentence, its second, and the second of another document.

    `core.data.batches.paired` makes questions of them.
    """

    title: ClassVar[str] = "Two sentences"
    story: ClassVar[str] = (
        "Two sentences side by side. Did the second follow the first? Words tell whether both speak of one topic; "
        "“some pilots … the pilots” tells which came first."
    )
    recipe: ClassVar[Recipe] = Recipe(steps=1800, batch=128)
    objectives: ClassVar[tuple[str, ...]] = OF_PAIRS
    kinds: ClassVar[int] = 2

    cue: float = setting(
        0.9,
        "Determiners tell the order",
        "How often a first sentence introduces (“every”, “some”) and a second carries on (“the”, “this”). "
        "At 0.5 they tell nothing.",
        low=0.5,
        high=1.0,
    )
    per_topic: int = setting(
        1,
        "Words of a topic",
        "How many agents, verbs, things and places each topic has. The more, the longer a model takes to find out "
        "which belong together; the best possible share of right answers stays the same.",
        low=1,
        high=5,
    )

    @property
    def words(self) -> tuple[str, ...]:
        return (*SPECIAL, *MARKS, *grammar.vocabulary())

    @property
    def classes(self) -> tuple[str, ...]:
        return ("it follows", "it doesn’t")

    @property
    def length(self) -> int:
        return 2 * grammar.LENGTH + 3

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        topic = rng.integers(0, len(grammar.TOPICS), n)
        elsewhere = rng.integers(0, len(grammar.TOPICS), n)
        first = self._spoken(rng, topic, self.cue)
        second, other = (self._spoken(rng, one, 1 - self.cue) for one in (topic, elsewhere))
        tokens = np.hstack([first, second, other])
        return Batch(tokens, np.full_like(tokens, IGNORE))

    def _spoken(self, rng: np.random.Generator, topic: np.ndarray, introduces: float) -> np.ndarray:
        """(n, L) tokens of sentences on these topics, of which a share introduces."""
        of_topic, n = causes_of_topics(), len(topic)
        causes = of_topic[topic, rng.integers(0, of_topic.shape[1], n)]
        carries_on = (rng.random(n) >= introduces).astype(np.int64)
        upto = sayings(self.per_topic)[1][carries_on, causes]  # (n, L, V)
        found: np.ndarray = (upto <= rng.random((n, grammar.LENGTH, 1)) * upto[..., -1:]).sum(-1)
        return found + len(SPECIAL) + len(MARKS)

    def ceilings(self, objective: str = "next-sentence", unseen: float = 0.0) -> Ceilings:
        """The best share of right verdicts, for a reader of both sentences; half of them where it sees neither.

        Order: each sentence's determiners are as expected with probability q; if both are, the order is plain, if one
        is, it is a toss-up: q² + q(1 − q) = q. Next sentence: by topic alone, ½ + ½ · 5/6 if topics were plain; they
        nearly are (`by_topic`).
        """
        best = self.cue if objective == "sentence-order" else by_topic(grammar.STRAY, unseen)
        return Ceilings(best, best, best, first=0.5, last=0.5)


@lru_cache(maxsize=1)
def causes_of_topics() -> np.ndarray:
    """(topics, causes of each) numbers of the hidden causes of a sentence."""
    of = np.array([topic for _, topic, _, _ in grammar.CAUSES])
    return np.stack([np.flatnonzero(of == topic) for topic in range(len(grammar.TOPICS))])


@lru_cache(maxsize=5)
def sayings(per_topic: int) -> tuple[np.ndarray, np.ndarray]:
    """(2, causes, L, words) probability of each word of a sentence that introduces, and that carries on; and summed.

    Of each kind of word a topic has its first `per_topic`, all as likely; so topics are told as plainly as with all.
    """
    kinds = [words.split() for topic in grammar.TOPICS.values() for words in topic.values()]
    spare = {word + end for kind in kinds for word in kind[per_topic:] for end in ("", "s")}
    used, tables = np.array([word not in spare for word in grammar.vocabulary()]), []
    for others in (CARRYING_ON, INTRODUCING):
        said = grammar.emissions() * used * ~np.isin(grammar.vocabulary(), others)
        tables.append(said / said.sum(-1, keepdims=True))
    said = np.stack(tables)
    return said, said.cumsum(-1)


@lru_cache(maxsize=16)
def by_topic(stray: float, unseen: float = 0.0) -> float:
    """The best share of right next-sentence verdicts: over all that the topical words of two sentences can hint at.

    Each of the TOPICAL words names its sentence's topic with probability 1 − stray, else another one. Two sentences
    follow each other if the chance of both words under one topic is larger than under two: with no strays this is
    ½ + ½ · 5/6, as one random sentence in six is on the same topic. `unseen`: the share of words that are hidden or
    swapped, taken as telling nothing, which makes it a bound.
    """
    K = len(grammar.TOPICS)
    word = np.full((K, K), stray / (K - 1)) + np.eye(K) * (1 - stray - stray / (K - 1))  # (topics, named)
    shown = np.hstack([(1 - unseen) * word, np.full((K, 1), unseen)])  # (topics, named or nothing)
    hints = []
    for seen in combinations_with_replacement(range(K + 1), TOPICAL):
        ways = factorial(TOPICAL) / prod(factorial(seen.count(one)) for one in set(seen))
        hints.append(ways * shown[:, seen].prod(1))
    told = np.stack(hints)  # (hints, topics)
    same, apart = told @ told.T / K, np.outer(told.mean(1), told.mean(1))
    return float(np.maximum(same, apart).sum() / 2)
