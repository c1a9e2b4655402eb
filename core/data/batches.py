"""From windows of text to something to predict: the next word, the previous one, hidden ones, in any order."""

from __future__ import annotations

import numpy as np

from core.data.contract import IGNORE, Batch
from core.data.whole_words import Joints, together
from core.models.direction import visible_in_order, visible_prefix
from core.parts.objective import ObjectiveSpec
from core.text import MASK, SPECIAL

MARKS = ("[CLS]", "[SEP]")  # what begins a pair, and what ends each of its sentences (Devlin et al. 2019, §3)
FIRST, END = len(SPECIAL), len(SPECIAL) + 1


def frame(
    objective: ObjectiveSpec,
    batch: Batch,
    rng: np.random.Generator,
    words: int,
    marks: int = 0,
    joints: Joints | None = None,
) -> Batch:
    """The batch that a model trains on, from `sample` or `held_out` of a source with a vocabulary of `words` tokens.

    answer: unchanged. Text windows (B, T+1) become (B, T): next-word reads all but the last token and answers each
    position with the one after it; previous-word mirrors that; masked-word hides some tokens and asks for those. Whole
    sentences, which tell their lengths, have no token more than the model reads.
    The first `marks` tokens after the special ones (a checkpoint's [CLS] and [SEP]) are never hidden. `joints`: which
    tokens are pieces of one word, for masks over whole words.
    """
    windows = batch.tokens
    match objective.name:
        case "next-word":
            return Batch(windows[:, :-1], windows[:, 1:])
        case "previous-word":
            return Batch(windows[:, 1:], windows[:, :-1])
        case "two-way-lm":
            return _two_way(windows[:, :-1])
        case "masked-word":
            read = windows[:, :-1] if batch.lengths is None else windows
            return masked(objective, read, rng, words, marks, joints)
        case "prefix-lm":
            return _after_prefix(objective, windows, rng)
        case "permutation-lm":
            return _in_order(windows[:, :-1], objective.predicted, rng)
        case "next-sentence" | "sentence-order" | "masked-and-next":
            return paired(objective, batch, rng, words)
    return batch


def masked(
    objective: ObjectiveSpec,
    tokens: np.ndarray,
    rng: np.random.Generator,
    words: int,
    marks: int = 0,
    joints: Joints | None = None,
) -> Batch:
    """Hide some of (B, T) tokens and ask for those (Devlin et al. 2019, §3.1).

    Each word is chosen with probability `mask_rate`, one at random where none was; of the chosen tokens some are shown
    as [mask], some as a random one, some as they are. The first `marks` after the special tokens stay out of it.
    """
    first = len(SPECIAL) + marks
    real = (tokens < len(SPECIAL)) | (tokens >= first)
    units = together(tokens, joints if objective.whole_words else None)  # (B, T) which word each token belongs to
    row = np.arange(len(tokens))[:, None]
    chosen = (rng.random(tokens.shape) < objective.mask_rate)[row, units]
    spare = np.where(real, rng.random(tokens.shape), -1).argmax(1)[:, None]  # (B, 1) a real token's place
    none = ~(chosen & real).any(1, keepdims=True)
    chosen = (chosen | none & (units == units[row, spare])) & real
    fate = rng.random(tokens.shape)
    shown = np.where(chosen & (fate < objective.hidden), MASK, tokens)
    swapped = chosen & (fate >= objective.hidden) & (fate < objective.hidden + objective.swapped)
    shown = np.where(swapped, rng.integers(first, words, tokens.shape), shown)
    return Batch(shown, np.where(chosen, tokens, IGNORE))


def _two_way(tokens: np.ndarray) -> Batch:
    """Two one-way models read (B, T) tokens; labels (B, 2T): each position's next token, then its previous one."""
    edge = np.full_like(tokens[:, :1], IGNORE)
    return Batch(tokens, np.hstack([tokens[:, 1:], edge, edge, tokens[:, :-1]]))


def _after_prefix(objective: ObjectiveSpec, windows: np.ndarray, rng: np.random.Generator) -> Batch:
    """A prefix of random length is given and seen both ways; what follows is asked for (Raffel et al. 2020, §3.2.2)."""
    tokens, T = windows[:, :-1], windows.shape[1] - 1
    prefix = rng.integers(1, T, len(tokens))  # (B,) words that are given
    labels = np.where(np.arange(T) >= prefix[:, None] - 1, windows[:, 1:], IGNORE)  # its last word asks for the next
    return Batch(tokens, labels, sees=visible_prefix(T, prefix) if objective.prefix_mask else None)


def _in_order(tokens: np.ndarray, share: float, rng: np.random.Generator) -> Batch:
    """Guess the last words of a random order from those before them in it (Yang et al. 2019, §2.3, partial prediction).

    (B, 2T): the sentence stands there twice, as words (the content stream) and as blanks at the same `places` (the
    query stream), which see the words of earlier turn, not their own.
    """
    T = tokens.shape[1]
    order = rng.permuted(np.tile(np.arange(T), (len(tokens), 1)), axis=1)  # (B, T) when each word has its turn
    asked = order >= T - max(1, round(share * T))
    return Batch(
        np.hstack([tokens, np.full_like(tokens, MASK)]),
        np.hstack([np.full_like(tokens, IGNORE), np.where(asked, tokens, IGNORE)]),
        sees=visible_in_order(order),
        places=np.tile(np.arange(T), (len(tokens), 2)),
    )


def paired(objective: ObjectiveSpec, documents: Batch, rng: np.random.Generator, words: int) -> Batch:
    """[CLS] first [SEP] second [SEP] of (B, 3·L) documents, half of them wrong: `answers` 0 it follows, 1 it doesn't.

    next-sentence: the second is another document's (Devlin et al. 2019, §3.1, task 2); sentence-order: the two are
    swapped (Lan et al. 2020, §3.1); masked-and-next: next-sentence with some words hidden, and both are asked for.
    """
    first, second, other = np.split(documents.tokens, 3, axis=1)
    wrong = rng.random(len(first)) < 0.5
    swap = (wrong & (objective.name == "sentence-order"))[:, None]
    if objective.name != "sentence-order":
        second = np.where(wrong[:, None], other, second)
    mark = np.full_like(first[:, :1], FIRST)
    tokens = np.hstack([mark, np.where(swap, second, first), mark + 1, np.where(swap, first, second), mark + 1])
    hidden = Batch(tokens, np.full_like(tokens, IGNORE))
    if objective.name == "masked-and-next":
        hidden = masked(objective, tokens, rng, words, len(MARKS))
    return Batch(hidden.tokens, hidden.labels, kinds=kinds_of(tokens), answers=wrong.astype(np.int64))


def kinds_of(tokens: np.ndarray) -> np.ndarray:
    """(B, T) 0 up to the first [SEP], 1 behind it."""
    ends = np.cumsum(tokens == END, axis=-1) - (tokens == END)
    return np.asarray(np.minimum(ends, 1))


def parts_of(batch: Batch, n: int) -> list[Batch]:
    """A framed batch in at most `n` parts of about the same size, in order; parts that ask nothing are left out."""
    if n == 1:
        return [batch]
    parts = [batch.rows(some) for some in np.array_split(np.arange(len(batch.tokens)), n) if len(some)]
    return [part for part in parts if part.answers is not None or (part.labels != IGNORE).any()]
