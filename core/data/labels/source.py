"""Labelled sentences of a learner's own as a source: cut into tokens, some to learn from and some held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings, TextError
from core.text import PAD, Tokenizer

LOOKED_AT = 200  # sentences from which the next one of a small pool is chosen


@dataclass(frozen=True)
class Examples:
    """Sentences as words or whole texts, each with its labels (one, or one a word), and what is worth knowing."""

    texts: list[tuple[str, ...]]
    labels: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How often each label occurs, most frequent first."""
        return Counter(dict(Counter(label for row in self.labels for label in row).most_common()))


class Cutter(Protocol):
    """What cuts a learner's own sentence into tokens: a tokenizer, or the spelling of a pretrained model."""

    @property
    def words(self) -> tuple[str, ...]: ...

    def encode_sentence(self, text: str) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class LabelledSource:
    """Tokenized sentences with labels; the tokenizer has seen only those that are trained on."""

    examples: Examples
    tokenizer: Cutter
    classes: tuple[str, ...]
    rows: list[tuple[np.ndarray, np.ndarray]]  # ids (T',) and labels (T',), or one label for the whole (1,)
    train: np.ndarray  # numbers of rows
    test: np.ndarray
    length: int
    objectives: tuple[str, ...]
    cut: int  # sentences that were too long

    @property
    def words(self) -> tuple[str, ...]:
        return self.tokenizer.words

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self._batch(self.train[rng.integers(0, len(self.train), n)])

    def held_out(self, n: int) -> Batch:
        """n held-out sentences spread evenly over all of them, or all that there are."""
        some = np.linspace(0, len(self.test) - 1, min(n, len(self.test))).astype(np.int64)
        return self._batch(self.test[some])

    def pool(self, rng: np.random.Generator, n: int) -> Batch:
        """n of the sentences to learn from, or all that there are: every class about as often, every tag at least once.

        Each in turn is of the class (of tagged sentences, holds the tag) that has been drawn the least so far.
        """
        left = [(row, set(self.rows[row][1].tolist()) - {IGNORE}) for row in rng.permutation(self.train).tolist()]
        drawn, chosen = dict.fromkeys(range(len(self.classes)), 0), list[int]()
        while left and len(chosen) < n:
            rarest = [min(drawn[label] for label in labels) for _, labels in left[:LOOKED_AT]]
            row, labels = left.pop(rarest.index(min(rarest)))
            chosen.append(row)
            drawn.update({label: drawn[label] + 1 for label in labels})
        return self._batch(np.array(chosen))

    def _batch(self, some: np.ndarray) -> Batch:
        """Rows padded to the longest of them."""
        rows = [self.rows[row] for row in some]
        lengths = np.array([len(ids) for ids, _ in rows])
        tokens, labels = np.full((len(rows), lengths.max()), PAD), np.full((len(rows), lengths.max()), IGNORE)
        for row, (ids, said) in enumerate(rows):
            tokens[row, : len(ids)] = ids
            if self.objectives == ("tag",):
                labels[row, : len(ids)] = said
        answers = np.array([said[0] for _, said in rows]) if self.objectives == ("classify",) else None
        return Batch(tokens, labels, lengths=lengths, answers=answers)

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids of a learner's own sentence."""
        ids = self.tokenizer.encode_sentence(text.strip())
        if not len(ids):
            raise TextError("Type at least one word.")
        if len(ids) > self.length:
            raise TextError(f"The model reads {self.length} tokens at most; yours has {len(ids)}. Shorten it.")
        return ids

    def ceilings(self) -> Ceilings | None:
        return None


Spell = Callable[[tuple[str, ...]], tuple[np.ndarray, np.ndarray]]  # words -> ids (T',) and which word begins there
Rows = list[tuple[np.ndarray, np.ndarray]]


def pieces(tokenizer: Tokenizer, words: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(T',) ids of words that are cut one by one, and (T',) which of them begins at each, −1 elsewhere."""
    found = [tokenizer.encode(word).astype(np.int64) for word in words]
    begins = [np.where(np.arange(len(some)) == 0, number, -1) for number, some in enumerate(found)]
    return np.concatenate(found), np.concatenate(begins)


def spelled(found: Examples, classes: tuple[str, ...], tags: bool, length: int, spell: Spell) -> tuple[Rows, int]:
    """Ids and labels of all sentences, at most `length` tokens, and how many were longer.

    Of a word's pieces the first one carries its tag (Devlin et al. 2019, §5.3).
    """
    number = {name: index for index, name in enumerate(classes)}
    rows, cut = [], 0
    for words, labels in zip(found.texts, found.labels, strict=True):
        ids, begins = spell(words)
        said = np.array([number[label] for label in labels])
        if tags:
            said = np.where(begins >= 0, said[begins], IGNORE)[:length]
        cut += len(ids) > length
        rows.append((ids[:length], said))
    return rows, cut
