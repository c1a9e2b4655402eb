"""What all translation games share: one pair in words, two vocabularies, held-out sentences."""

from __future__ import annotations

import difflib
import zlib
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from random import Random
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Ceilings, Recipe, TextError
from core.data.tasks.game import HELD_OUT_SEED, Game
from core.text import END, PAD, SPECIAL_WRITTEN

Pair = tuple[Sequence[str], Sequence[str]]
LARGE = 2000  # different sources from which a tenth can be kept apart
APART = 10  # one source sentence in so many is kept for testing


class PairGame(Game):
    """A generator of sentence pairs. Subclasses are frozen dataclasses; they say one pair at a time, in words.

    A batch holds `source` (B, S) with `source_lengths`, and `tokens` (B, T): the target, [end], then padding.
    """

    objectives: ClassVar[tuple[str, ...]] = ("translate",)
    recipe: ClassVar[Recipe] = Recipe(steps=800, batch=64)

    @abstractmethod
    def pair(self, draw: Random) -> Pair:
        """One source sentence and its translation."""

    @property
    @abstractmethod
    def source_lexicon(self) -> tuple[str, ...]:
        """Every word that a source sentence can have."""

    @property
    @abstractmethod
    def lexicon(self) -> tuple[str, ...]:
        """Every word that a translation can have."""

    @property
    @abstractmethod
    def source_length(self) -> int:
        """S, the words of the longest source sentence."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """The words of the longest translation."""

    @property
    @abstractmethod
    def sources(self) -> int:
        """How many different source sentences there are."""

    @property
    def apart(self) -> bool:
        """Whether held-out sentences never occur in training; a small language has too few to keep some apart."""
        return self.sources >= LARGE

    @cached_property
    def source_words(self) -> tuple[str, ...]:
        """Readable source token of each id."""
        return (*SPECIAL_WRITTEN, *self.source_lexicon)

    @cached_property
    def words(self) -> tuple[str, ...]:  # type: ignore[override]
        """Readable target token of each id, (V,)."""
        return (*SPECIAL_WRITTEN, *self.lexicon)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    @property
    def length(self) -> int:
        """T, with room for [end]."""
        return self.longest + 1

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self.batch(self.pairs(rng, n))

    def held_out(self, n: int) -> Batch:
        return self.batch(self.pairs(np.random.default_rng(HELD_OUT_SEED), n, test=True))

    def pairs(self, rng: np.random.Generator, n: int, test: bool = False) -> list[Pair]:
        """n pairs in words. Where the language is large enough, training and testing never share a source sentence."""
        draw = Random(int(rng.integers(2**63)))
        found: list[Pair] = []
        while len(found) < n:
            pair = self.pair(draw)
            if not self.apart or kept_apart(pair[0]) == test:
                found.append(pair)
        return found

    def batch(self, pairs: Sequence[Pair]) -> Batch:
        """Pairs in words as ids, each side padded to its longest."""
        return pair_batch(
            [[self._source_ids[word] for word in source] for source, _ in pairs],
            [[self._ids[word] for word in target] for _, target in pairs],
        )

    @cached_property
    def _source_ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.source_words)}

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words)}

    def encode(self, text: str) -> np.ndarray:
        """(S',) ids of a source sentence in the game's own words; TextError names the first word that it lacks."""
        known = {word.casefold(): word for word in self.source_lexicon}
        found = text.split()
        if not found:
            raise TextError("Type at least one word of this game.")
        if len(found) > self.source_length:
            raise TextError(
                f"This game's sentences have {self.source_length} words at most; yours has {len(found)}. Shorten it."
            )
        for word in found:
            if word.casefold() not in known:
                near = difflib.get_close_matches(word.casefold(), known, n=1)
                offer = known[near[0]] if near else self.source_lexicon[0]
                raise TextError(f"“{word}” is not a word of this game. Try “{offer}”.")
        return np.array([self._source_ids[known[word.casefold()]] for word in found], dtype=np.int64)

    def ceilings(self) -> Ceilings:
        """Best share of right words, [end] included, for a decoder that has read the whole source and what it may see
        of the true translation: the words before, those after, or all others.
        """
        return Ceilings(1.0, 1.0, 1.0)

    def taught(self, writes: str) -> float:
        """Best share of right answers at what a decoder is asked while it learns; `writes`: see `ModelSpec`."""
        known = self.ceilings()
        if writes == "agreement":  # two decoders, each asked for every word
            return (known.left + known.right) / 2
        one_way = {"left-to-right": known.left, "right-to-left": known.right, "synchronous": known.left}
        return one_way.get(writes, known.both)

    def all_right(self, source: Sequence[str]) -> list[list[str]]:
        """Every right translation, where a sentence has several; [] where it has the one."""
        return []

    def exact(self) -> float:
        """Best share of translations that are right from the first word to the last."""
        return 1.0


def dictionary(text: str) -> dict[str, str]:
    """ "cat:gato dog:perro" as a table."""
    return {word: said for word, _, said in (pair.partition(":") for pair in text.split())}


def kept_apart(source: Sequence[str]) -> bool:
    """Whether this source sentence is for testing only: decided by its own words, the same on every machine."""
    return zlib.crc32(" ".join(source).encode()) % APART == 0


def pair_batch(sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Batch:
    """Ids of both sides as one Batch: `source` (B, S); `tokens` (B, T) end in [end]; both padded."""
    source, source_lengths = padded(sources)
    tokens, lengths = padded([[*target, END] for target in targets])
    labels = np.full_like(tokens, IGNORE)
    return Batch(tokens, labels, lengths=lengths, source=source, source_lengths=source_lengths)


def padded(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """(B, longest) int64 ids with PAD after each row's end, and (B,) lengths."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    ids = np.full((len(rows), max(1, int(lengths.max(initial=0)))), PAD, dtype=np.int64)
    for line, row in zip(ids, rows, strict=True):
        line[: len(row)] = row
    return ids, lengths
