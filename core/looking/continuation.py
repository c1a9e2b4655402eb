"""What a model writes after a sentence (or before it): the likeliest words, the likeliest text, and words by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.contract import Source
from core.decoding.trace import Decoded
from core.generation import continue_text, search_text
from core.looking.attention import NothingToSee
from core.looking.still import still
from core.models.build import Model
from core.picture import Picture

WORDS = 40  # that are written
WRITERS = ("next-word", "previous-word", "prefix-lm", "permutation-lm", "two-way-lm")
WAYS = {"likeliest": 0.0, "drawn": 1.0}  # temperatures
BEAM = 4  # texts kept alive while the likeliest as a whole is searched


def continuation(model: Model, source: Source, ids: np.ndarray) -> Picture:
    """Probabilities (N,) of the tokens written, in reading order; notes give the tokens themselves, by the same names.

    Raises NothingToSee for a model that can't write on.
    """
    if model.objective not in WRITERS:
        raise NothingToSee("This model fills blanks or answers; it can't write on: what follows isn't there yet.")
    backwards = model.objective == "previous-word"
    arrays: dict[str, np.ndarray] = {}
    notes: dict[str, Any] = {"backwards": backwards}
    with still(model):
        for way, temperature in WAYS.items():
            draw = np.random.default_rng(len(ids))  # the same words at every look
            words = list(continue_text(model, ids, WORDS, draw, temperature, model.objective))
            words = words[::-1] if backwards else words
            arrays[way] = np.array([word.probability for word in words])
            notes[way] = [source.words[word.token] for word in words]
        *_, found = search_text(model, ids, WORDS, BEAM, model.objective)
    assert isinstance(found, Decoded)
    arrays["searched"] = np.array(found.probabilities)
    notes["searched"] = [source.words[token] for token in found.tokens]
    return Picture(tuple(source.words[one] for one in ids), arrays, dict.fromkeys(arrays, ("N",)), notes)
