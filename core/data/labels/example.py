"""Example files to begin with, and to see how one's own should look: written from the generated sets."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.data.contract import IGNORE
from core.data.labels.names import Names
from core.data.labels.sentiment import Sentiment

SENTENCES = 600


@cache
def table() -> str:
    """A CSV file: a text and its class in each row."""
    game = Sentiment()
    batch = game.sample(np.random.default_rng(0), SENTENCES)
    assert batch.answers is not None
    rows = (
        f"{' '.join(game.words[token] for token in batch.real(row))},{game.classes[batch.answers[row]]}"
        for row in range(SENTENCES)
    )
    return "\n".join(["text,label", *rows]) + "\n"


@cache
def words() -> str:
    """A CoNLL file: a word and its tag on each line."""
    game = Names()
    batch = game.sample(np.random.default_rng(0), SENTENCES)
    sentences = (
        "\n".join(
            f"{game.words[token]}\t{game.classes[label]}"
            for token, label in zip(batch.real(row), batch.labels[row], strict=False)
            if label != IGNORE
        )
        for row in range(SENTENCES)
    )
    return "\n\n".join(sentences) + "\n"
