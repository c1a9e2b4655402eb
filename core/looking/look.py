"""Looking inside a model with one sentence: the door that every page and the terminal come through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Source, TextError
from core.generation import sees_of
from core.looking.attention import attention
from core.looking.influence import influence, leaks
from core.looking.states import states
from core.looking.still import sentence, still
from core.models.build import Model
from core.parts.objective import OF_WHOLE
from core.picture import LOOKS, Picture

LONGEST = {"attention": 128, "states": 512, "influence": 64}  # words that one picture shows
ANSWERS = 5  # likeliest answers kept of each word


def look(model: Model, source: Source, ids: np.ndarray, what: str) -> Picture:
    """A Picture of one sentence, ids (T,) of at most the source's length; `what` is one of LOOKS.

    notes["prediction"]: for every word of ids, shown or not, the likeliest answers as [answer, probability];
    notes["whole"]: the same for the sentence as a whole, where its class is asked; notes["left_out"]: words at the end
    that the picture has no room for. Raises TextError for a sentence that is empty or too long, NothingToSee for
    attention in an LSTM.
    """
    if what not in LOOKS:
        raise ValueError(f"what is one of {', '.join(LOOKS)}, not {what!r}")
    if not 0 < len(ids) <= source.length:
        raise TextError(f"This model reads 1 to {source.length} words at once; your sentence has {len(ids)}.")
    ids = np.asarray(ids)
    shown = ids[: LONGEST[what]]
    if what == "attention":
        picture = attention(model, shown)
    elif what == "states":
        picture = states(model, source, shown)
    else:
        picture = influence(model, shown)
        picture.notes["leaks"] = leaks(model, shown)
    notes = {**picture.notes, "left_out": len(ids) - len(shown), **predictions(model, source, ids)}
    return replace(picture, tokens=tuple(source.words[one] for one in shown), notes=notes)


def predictions(model: Model, source: Source, ids: np.ndarray) -> dict[str, Any]:
    """The likeliest answers with their probabilities, likeliest first: for each word of ids (T,), and for them all.

    A two-way LM answers twice for each word: the T next words, then the T previous ones.
    """

    def likeliest(logits: Tensor) -> list[list[tuple[str, float]]]:  # (N, K)
        best = logits.float().softmax(-1).topk(min(ANSWERS, logits.shape[-1]), dim=-1)
        names = source.classes if logits.shape[-1] == len(source.classes) else source.words
        return [
            [(names[answer], float(chance)) for answer, chance in zip(answers, shares, strict=True)]
            for answers, shares in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    with still(model), torch.no_grad():
        states, logits = model(sentence(model, ids), sees=sees_of(model, ids))
        whole = model.read_out(model.pool(states)) if model.objective in OF_WHOLE else None  # (1, K)
    found: dict[str, Any] = {"prediction": likeliest(logits[0])}
    return found if whole is None else found | {"whole": likeliest(whole)[0]}
