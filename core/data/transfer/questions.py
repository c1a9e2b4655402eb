"""What a pretrained model is fine-tuned on: five questions about sentences of the language that it has read.

Labels are given for sentences of one half of the content words; `shifted` asks the same of the other half, whose words
the model knows from pretraining only. Every ceiling is exact, and the same for both halves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings, Recipe
from core.data.grammar import CAUSES, MOODS, STRAY, TOPICS
from core.data.labels.causes import told
from core.data.labels.labelled import MOODS as FEELINGS
from core.data.labels.labelled import stratified
from core.data.tasks.game import HELD_OUT_SEED
from core.data.transfer.language import (
    MOODY,
    PATTERNS,
    SHOWN,
    TOPICAL,
    UNSEEN,
    Marked,
    causes,
    groups,
    spoken,
)
from core.fields import setting
from core.text import MASK


class Question(NamedTuple):
    """`asks` in a learner's words; `classes` are the answers; `follows` what its words of evidence belong to."""

    asks: str
    classes: tuple[str, ...]
    objective: str
    follows: str


QUESTIONS = {
    "mood": Question("Is it pleasant or unpleasant?", FEELINGS, "classify", "mood"),
    "topic": Question("What is it about?", tuple(TOPICS), "classify", "topic"),
    "xor": Question("Is it unpleasant, or are its people many, but not both?", ("no", "yes"), "classify", "mood"),
    "odd": Question("Which nouns and verbs don’t belong to its topic?", ("fits", "odd one out"), "tag", "topic"),
    "slot": Question("Its adverb is hidden: is it pleasant or unpleasant?", FEELINGS, "tag", "mood"),
}


@dataclass(frozen=True)
class Transfer(Marked):
    """Sentences of the SHOWN half of the words with one question's answers."""

    title: ClassVar[str] = "Questions to fine-tune on"
    story: ClassVar[str] = (
        "The same sentences as “Sentences to pretrain on”, now with a question: mood and topic are near to what "
        "filling blanks has taught; mood and number crossed (exclusive-or) is far from it; an odd one out is to be "
        "tagged. Only every second word is ever shown with a label: a second test asks about the others."
    )
    objectives: ClassVar[tuple[str, ...]] = ("classify", "tag")  # an instance has its question's
    recipe: ClassVar[Recipe] = Recipe(steps=600, held_out=2000)

    question: str = setting("mood", "Question", "What is asked of each sentence.", choices=tuple(QUESTIONS))

    def validate(self) -> None:
        object.__setattr__(self, "objectives", (self.about.objective,))

    @property
    def about(self) -> Question:
        return QUESTIONS[self.question]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.about.classes

    @property
    def rare(self) -> int | None:
        """The class that is looked for among many others, which F1 is told of; None where classes are as common."""
        return 1 if self.question == "odd" else None

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self._asked(rng, n, SHOWN)

    def shifted(self, n: int) -> Batch:
        """The same n sentences at every call, of words that no label was ever shown for."""
        return self._asked(np.random.default_rng(HELD_OUT_SEED), n, UNSEEN)

    def pool(self, rng: np.random.Generator, n: int) -> Batch:
        """n labelled sentences to learn from, stratified: every class as often, if n allows.

        Of tagged sentences as many have an odd one out as do in the long run, 1 − (1 − STRAY)⁴ of them.
        """
        K, spoiled = len(self.classes), 1 - (1 - STRAY) ** TOPICAL
        shares = [1 - spoiled, spoiled] if self.question == "odd" else [1 / K] * K
        return stratified(rng, n, shares, self.sample, self.strata)

    def strata(self, batch: Batch) -> np.ndarray:
        """(n,) the class of each sentence; of tagged ones whether any word is odd."""
        found: np.ndarray = batch.labels.max(1) if batch.answers is None else batch.answers
        return found

    def _asked(self, rng: np.random.Generator, n: int, half: int) -> Batch:
        cause = rng.integers(0, len(CAUSES), n)
        tokens, of = spoken(rng, cause, half), {name: column[cause] for name, column in causes().items()}
        said = groups()[self.about.follows][tokens]  # (n, T) the topic or mood of each word
        labels, cues = np.full_like(tokens, IGNORE), said >= 0
        answers = {"mood": of["mood"], "topic": of["topic"], "xor": of["mood"] ^ of["number"]}.get(self.question)
        if self.question == "odd":
            labels = np.where(cues, said != of["topic"][:, None], IGNORE)
        if self.question == "slot":
            row, place = np.arange(n), adverb_places()[of["pattern"]]
            labels[row, place], tokens[row, place] = of["mood"], MASK
            cues[row, place] = False
        return Batch(tokens, labels, cues, answers=answers)

    @property
    def verbaliser(self) -> tuple[tuple[str, ...], ...] | None:
        """For each class the words that stand for it where `prompted` hides one (Schick & Schütze 2021, §3.1).

        None: no word does, as nothing in a sentence says “both” or “odd”.
        """
        if self.question == "topic":
            verbs = [words["verb"].split() for words in TOPICS.values()]
            return tuple(tuple(verb + end for verb in some for end in ("", "s")) for some in verbs)
        return tuple(tuple(words.split()) for words in MOODS["mood-adv"]) if self.question in ("mood", "slot") else None

    def prompted(self, batch: Batch) -> Batch:
        """The same sentences asked as a pretrained model was: one telling word is hidden, its place has the class.

        Of the mood it is the adverb, of the topic the verb; for `slot` it is hidden already.
        """
        return hidden(batch, self.words, self.verbaliser) if self.question != "slot" else batch

    def tagged(self, ids: np.ndarray) -> tuple[int, ...]:
        """Places of a sentence (T,) that are asked for a tag: nouns and verbs, or the blank."""
        asked = groups()["topic"][ids] >= 0 if self.question == "odd" else ids == MASK
        return tuple(np.flatnonzero(asked).tolist())

    def ceilings(self) -> Ceilings:
        return _ceilings(self.question)


