"""A learner's own pairs of sentences, each side with a tokenizer of its own, trained on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from core.data.contract import Batch, Ceilings, Recipe, TextError
from core.data.pairs.agreement import Agreement
from core.data.pairs.columns import FEWEST, as_text, kept_pairs, read_pairs
from core.data.pairs.pair_game import kept_apart, pair_batch
from core.fields import SpecError, check, setting
from core.text import SMALLEST, SPECIAL, SPECIAL_WRITTEN, TOKENIZERS, Tokenizer, train_tokenizer

BUILT_IN = 4000  # pairs, where the learner brings none
SHIFT = len(SPECIAL_WRITTEN) - len(SPECIAL)  # room for [start] and [end]
Ids = list[list[int]]


@dataclass(frozen=True)
class Pairs:
    """Pairs of sentences. `text`: the name of a kept table; empty for built-in English and Spanish ones."""

    title: ClassVar[str] = "Pairs of your own"
    story: ClassVar[str] = (
        "Sentences and their translations, questions and answers, long texts and short ones: whatever you bring in two "
        "columns. Each side is cut by a tokenizer that is trained on it."
    )
    objectives: ClassVar[tuple[str, ...]] = ("translate",)
    kinds: ClassVar[int] = 0
    recipe: ClassVar[Recipe] = Recipe(steps=1500, batch=64, held_out=400)

    text: str = setting("", "Pairs", "Your own table of two columns; empty means a built-in example.")
    tokenizer: str = setting(
        "word",
        "Tokenizer",
        "How sentences fall apart: characters, whole words, or frequent pieces.",
        choices=tuple(TOKENIZERS),
    )
    vocabulary: int = setting(
        2000, "Vocabulary", "Most tokens of each side.", unit="tokens", low=32, high=32_000, deeper=True
    )
    source_length: int = setting(40, "Longest source", "Longer ones are left out.", unit="tokens", low=4, high=256)
    target: int = setting(40, "Longest translation", "Longer ones are left out.", unit="tokens", low=4, high=256)

    def __post_init__(self) -> None:
        check(self, "data")
        least = SMALLEST.get(self.tokenizer, 0)
        if self.vocabulary < least:
            reason = f"Single bytes come first, so this vocabulary needs at least {least}."
            raise SpecError("data.vocabulary", self.vocabulary, reason, {"data.vocabulary": least})

    @property
    def length(self) -> int:
        """T, with room for [end]."""
        return self.target + 1

    def ceilings(self) -> Ceilings | None:
        return None

    def floors(self) -> Ceilings | None:
        return None


@dataclass(frozen=True, eq=False)
class PairSource:
    """Tokenized pairs. Pairs whose source is kept apart (one in ten) are tested on, never trained on."""

    source_tokenizer: Tokenizer
    tokenizer: Tokenizer
    train: tuple[Ids, Ids]  # sources, targets
    test: tuple[Ids, Ids]
    source_length: int
    length: int
    left_out: int  # pairs that are too long

    @property
    def source_words(self) -> tuple[str, ...]:
        return (*SPECIAL_WRITTEN, *self.source_tokenizer.words[len(SPECIAL) :])

    @property
    def words(self) -> tuple[str, ...]:
        return (*SPECIAL_WRITTEN, *self.tokenizer.words[len(SPECIAL) :])

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self._batch(self.train, rng.integers(0, len(self.train[0]), n))

    def held_out(self, n: int) -> Batch:
        """The first n of those kept apart; from the beginning again where there are fewer."""
        return self._batch(self.test, np.arange(n) % len(self.test[0]))

    def _batch(self, pairs: tuple[Ids, Ids], rows: np.ndarray) -> Batch:
        return pair_batch([pairs[0][row] for row in rows], [pairs[1][row] for row in rows])

    def encode(self, text: str) -> np.ndarray:
        """(S',) ids of a source sentence."""
        ids = _ids(self.source_tokenizer, text.strip())
        if not ids:
            raise TextError("Type at least one word.")
        if len(ids) > self.source_length:
            raise TextError(f"The model reads {self.source_length} tokens at most; yours has {len(ids)}. Shorten it.")
        return np.array(ids, dtype=np.int64)

    def ceilings(self) -> Ceilings | None:
        return None


def open_pairs(settings: Pairs, read_text: Callable[[str], str] | None = None) -> PairSource:
    """The pairs behind the settings, tokenized. Raises TextError in plain words.

    `read_text` gives a kept table by its name; without it the name is a path, as in `open_text`.
    """
    if not settings.text:
        pairs = built_in()
    elif read_text is None:
        pairs = as_text(read_pairs(Path(settings.text).read_bytes()))
    else:
        pairs = read_text(settings.text)
    return _opened(pairs, settings)


@lru_cache(maxsize=1)
def built_in() -> str:
    """4,000 pairs of the game of agreement, as a learner's own table would be kept."""
    pairs = Agreement().pairs(np.random.default_rng(0), BUILT_IN)
    return "".join(f"{' '.join(source)}\t{' '.join(target)}\n" for source, target in pairs)


@lru_cache(maxsize=4)
def _opened(text: str, settings: Pairs) -> PairSource:
    pairs = kept_pairs(text)
    held = [kept_apart(source.split()) for source, _ in pairs]
    if not any(held):  # a small table: its last tenth, by sources, so that none is on both sides
        last = {source for source, _ in pairs[-max(1, len(pairs) // 10) :]}
        held = [source in last for source, _ in pairs]
    learned = [pair for pair, apart in zip(pairs, held, strict=True) if not apart]
    cutters = [
        train_tokenizer(settings.tokenizer, settings.vocabulary, "\n".join(pair[side] for pair in learned))
        for side in range(2)
    ]
    cut = [(_ids(cutters[0], source), _ids(cutters[1], target)) for source, target in pairs]
    fits = [len(s) <= settings.source_length and len(t) <= settings.target and bool(s and t) for s, t in cut]
    parts = []
    for wanted in (False, True):
        some = [pair for pair, fit, apart in zip(cut, fits, held, strict=True) if fit and apart == wanted]
        parts.append(([source for source, _ in some], [target for _, target in some]))
    if len(parts[0][0]) < FEWEST // 2 or not parts[1][0]:
        raise TextError(
            f"Only {sum(fits)} of {len(pairs)} pairs fit into {settings.source_length} and {settings.target} tokens, "
            "too few to learn from and to test on. Allow longer sentences, or choose another tokenizer."
        )
    return PairSource(
        cutters[0], cutters[1], parts[0], parts[1], settings.source_length, settings.length, len(pairs) - sum(fits)
    )


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Ids of a sentence, moved so that [start] and [end] have a place."""
    ids = tokenizer.encode(text).astype(np.int64)
    return np.where(ids < len(SPECIAL), ids, ids + SHIFT).tolist()  # type: ignore[no-any-return]
