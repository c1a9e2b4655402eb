"""Agreement of two directions: each writes its k best sentences, and each judges what the other wrote.

    score(y) = log p(y, left to right | x) + log p(y, right to left | x)        (Liu et al. 2016, section 3)

A writer is sure of the words that it writes first and drifts towards the end; two that begin at opposite ends drift in
different places. Cost: two beam searches and two readings of at most 2k sentences: about four times one beam search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.decoding.beam import search
from core.decoding.trace import Decoded, Step
from core.decoding.writer import Writer


def judge(writer: Writer, sentences: list[tuple[int, ...]], longest: int | None = None) -> np.ndarray:
    """(K,) log-probability of whole sentences in reading order, with the end mark, all read side by side.

    A sentence of `longest` words, which was cut off there, has no room for its end mark and is judged without.
    """
    backwards = writer.direction == "right-to-left"
    ends = () if writer.end is None else (writer.end,)
    asked = [(*(one[::-1] if backwards else one), *ends)[:longest] for one in sentences]
    found, alive = np.zeros(len(asked)), np.arange(len(asked))
    reading, rows = writer.begin(), np.zeros(len(asked), dtype=np.int64)  # the row that each living sentence stands on
    for t in range(max(map(len, asked), default=0)):
        tokens = np.array([asked[one][t] for one in alive])
        found[alive] += reading.log_probabilities[rows, tokens]
        more = np.array([len(asked[one]) > t + 1 for one in alive])
        if more.any():
            reading, alive = writer.go_on(reading.memory, rows[more], tokens[more]), alive[more]
            rows = np.arange(len(alive))
    return found


def agree(onward: Writer, backward: Writer, longest: int, width: int, alpha: float = 0.0) -> Iterator[Step | Decoded]:
    """The steps of the left-to-right beam, those of the right-to-left beam, then the sentence that both like best.

    `others` are all sentences that were judged, best first, each with what either direction gives it.
    """
    written = dict[tuple[int, ...], Decoded]()  # a sentence that both wrote counts once
    for writer in (onward, backward):
        for event in search(writer, longest, width, alpha, wanted=width):
            if isinstance(event, Step):
                yield event
            else:
                for one in (replace(event, others=()), *event.others):
                    written.setdefault(one.tokens, one)
    judged = sorted(
        _judged(onward, backward, list(written.values()), longest), key=lambda one: (not one.finished, -one.score)
    )
    yield replace(judged[0], others=tuple(judged[1:]))


def _judged(onward: Writer, backward: Writer, written: list[Decoded], longest: int) -> list[Decoded]:
    """Each sentence with the sum of both directions as its score."""
    sentences = [one.tokens for one in written]
    both = {writer.direction: judge(writer, sentences, longest) for writer in (onward, backward)}
    return [
        replace(one, score=sum(parts.values()), by_direction=parts)
        for index, one in enumerate(written)
        for parts in [{direction: float(found[index]) for direction, found in both.items()}]
    ]
