"""Held-out sentences as a model is asked about them: the question that it was trained on, the same at every call."""

from __future__ import annotations

import numpy as np

from core.data.batches import frame
from core.data.contract import IGNORE, Batch, Source
from core.models.build import Model
from core.parts import OBJECTIVE_OF
from core.parts.objective import OF_PAIRS, ObjectiveSpec


def asked(model: Model, source: Source, sentences: int, one_a_word: bool = False) -> Batch:
    """The first held-out sentences with their labels; text gets them by the model's objective.

    `one_a_word`: an objective that gives each word one answer in place of one that gives it two or repeats it.
    """
    batch = source.held_out(sentences)
    objective = model.objective or OBJECTIVE_OF[model.spec.direction]
    if one_a_word:
        objective = {
            "two-way-lm": "next-word",
            "prefix-lm": "next-word",
            "permutation-lm": "masked-word",
        }.get(objective, objective)
    plain = batch.answers is None and (batch.labels == IGNORE).all()
    if objective in OF_PAIRS or plain:
        return frame(ObjectiveSpec(objective), batch, np.random.default_rng(0), len(source.words))
    return batch
