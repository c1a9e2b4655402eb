"""Mask-predict: all words at once, then the least sure are blanked and predicted again (Ghazvininejad et al. 2019).

Of N words, round t of T blanks the n = ⌊N·(T − t)/T⌋ least sure (section 4.1); the words of a round are guessed each on
its own, so one round mixes translations that are right only as a whole, and more rounds agree. Cost: T steps of the
model for each length that is tried, however long the sentence is; each step reads all N words, without a memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.decoding.choosing import Choice, chances
from core.decoding.trace import Decoded, Round, as_row
from core.decoding.writer import Filler


def fill(
    filler: Filler, rounds: int, choice: Choice, rng: np.random.Generator, lengths: int = 1
) -> Iterator[Round | Decoded]:
    """The rounds of each of the likeliest `lengths`, then the sentence whose words are the surest on average.

    Its log-probability is the sum over words, each given what its round saw: a pseudo-likelihood.
    """
    likely = filler.lengths()  # (L,)
    tried = [int(one) for one in np.argsort(-likely, kind="stable")[:lengths] if likely[one] > -np.inf]
    results = []
    for length in tried:
        last = None
        for last in _rounds(filler, length, rounds, choice, rng):
            yield last
        if last is not None:
            results.append(_result(last))
    results.sort(key=lambda one: -one.score)
    yield replace(results[0], others=tuple(results[1:]))


def _rounds(filler: Filler, length: int, rounds: int, choice: Choice, rng: np.random.Generator) -> Iterator[Round]:
    """Fill `length` blanks in at most so many rounds as there are words or as are asked for."""
    tokens, sure = np.full(length, filler.mask), np.zeros(length)  # (T,) words, and how likely each was when chosen
    masked = np.ones(length, dtype=bool)
    for number in range(rounds):
        log_probabilities, attention = filler.fill(np.where(masked, filler.mask, tokens))  # (T, V)
        drawn, chance = _drawn(log_probabilities, choice, rng)
        tokens, sure = np.where(masked, drawn, tokens), np.where(masked, chance, sure)
        masked = np.zeros(length, dtype=bool)
        masked[np.argsort(sure, kind="stable")[: length * (rounds - number - 1) // rounds]] = True
        look = None if attention is None else tuple(row for row in map(as_row, attention) if row is not None)
        yield Round(number, tuple(map(int, tokens)), tuple(map(float, sure)), tuple(map(bool, masked)), look)


def _drawn(log_probabilities: np.ndarray, choice: Choice, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(T, V) -> each word (T,), the likeliest or drawn by chance, and its probability (T,)."""
    if choice.temperature == 0:
        drawn = log_probabilities.argmax(-1)
    else:
        summed = chances(log_probabilities, choice).cumsum(-1)
        drawn = (summed <= rng.random((len(summed), 1)) * summed[:, -1:]).sum(-1)
    return drawn, np.exp(log_probabilities[np.arange(len(drawn)), drawn])


def _result(last: Round) -> Decoded:
    total = float(np.log(last.probabilities).sum())
    score = total / max(1, len(last.tokens))
    return Decoded(last.tokens, total, score, "both", True, last.probabilities, last.attention)
