"""How one sentence falls apart under every tokenizer, and what each one's vocabulary costs a model."""

from __future__ import annotations

from dataclasses import dataclass

from core.text import SMALLEST, TOKENIZERS, UNKNOWN, Tokenizer, train_tokenizer, words_of


@dataclass(frozen=True)
class Cut:
    """A sentence in tokens, as a learner can read them. `words` it has by `core.text.words_of`, whatever the kind."""

    kind: str
    tokens: tuple[str, ...]
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

    def parameters(self, width: int) -> int:
        """Embedding (V, D), and read-out (D, V) with its bias (V)."""
        return vocabulary_costs(self.vocabulary, width)


def vocabulary_costs(vocabulary: int, width: int) -> int:
    """Parameters that grow with the vocabulary, in a model whose embedding and read-out are not shared."""
    return 2 * vocabulary * width + vocabulary


def cut(tokenizer: Tokenizer, sentence: str) -> Cut:
    """One tokenizer's way with a sentence; names of special tokens in it are just text."""
    ids = tokenizer.encode(sentence)
    tokens = tuple(tokenizer.words[one] for one in ids)
    unknown = int((ids == UNKNOWN).sum())
    return Cut(tokenizer.kind, tokens, len(words_of(sentence)), unknown, len(tokenizer.words))


def train_all(text: str, vocabulary: int) -> tuple[Tokenizer, ...]:
    """Every kind of tokenizer, trained on one text; kinds that can't be so small get their smallest vocabulary."""
    return tuple(train_tokenizer(kind, max(vocabulary, SMALLEST.get(kind, 0)), text) for kind in TOKENIZERS)
