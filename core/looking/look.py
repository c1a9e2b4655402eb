"""Looking inside a model with one sentence: the door that every page and the terminal come through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from core.data.contract import Source, TextError
from core.looking.ablation import ablation
from core.looking.answers import predictions
from core.looking.asking import Memo, likeness_of, neighbours, probes
from core.looking.attention import attention
from core.looking.cells import cells
from core.looking.influence import influence_and_leaks
from core.looking.lens import lens
from core.looking.options import checked
from core.looking.saliency import saliency
from core.looking.states import own_states, states
from core.looking.through import flow_of, rollout_of
from core.models.build import Model
from core.picture import LOOKS, Picture


def _words(source: Source, ids: np.ndarray) -> list[str]:
    return [source.words[one] for one in ids]


HOW: dict[str, Callable[..., Picture]] = {  # (model, source, ids, memo, **options)
    "attention": lambda model, source, ids, memo, **options: attention(
        model, ids, _words(source, ids), longest=LOOKS["attention"].longest, **options
    ),
    "rollout": lambda model, source, ids, memo, **options: rollout_of(model, ids, LOOKS["rollout"].longest, **options),
    "flow": lambda model, source, ids, memo, **options: flow_of(model, ids, **options),
    "ablation": lambda model, source, ids, memo, **options: ablation(model, source, ids, **options),
    "states": lambda model, source, ids, memo, **options: states(model, source, ids, **options),
    "neighbours": lambda model, source, ids, memo, **options: neighbours(
        model, source, ids, [one for _, one in own_states(model, ids)], memo, **options
    ),
    "cells": cells,
    "probes": lambda model, source, ids, memo, **options: probes(model, source, memo, **options),
    "lens": lambda model, source, ids, memo: lens(model, source, ids),
    "likeness": lambda model, source, ids, memo, other=None: likeness_of(model, source, memo, other),
    "influence": lambda model, source, ids, memo, **options: influence_and_leaks(model, ids, **options),
    "saliency": lambda model, source, ids, memo, **options: saliency(model, source, ids, **options),
}
WINDOWED = ("attention", "rollout")  # they read the whole sentence and show a part of it


def look(model: Model, source: Source, ids: np.ndarray, what: str, memo: Memo | None = None, **options: Any) -> Picture:
    """A Picture of one sentence, ids (T,) of at most the source's length; `what` is one of LOOKS, with its `options`.

    `memo` keeps what is the same for every sentence, as long as the model's weights stay as they are.
    notes["prediction"]: for every word of ids, shown or not, the likeliest answers as [answer, probability];
    notes["whole"]: the same for the sentence as a whole, where its class is asked; notes["left_out"]: words that the
    picture has no room for, and notes["first"] the place of the first one that it shows. Raises TextError for a
    sentence that is empty or too long, NothingToSee for attention in an LSTM, or an option that can't be.
    """
    if what not in HOW:
        raise ValueError(f"what is one of {', '.join(HOW)}, not {what!r}")
    checked(what, options)
    if not 0 < len(ids) <= source.length:
        raise TextError(f"This model reads 1 to {source.length} words at once; your sentence has {len(ids)}.")
    ids = np.asarray(ids)
    longest = LOOKS[what].longest
    picture = HOW[what](
        model, source, ids if what in WINDOWED else ids[:longest], {} if memo is None else memo, **options
    )
    first = picture.notes.get("first", 0)
    shown = ids[first : first + longest]
    notes = {**picture.notes, "first": first, "left_out": len(ids) - len(shown), **predictions(model, source, ids)}
    return replace(picture, tokens=tuple(_words(source, shown)), notes=notes)
