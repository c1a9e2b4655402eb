"""Which tokens are pieces of one word: for masks that hide whole words (Devlin et al. 2019, the later release)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Joints(NamedTuple):
    """For each token of a vocabulary: may a piece follow it in the same word, and may it be such a piece?"""

    goes_on: np.ndarray  # (V,) bool
    continues: np.ndarray  # (V,) bool


def joints(words: tuple[str, ...], kind: str) -> Joints | None:
    """Of the readable tokens (V,) of a tokenizer; None where every token is a word.

    WordPiece marks the pieces that continue a word by ##. Elsewhere a word is what stands between spaces and
    punctuation, and a token that begins with a space (␣) begins a word.
    """
    if kind == "word":
        return None
    special = np.array([word.startswith("[") and word.endswith("]") and len(word) > 2 for word in words])
    if any(word.startswith("##") for word in words):
        return Joints(~special, np.array([word.startswith("##") for word in words]))
    return Joints(
        ~special & np.array([_letter(word[-1:]) for word in words]),
        ~special & np.array([_letter(word[:1]) for word in words]),
    )


def _letter(sign: str) -> bool:
    """Part of a word: a letter, a digit, or the edge of a byte that is written ‹C3›."""
    return sign.isalnum() or sign in ("‹", "›")


def together(tokens: np.ndarray, joints: Joints | None) -> np.ndarray:
    """(B, T) for each of (B, T) tokens the place of the first token of its word."""
    places = np.broadcast_to(np.arange(tokens.shape[1]), tokens.shape)
    if joints is None:
        return places
    begins = np.ones(tokens.shape, dtype=bool)
    begins[:, 1:] = ~(joints.goes_on[tokens[:, :-1]] & joints.continues[tokens[:, 1:]])
    return np.maximum.accumulate(np.where(begins, places, 0), axis=1)