def hidden(batch: Batch, words: tuple[str, ...], verbaliser: tuple[tuple[str, ...], ...] | None) -> Batch:
    """Each sentence's first word of the verbaliser hidden, and the sentence's class as its label."""
    assert verbaliser is not None
    assert batch.answers is not None
    telling = np.isin(np.array(words), [word for some in verbaliser for word in some])[batch.tokens]  # (n, T)
    row, place = np.arange(len(telling)), telling.argmax(1)
    tokens, labels = batch.tokens.copy(), np.full_like(batch.labels, IGNORE)
    tokens[row, place], labels[row, place] = MASK, batch.answers
    return replace(batch, tokens=tokens, labels=labels, answers=None)


@cache
def adverb_places() -> np.ndarray:
    """(patterns,) where each pattern's adverb stands, [CLS] counted."""
    return np.array([1 + pattern.split().index("mood-adv") for pattern in PATTERNS])


@cache
def _ceilings(question: str) -> Ceilings:
    """Count the words of each topic or mood and go with the most frequent; numbers are always plain to see.

    A reader of the first or the last mark alone has read nothing.
    """
    if question == "odd":
        return _of_odd_ones()
    if question == "slot":
        return _of_the_slot()
    sizes = {"topic": (TOPICAL, len(TOPICS))}.get(question, (MOODY, 2))
    whole, guess = round(told(*sizes, STRAY), 12), 1 / len(QUESTIONS[question].classes)
    return Ceilings(whole, whole, whole, first=guess, last=guess)


def _of_the_slot() -> Ceilings:
    """Without the adverb two words tell the mood, on one side or on both; the blank itself tells nothing."""
    counts = []
    for pattern in PATTERNS:
        slots = pattern.split()
        at, moody = slots.index("mood-adv"), [slot in MOODS for slot in slots]
        counts.append((sum(moody[:at]), sum(moody[at + 1 :]), MOODY - 1))
    sides = zip(*counts, strict=True)
    return Ceilings(*(round(float(np.mean([told(n, 2, STRAY) for n in side])), 12) for side in sides))


def _of_odd_ones() -> Ceilings:
    """A reader of everything, or of the topical words up to the one that it tags. Which words are topical is plain."""
    each = [_tagged(n) for n in range(1, TOPICAL + 1)]
    side = round(float(np.mean(each)), 12)
    return Ceilings(side, side, round(each[-1], 12))


def _tagged(n: int) -> float:
    """How often the likelier tag of the last of n topical words is right: all rows of topics they name, enumerated."""
    K = len(TOPICS)
    named = np.array(list(product(range(K), repeat=n)))  # (N, n)
    joint = np.where(named[:, :, None] == np.arange(K), 1 - STRAY, STRAY / (K - 1)).prod(1) / K  # (N, K) with the topic
    fits = joint[np.arange(len(named)), named[:, -1]]
    return float(np.maximum(fits, joint.sum(1) - fits).sum())
