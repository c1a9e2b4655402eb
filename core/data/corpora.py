"""Text to learn from: the built-in corpus, or the learner's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np

from core.data import grammar
from core.data.contract import IGNORE, Batch, Ceilings, Recipe, Source, TextError
from core.data.floors import language, least_loss
from core.data.whole_words import Joints, joints
from core.fields import SpecError, check, setting
from core.hub import CheckpointError
from core.parts.objective import ObjectiveSpec
from core.shelf import tokenizer_of
from core.text import SMALLEST, TOKENIZERS, Tokenizer, check_size, check_text, read_file, train_tokenizer

SENTENCES = 24_000  # of the built-in corpus: 240,000 words
HELD_OUT = 0.1  # the last part of every text is never trained on


@dataclass(frozen=True)
class Text:
    """Plain text cut into windows of `length` tokens. `text`: empty for the built-in corpus, else a text's name."""

    title: ClassVar[str] = "Plain text"
    story: ClassVar[str] = "Ordinary sentences, built in or your own. The model learns to predict their words."
    objectives: ClassVar[tuple[str, ...]] = (
        "next-word",
        "previous-word",
        "two-way-lm",
        "masked-word",
        "prefix-lm",
        "permutation-lm",
    )
    kinds: ClassVar[int] = 0
    recipe: ClassVar[Recipe] = Recipe(steps=1500, batch=32, learning_rate=5e-3, held_out=400)

    text: str = setting("", "Text", "Your own text; empty means the built-in one.")
    tokenizer: str = setting(
        "word",
        "Tokenizer",
        "How text falls apart: characters, whole words, bytes, or frequent pieces (BPE, WordPiece, Unigram).",
        choices=tuple(TOKENIZERS),
    )
    vocabulary: int = setting(
        1000, "Vocabulary", "Most tokens that the tokenizer may learn.", unit="tokens", low=32, high=32_000, deeper=True
    )
    length: int = setting(
        32, "Context", "Tokens that the model reads at once.", unit="tokens", low=4, high=512, aliases=("T",)
    )

    def __post_init__(self) -> None:
        check(self, "data")
        least = SMALLEST.get(self.tokenizer, 0)
        if self.vocabulary < least:
            reason = f"Bytes are 256 single bytes, so this vocabulary needs at least {least}."
            if self.tokenizer == "bpe":
                reason = f"Byte pairs start from 256 single bytes, so this vocabulary needs at least {least}."
            raise SpecError("data.vocabulary", self.vocabulary, reason, {"data.vocabulary": least})


@dataclass(frozen=True, eq=False)
class TextSource:
    """Windows of a tokenized text. The tokenizer has seen `train` only; `test` is the text's last tenth."""

    tokenizer: Tokenizer
    train: np.ndarray  # (N,) ids
    test: np.ndarray  # (M,) ids
    length: int  # T
    invented: bool = False  # the built-in corpus, whose language is known exactly

    @property
    def words(self) -> tuple[str, ...]:
        return self.tokenizer.words

    @property
    def classes(self) -> tuple[str, ...]:
        return self.tokenizer.words

    @cached_property
    def joints(self) -> Joints | None:
        return joints(self.words, self.tokenizer.kind)

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        """n windows of T + 1 tokens at random places of the training part, to be framed by `core.data.batches`."""
        return self._windows(self.train, rng.integers(0, len(self.train) - self.length, n))

    def held_out(self, n: int) -> Batch:
        """n windows spread evenly over the test part."""
        return self._windows(self.test, np.linspace(0, len(self.test) - self.length - 1, n).astype(np.int64))

    def _windows(self, ids: np.ndarray, starts: np.ndarray) -> Batch:
        marks = (self.tokenizer.before, self.tokenizer.after)
        content = self.length - sum(map(len, marks))
        tokens = ids[starts[:, None] + np.arange(content + 1)].astype(np.int64)
        if content < self.length:  # a checkpoint's sentences stand between its marks
            before, after = (np.tile(one, (len(tokens), 1)) for one in marks)
            tokens = np.hstack([before, tokens[:, :-1], after, tokens[:, -1:]])
        return Batch(tokens, np.full_like(tokens, IGNORE))

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids of a learner's own line; `[mask]` or `____` stands for a word to fill in."""
        ids = self.tokenizer.encode_sentence(text.strip())
        if not len(ids):
            raise TextError("Type at least one word.")
        if len(ids) > self.length:
            raise TextError(f"The model reads {self.length} tokens at most; yours has {len(ids)}. Shorten it.")
        return ids

    def ceilings(self) -> Ceilings | None:
        return None

    def least_loss(self, objective: ObjectiveSpec, batch: Batch) -> float | None:
        """Nats at the scored positions of a framed batch for the best possible reader; None where nobody knows."""
        table = language(self.words) if self.invented and self.tokenizer.kind == "word" else None
        return None if table is None else least_loss(objective, batch, table)


