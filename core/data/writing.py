"""From pairs of sentences to what a decoder is given and asked for: each true word, from the true words before it.

So a decoder is taught (teacher forcing, Williams & Zipser 1989); what it does with its own words is another matter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data.contract import IGNORE, Batch
from core.text import END, MASK, START


def taught(batch: Batch, writes: str, rng: np.random.Generator) -> Batch:
    """Pairs, `tokens` (B, T) targets that end in [end], as a decoder learns from them; `writes`: see `ModelSpec`.

    One that writes in one direction, or without a mask, is given [start] and all words but the last; backwards, the
    words from the last to the first. Two decoders stand side by side, (B, 2T): what the left-to-right one is given,
    then what the other is; synchronous ones meet in the middle, and each writes half. Who fills blanks is given the
    target with a random number of its words masked.
    """
    targets, lengths = batch.tokens, batch.lengths
    if lengths is None:
        lengths = np.full(len(targets), targets.shape[1])
    if writes == "mask-predict":
        return replace(batch, **_blanked(targets, lengths, rng), lengths=lengths)
    if writes == "synchronous":
        first, last = halves(targets, lengths)
        return replace(batch, **_side_by_side(_given(*first), _given(*last)), lengths=lengths)
    if writes == "agreement":
        back = backwards(targets, lengths)
        return replace(batch, **_side_by_side(_given(targets, lengths), _given(back, lengths)), lengths=lengths)
    if writes == "right-to-left":
        targets = backwards(targets, lengths)
    return replace(batch, **_given(targets, lengths), lengths=lengths)


def backwards(targets: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(B, T) each row's words reversed; [end] and padding stay where they are."""
    place = np.arange(targets.shape[1])
    back = lengths[:, None] - 2 - place
    turned: np.ndarray = np.take_along_axis(targets, np.where(back < 0, place, back), axis=1)
    return turned


def halves(
    targets: np.ndarray, lengths: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The first half of each row, and the second half backwards: two targets, each with its own [end], and lengths.

    Decoders that write towards each other and meet (Zhou, Zhang, Zong & Yu 2019, "From both sides to the middle"): so
    the true words that one has written never hold the answer of the other.
    """
    words = lengths - 1
    first = (words + 1) // 2
    back = backwards(targets, lengths)
    return _cut(targets, first), _cut(back, words - first)


def _cut(targets: np.ndarray, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """So many words of each row, and [end] from there on."""
    place = np.arange(int(words.max(initial=0)) + 1)
    return np.where(place < words[:, None], targets[:, : len(place)], END), words + 1


def _given(targets: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """What a decoder is given, [start] and then each true word, and its answers."""
    given = np.hstack([np.full_like(targets[:, :1], START), targets[:, :-1]])
    return {"tokens": given, "labels": np.where(np.arange(targets.shape[1]) < lengths[:, None], targets, IGNORE)}


def _side_by_side(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """(B, T) and (B, T') -> (B, 2·max(T, T')); a decoder that is done goes on writing [end], and isn't asked."""
    width = max(one["tokens"].shape[1], other["tokens"].shape[1])

    def widened(name: str, fill: int) -> np.ndarray:
        parts = [part[name] for part in (one, other)]
        return np.hstack([np.pad(x, ((0, 0), (0, width - x.shape[1])), constant_values=fill) for x in parts])

    return {"tokens": widened("tokens", END), "labels": widened("labels", IGNORE)}


def _blanked(targets: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """From 1 to all of a row's words are masked, each number as likely (Ghazvininejad et al. 2019, section 3.1).

    [end] is never masked: the length is predicted on its own.
    """
    words = lengths - 1
    asked = rng.integers(1, np.maximum(words, 1) + 1)  # (B,) how many
    lottery = np.where(np.arange(targets.shape[1]) < words[:, None], rng.random(targets.shape), 2.0)
    rank = lottery.argsort(1).argsort(1)  # (B, T) a random order of the words, what isn't a word last
    blank = (rank < asked[:, None]) & (lottery < 2)
    return {"tokens": np.where(blank, MASK, targets), "labels": np.where(blank, targets, IGNORE)}


def in_sight(writes: str, words: int) -> dict[str, np.ndarray]:
    """For each decoder (T, T) bool in reading order: which words of its sentence it is given when it writes word t."""
    t, s = np.indices((words, words))
    before, after = s < t, s > t
    half = (words + 1) // 2
    first = (t < half) & (before | (s >= words - t))  # at step t the other has written the last t words
    last = (t >= half) & (after | (s < np.minimum(half, words - 1 - t)))
    both = {"left-to-right": before, "right-to-left": after}
    return {
        "left-to-right": {"left-to-right": before},
        "right-to-left": {"right-to-left": after},
        "agreement": both,
        "synchronous": {"from both ends": first | last},
        "mask-predict": {"blanks": before | after},
        "unmasked": {"no mask": np.ones((words, words), dtype=bool)},
    }[writes]
