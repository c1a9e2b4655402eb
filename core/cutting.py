"""How one sentence falls apart under every tokenizer, and what a vocabulary's size costs and saves."""

from __future__ import annotations

from dataclasses import dataclass

from core.text import SMALLEST, TOKENIZERS, UNKNOWN, Tokenizer, train_tokenizer, words_of

SIZES = (300, 1_000, 4_000, 16_000)  # vocabularies to compare
FULL = 0.95  # of a vocabulary; Unigram may leave some tokens that nothing needs


@dataclass(frozen=True)
class Cut:
    """A text in tokens. `words` it has by `core.text.words_of`, whatever the kind of tokenizer."""

    kind: str
    tokens: tuple[str, ...]  # as a learner can read them
    words: int
    unknown: int  # tokens that stand for something the tokenizer doesn't know
    vocabulary: int  # V, with the three special tokens

    @property
    def fertility(self) -> float:
        """Tokens per word (Rust et al. 2021, §3.1); 0 without words."""
        return len(self.tokens) / self.words if self.words else 0.0

    @property
    def unknown_rate(self) -> float:
        return self.unknown / len(self.tokens) if self.tokens else 0.0


def cut(tokenizer: Tokenizer, text: str) -> Cut:
    """One tokenizer's way with a text; names of special tokens in it are just text."""
    ids = tokenizer.encode(text)
    tokens = tuple(tokenizer.words[one] for one in ids)
    unknown = int((ids == UNKNOWN).sum())
    return Cut(tokenizer.kind, tokens, len(words_of(text)), unknown, len(tokenizer.words))


def train_all(text: str, vocabulary: int) -> tuple[Tokenizer, ...]:
    """Every kind of tokenizer, trained on one text; kinds that can't be so small get their smallest vocabulary."""
    return tuple(train_tokenizer(kind, max(vocabulary, SMALLEST.get(kind, 0)), text) for kind in TOKENIZERS)


def sizes_compared(kind: str, text: str) -> tuple[Cut, ...]:
    """The last tenth of a text, cut by tokenizers of growing vocabulary that have learned from the rest of it.

    It ends with the first vocabulary that the text can't fill: larger ones would be the same.
    """
    edge, found = len(text) * 9 // 10, []
    for size in SIZES:
        found.append(cut(train_tokenizer(kind, max(size, SMALLEST.get(kind, 0)), text[:edge]), text[edge:]))
        if found[-1].vocabulary < FULL * size:
            break
    return tuple(found)
