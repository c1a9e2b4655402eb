"""How a pretrained model spells words, by name or in pieces: so it can read the words of other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.batches import END, FIRST, MARKS
from core.data.contract import Source
from core.text import BLANK, MASK, SPECIAL, UNKNOWN, Tokenizer, words_of

NOT_WORDS = {*SPECIAL, "[cls]", "[sep]"}
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Spelling:
    """`words` (V,) of the model's vocabulary; `before` and `after`: marks that stand around each of its sentences.

    `tokenizer`: what cuts words into pieces; None where each word is a token. Whatever has `words` and
    `encode_sentence` can cut a learner's own sentences.
    """

    words: tuple[str, ...]
    tokenizer: Tokenizer | None = None
    before: np.ndarray = field(default_factory=lambda: _NONE)
    after: np.ndarray = field(default_factory=lambda: _NONE)
    _known: dict[str, np.ndarray] = field(default_factory=dict)

    def word(self, word: str, first: bool = False) -> np.ndarray:
        """(P,) ids of one word, its pieces where it has several; `first`: it begins the sentence."""
        alone = first and not (self.tokenizer and self.tokenizer.kind == "unigram")  # which reads a space before it
        spaced = word if alone or not word[:1].isalnum() else f" {word}"
        if spaced not in self._known:
            self._known[spaced] = self._spelled(spaced)
        return self._known[spaced]

    def _spelled(self, word: str) -> np.ndarray:
        bare = word.strip()
        if bare == SPECIAL[MASK] or self.tokenizer is None:
            return np.array([self._named.get(bare.casefold(), self._named.get(SPECIAL[UNKNOWN], -1))])
        return self.tokenizer.encode(word).astype(np.int64)

    @property
    def _named(self) -> dict[str, int]:
        if not hasattr(self, "_ids"):
            object.__setattr__(self, "_ids", {word.casefold(): number for number, word in enumerate(self.words)})
        found: dict[str, int] = self._ids  # type: ignore[attr-defined]
        return found

    def knows(self, word: str) -> bool:
        """Whether no piece of it is unknown."""
        ids = self.word(word)
        unknown = UNKNOWN if SPECIAL[UNKNOWN] in self.words[: len(SPECIAL)] else -1
        return len(ids) > 0 and not np.isin(ids, [unknown, -1]).any()

    def sentence(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(T',) ids with the marks around, and (T',) which of the words begins at each token, −1 elsewhere.

        Of a word's pieces the first one speaks for it (Devlin et al. 2019, §5.3); a space alone is no piece of it.
        """
        pieces = [self.word(word, number == 0) for number, word in enumerate(words)]
        begins = []
        for number, some in enumerate(pieces):
            first = int(len(some) > 1 and self.words[some[0]] == "␣")
            begins.append(np.where(np.arange(len(some)) == first, number, -1))
        around = [np.full(len(mark), -1) for mark in (self.before, self.after)]
        ids = np.concatenate([self.before, *pieces, self.after]).astype(np.int64)
        return ids, np.concatenate([around[0], *begins, around[1]]).astype(np.int64)

    def encode_sentence(self, text: str) -> np.ndarray:
        """(T',) ids of a learner's own line; `[mask]` or `____` in it is a blank."""
        if self.tokenizer is not None:
            return self.tokenizer.encode_sentence(text)
        found: list[str] = []
        for number, part in enumerate(BLANK.split(text)):
            found += [SPECIAL[MASK]] * (number > 0) + words_of(part.casefold())
        return self.sentence([word for word in found if word not in NOT_WORDS or word == SPECIAL[MASK]])[0]


def spelling_of(source: Source) -> Spelling:
    """How a model that was trained on this source spells words."""
    tokenizer = getattr(source, "tokenizer", None)
    if isinstance(tokenizer, Tokenizer):
        return Spelling(source.words, tokenizer, tokenizer.before, tokenizer.after)
    if source.words[FIRST : END + 1] == MARKS:
        return Spelling(source.words, None, np.array([FIRST]), np.array([END]))
    return Spelling(source.words)
