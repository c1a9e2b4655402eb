"""Who may see whom: the one idea that this project is about. numpy only, so that a page can draw it.

A mask is a boolean array (T, S): row t is the word that looks, column s the word that is looked at.
"""

from __future__ import annotations

import numpy as np


def visible(direction: str, length: int, window: int | None = None) -> np.ndarray:
    """(T, S) bool, True where t may see s: "left-to-right", "right-to-left" or "both".

    `window`: how many words a word sees on each side at most (Beltagy et al. 2020, section 3.1); None: all of them.
    """
    t = np.arange(length)[:, None]  # the word that looks
    s = np.arange(length)[None, :]  # the word that is looked at
    near: np.ndarray = np.abs(t - s) <= (length if window is None else window)
    if direction == "left-to-right":
        return near & (s <= t)  # causal: itself and all before (Vaswani et al. 2017, section 3.2.3)
    if direction == "right-to-left":
        return near & (s >= t)  # anti-causal: itself and all after
    if direction == "both":
        return near  # everything (Devlin et al. 2019)
    raise ValueError(f"direction is left-to-right, right-to-left or both, not {direction!r}")


def visible_prefix(length: int, prefix: int | np.ndarray) -> np.ndarray:
    """(T, S) bool: the first `prefix` words see each other both ways, later ones what is before them (Raffel 2020).

    An array (B,) of prefixes gives (B, T, S).
    """
    given = np.arange(length) < np.asarray(prefix)[..., None]  # (B, S) or (S,)
    return visible("left-to-right", length) | given[..., None, :]


def visible_in_order(order: np.ndarray) -> np.ndarray:
    """(B, 2T, 2T) bool of two streams side by side (Yang et al. 2019, §2.3). `order` (B, T): the turn of each word.

    The first T are words (content): t sees s whose turn is not later than its own. The others are blanks (query): t
    sees words s of an earlier turn, and itself, a blank that knows its place and nothing else. Nobody sees a blank.
    """
    T = order.shape[1]
    mine, yours = order[:, :, None], order[:, None, :]
    words = np.concatenate([yours <= mine, yours < mine], axis=1)  # (B, 2T, T)
    itself = np.concatenate([np.zeros((T, T), dtype=bool), np.eye(T, dtype=bool)])  # (2T, T)
    return np.concatenate([words, np.broadcast_to(itself, words.shape)], axis=2)


def visible_of_blanks(blank: np.ndarray) -> np.ndarray:
    """(T, S) bool for filling blanks (T,) in an order: words from left to right, then each blank on its own.

    Words see the words before them; a blank sees all words and itself.
    """
    words: np.ndarray = visible("left-to-right", len(blank)) | blank[:, None]
    return np.asarray((words & ~blank[None, :]) | np.eye(len(blank), dtype=bool))


def padding(lengths: np.ndarray, length: int) -> np.ndarray:
    """(B, 1, S) bool, True at real words; `lengths` (B,) counts them. Combine with a mask by `&`."""
    return (np.arange(length)[None, :] < np.asarray(lengths)[:, None])[:, None, :]
