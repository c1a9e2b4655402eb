"""Greedy decoding and sampling: one hypothesis, one word after another, never taken back.

Cost: one step of the model for each word. With a memory of keys and values a step costs what there is to look at, so n
words cost O(n) steps; a model without a causal mask must read all words again for each, O(n²) words in all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.decoding.choosing import Choice, choose
from core.decoding.trace import Candidate, Decoded, Step, as_row, decoded
from core.decoding.writer import Writer


def write(writer: Writer, longest: int, choice: Choice, rng: np.random.Generator) -> Iterator[Step | Decoded]:
    """A `Step` for each of at most `longest` words, the end mark among them; then what came out."""
    reading, total, steps = writer.begin(), 0.0, list[Step]()
    for number in range(longest):
        here = reading.log_probabilities[0]  # (V,)
        token = choose(here, choice, rng)
        total += float(here[token])
        row = None if reading.attention is None else as_row(reading.attention[0])
        finished = token == writer.end
        one = Candidate(0, token, float(np.exp(here[token])), total, total, finished, row)
        steps.append(Step(number, writer.direction, (one,)))
        yield steps[-1]
        if finished or number + 1 == longest:
            break
        reading = writer.go_on(reading.memory, np.zeros(1, dtype=np.int64), np.array([token]))
    if steps:
        yield decoded(steps, len(steps) - 1, 0)
