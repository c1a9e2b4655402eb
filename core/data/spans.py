"""Span corruption: pieces of a text are cut out, and are to be written down (T5, Raffel et al. 2020, §3.1.4).

read:   the cook ‹1› soup in the ‹2› again
write:  ‹1› tastes the ‹2› kitchen
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from core.data.contract import Batch, Ceilings, Recipe, TextError
from core.data.corpora import Text, TextSource, open_text
from core.data.pairs.pair_game import pair_batch
from core.fields import SpecError, check, setting
from core.text import MASK, SPECIAL, SPECIAL_WRITTEN, TOKENIZERS

SHIFT = len(SPECIAL_WRITTEN) - len(SPECIAL)  # room for [start] and [end]
CUT = 4_294_967_291  # seed of the held-out cuts; training draws never use it


@dataclass(frozen=True)
class Spans:
    """Windows of text with some spans cut out. `text`: empty for the built-in corpus, else a kept text's name."""

    title: ClassVar[str] = "Text with pieces cut out"
    story: ClassVar[str] = (
        "From ordinary sentences, built in or your own, pieces of several words are cut out, and a mark is left in "
        "place of each. The encoder reads what is left; the decoder writes the pieces down, each after its mark. So T5 "
        "learns."
    )
    objectives: ClassVar[tuple[str, ...]] = ("span-corruption",)
    kinds: ClassVar[int] = 0
    recipe: ClassVar[Recipe] = Recipe(steps=1500, batch=64, learning_rate=3e-3, held_out=400)

    text: str = setting("", "Text", "Your own text; empty means the built-in one.")
    tokenizer: str = setting("word", "Tokenizer", "How text falls apart.", choices=tuple(TOKENIZERS))
    vocabulary: int = setting(
        1000, "Vocabulary", "Most tokens that the tokenizer may learn.", unit="tokens", low=32, high=32_000, deeper=True
    )
    window: int = setting(32, "Window", "Tokens of text from which pieces are cut.", unit="tokens", low=8, high=256)
    rate: float = setting(0.15, "Share cut out", "Share of the tokens that are cut out.", low=0.03, high=0.6)
    span: float = setting(3.0, "Mean piece", "Tokens of a piece on average.", unit="tokens", low=1.0, high=16.0)

    def __post_init__(self) -> None:
        check(self, "data")
        Text(tokenizer=self.tokenizer, vocabulary=self.vocabulary)  # says where a vocabulary has no room for bytes
        if self.cut + self.pieces > self.window:
            reason = "So many pieces would have no word left between them."
            raise SpecError("data.rate", self.rate, reason, {"data.rate": 0.15, "data.span": 3.0})

    @property
    def cut(self) -> int:
        """Tokens that are cut out of each window."""
        return max(1, round(self.window * self.rate))

    @property
    def pieces(self) -> int:
        return min(self.cut, max(1, round(self.cut / self.span)))

    @property
    def source_length(self) -> int:
        """S: what is left, and a mark for each piece."""
        return self.window - self.cut + self.pieces

    @property
    def length(self) -> int:
        """T: each piece after its mark, and [end]."""
        return self.cut + self.pieces + 1

    def ceilings(self) -> Ceilings | None:
        return None

    def floors(self) -> Ceilings | None:
        return None


@dataclass(frozen=True, eq=False)
class SpanSource:
    """Both sides have one vocabulary: the text's tokens, then the marks of pieces."""

    settings: Spans
    text: TextSource

    @cached_property
    def words(self) -> tuple[str, ...]:
        marks = (f"‹{n + 1}›" for n in range(self.settings.pieces))
        return (*SPECIAL_WRITTEN, *self.text.words[len(SPECIAL) :], *marks)

    @property
    def source_words(self) -> tuple[str, ...]:
        return self.words

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    @property
    def length(self) -> int:
        return self.settings.length

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self._cut(self.text.sample(rng, n), rng)

    def held_out(self, n: int) -> Batch:
        return self._cut(self.text.held_out(n), np.random.default_rng(CUT))

    def _cut(self, windows: Batch, rng: np.random.Generator) -> Batch:
        """Windows (B, W + 1) -> pairs: what is left with marks, and the pieces after theirs."""
        ids = _moved(windows.tokens[:, : self.settings.window])
        sides = [cut_out(row, self.settings.cut, self.settings.pieces, self.first_mark, rng) for row in ids]
        return pair_batch([left for left, _ in sides], [pieces for _, pieces in sides])

    @property
    def first_mark(self) -> int:
        return len(self.words) - self.settings.pieces

    def encode(self, text: str) -> np.ndarray:
        """(S',) ids of a learner's own sentence; each ____ is a piece that is missing."""
        ids = self.text.tokenizer.encode_sentence(text.strip())
        blanks = np.flatnonzero(ids == MASK)
        if not len(blanks):
            raise TextError("Write ____ where words are missing, and the model writes what could stand there.")
        if len(blanks) > self.settings.pieces:
            raise TextError(f"The model knows {self.settings.pieces} blanks at most; yours has {len(blanks)}.")
        if len(ids) > self.settings.source_length:
            most = self.settings.source_length
            raise TextError(f"The model reads {most} tokens at most; yours has {len(ids)}. Shorten it.")
        moved = _moved(ids)
        moved[blanks] = self.first_mark + np.arange(len(blanks))
        return moved

    def ceilings(self) -> Ceilings | None:
        return None


def cut_out(row: np.ndarray, cut: int, pieces: int, mark: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """(what is left with a mark for each piece, each piece after its mark) of one window (W,).

    `cut` tokens in `pieces` pieces, with at least one token before each: every way to do so is as likely.
    """
    kept, lost = _parts(len(row) - cut + 1, pieces + 1, rng), _parts(cut, pieces, rng)  # after the last one, one less
    left, written, at = list[int](), list[int](), 0
    for number, (stays, goes) in enumerate(zip(kept, lost, strict=False)):
        left += [*row[at : at + stays].tolist(), mark + number]
        written += [mark + number, *row[at + stays : at + stays + goes].tolist()]
        at += stays + goes
    return left + row[at:].tolist(), written


def _parts(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """(k,) whole numbers from 1 on that add up to n."""
    edges = np.sort(rng.choice(n - 1, k - 1, replace=False)) + 1
    parts: np.ndarray = np.diff(np.concatenate([[0], edges, [n]]))
    return parts


def _moved(ids: np.ndarray) -> np.ndarray:
    """Ids of the text's tokenizer with room for [start] and [end]."""
    return np.where(ids < len(SPECIAL), ids, ids + SHIFT).astype(np.int64)


def open_spans(settings: Spans, read_text: Callable[[str], str] | None = None) -> SpanSource:
    """The text behind the settings. Raises TextError in plain words; `read_text`: see `open_text`."""
    plain = Text(settings.text, settings.tokenizer, settings.vocabulary, settings.window)
    return SpanSource(settings, open_text(plain, read_text))
