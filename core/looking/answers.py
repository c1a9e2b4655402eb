"""What a model answers: the likeliest answers for each word of a sentence and for the whole, and how sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Source
from core.generation import sees_of
from core.looking.still import sentence, still
from core.models.build import Model
from core.parts.objective import OF_WHOLE

ANSWERS = 5  # likeliest answers kept of each word
WORDLESS = tuple(
    name for name in OF_WHOLE if name != "masked-and-next"
)  # one answer for a sentence, none for its words


def log_chances(model: Model, tokens: np.ndarray, rows: int = 1) -> Tensor:
    """(T, K) log-probabilities of each word's answers, of a whole sentence's (1, K); for `rows` copies (B, …) of it.

    A two-way LM answers twice for each word: the T next words, then the T previous ones.
    """
    with still(model), torch.no_grad():
        states, logits = model(sentence(model, tokens).repeat(rows, 1), sees=sees_of(model, tokens))
        if model.objective in WORDLESS:
            logits = model.read_out(model.pool(states))[:, None]
    chances: Tensor = logits.float().log_softmax(-1)
    return chances[0] if rows == 1 else chances


def likeliest(source: Source, chances: Tensor) -> list[list[tuple[str, float]]]:
    """(N, K) log-probabilities -> for each row the likeliest answers with their probabilities, likeliest first."""
    best = chances.topk(min(ANSWERS, chances.shape[-1]), dim=-1)
    names = source.classes if chances.shape[-1] == len(source.classes) else source.words
    return [
        [(names[answer], chance) for answer, chance in zip(answers, shares, strict=True)]
        for answers, shares in zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
    ]


def predictions(model: Model, source: Source, ids: np.ndarray) -> dict[str, Any]:
    """The likeliest answers with their probabilities, likeliest first: for each word of ids (T,), and for them all.

    A two-way LM answers twice for each word: the T next words, then the T previous ones.
    """
    with still(model), torch.no_grad():
        states, logits = model(sentence(model, ids), sees=sees_of(model, ids))
        whole = model.read_out(model.pool(states)) if model.objective in OF_WHOLE else None  # (1, K)
    found: dict[str, Any] = {"prediction": likeliest(source, logits[0].float().log_softmax(-1))}
    return found if whole is None else found | {"whole": likeliest(source, whole.float().log_softmax(-1))[0]}