def joints_of(source: Source) -> Joints | None:
    """Which tokens of a text are pieces of one word; None where every token is a word, and for games."""
    return source.joints if isinstance(source, TextSource) else None


def marks_of(source: Source) -> int:
    """How many different marks stand around its sentences; they follow the special tokens and are never hidden."""
    return source.tokenizer.marks if isinstance(source, TextSource) else getattr(source, "marks", 0)


def open_text(settings: Text, read_text: Callable[[str], str] | None = None, checkpoint: str = "") -> TextSource:
    """The text behind the settings, tokenized, by the tokenizer of a `checkpoint` where one is named.

    Raises TextError in plain words.

    `read_text` gives the characters of a kept text by its name. Without it the name is a path on this machine, which
    only the terminal may allow: names in shared links are never read as paths.
    """
    if not settings.text:
        text = built_in()
    elif read_text is None:
        text = read_file(settings.text, settings.length, settings.tokenizer)
    else:
        text = check_text(read_text(settings.text), settings.length, settings.tokenizer)
    if checkpoint:
        tokenizer, ids, held = _cut(text, _borrowed(checkpoint))
    else:
        tokenizer, ids, held = _tokenized(text, settings.tokenizer, settings.vocabulary)
    check_size(len(ids), settings.length)
    held = max(held, settings.length + 1)  # at least one window
    return TextSource(tokenizer, ids[:-held], ids[-held:], settings.length, invented=not settings.text)


@lru_cache(maxsize=1)
def built_in() -> str:
    """The built-in corpus: the same 24,000 sentences on every machine, one a line."""
    return grammar.write(np.random.default_rng(0), SENTENCES)


@lru_cache(maxsize=4)
def _tokenized(text: str, kind: str, vocabulary: int) -> tuple[Tokenizer, np.ndarray, int]:
    """A tokenizer that is trained on the text but for its last tenth, and what `_cut` gives."""
    return _cut(text, train_tokenizer(kind, vocabulary, text[: _edge(text)]))


@lru_cache(maxsize=4)
def _cut(text: str, tokenizer: Tokenizer) -> tuple[Tokenizer, np.ndarray, int]:
    """Tokenizer, ids of the whole text (N,), and how many of the last ones are the tenth that isn't learned from."""
    edge = _edge(text)
    train, test = tokenizer.encode(text[:edge]), tokenizer.encode(text[edge:])
    return tokenizer, np.concatenate([train, test]), len(test)


def _edge(text: str) -> int:
    """The character at which the last tenth begins, never within a word."""
    near = round(len(text) * (1 - HELD_OUT))
    space = re.search(r"\s", text[near : near + 1000])
    return near + (space.start() if space else 0)


def _borrowed(checkpoint: str) -> Tokenizer:
    """The tokenizer of a checkpoint on this machine."""
    try:
        return tokenizer_of(checkpoint)
    except CheckpointError as error:
        raise TextError(str(error)) from None
