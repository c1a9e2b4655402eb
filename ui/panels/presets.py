"""Places to begin from, and the run that makes the best neighbour."""

from __future__ import annotations

from typing import Any

from core.spec import OBJECTIVE_OF, Experiment
from ui.panels.choices import workable

BERT = {"norm_place": "post", "embedding_norm": True, "norm_epsilon": 1e-12, "token_types": 2}
BERT |= {"read_out": "transform", "tied_words": True}
PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "Read one way": (
        "A left-to-right Transformer looks for the sense of a word, and stops at its ceiling.",
        {"data": {"task": "sense"}, "model": {"direction": "left-to-right", "size": "tiny"}},
    ),
    "Read both ways": (
        "The same model with both sides in sight.",
        {"data": {"task": "sense"}, "model": {"direction": "both", "size": "tiny"}},
    ),
    "Two LSTMs, added up": (
        "Two one-way LSTMs whose states are added can't do an exclusive-or. Swap the join for “product”, and they can.",
        {"data": {"task": "negate"}, "model": {"family": "lstm", "direction": "both", "join": "sum"}},
    ),
    "Deep or late": (
        "Looking up a pet by a name: full attention learns it; swap the join for a late one, and it doesn't.",
        {"data": {"task": "recall"}, "model": {"direction": "both", "join": "deep"}},
    ),
    "Remember for long": (
        "An LSTM must keep a colour in memory over ten idle words.",
        {"data": {"task": "gap"}, "model": {"family": "lstm", "direction": "both", "join": "concat"}},
    ),
    "Translate": (
        "An encoder reads a list of animals, a decoder writes it in Spanish from the end. Look inside, and see where "
        "each word looked.",
        {"data": {"task": "backwards"}, "model": {"cells": "lstm"}},
    ),
    "Write on": (
        "A left-to-right Transformer learns to write the built-in text, word by word.",
        {"data": {"task": "text"}, "model": {"direction": "left-to-right"}},
    ),
    "Fill blanks": (
        "A two-way Transformer fills hidden words of the built-in text, as BERT does.",
        {"data": {"task": "text"}, "model": {"direction": "both"}},
    ),
    "A small BERT": (
        "Made as BERT is, part by part, so that it can be saved for other programs (transformers).",
        {"data": {"task": "text"}, "model": {**BERT, "direction": "both"}},
    ),
    "A small GPT-2": (
        "Made as GPT-2 is, part by part, so that it can be saved for other programs (transformers).",
        {"data": {"task": "text"}, "model": {"activation": "gelu-tanh", "tied_words": True}},
    ),
}


def counterpart(experiment: Experiment) -> Experiment:
    """The same experiment with the other kind of sight: both ways for a one-way model, else left to right."""
    direction = "left-to-right" if experiment.model.two_way else "both"
    plain = experiment.to_json()
    plain["model"] = {**plain.get("model", {}), "direction": direction}
    if experiment.data.asks_words:
        plain["objective"] = {**plain.get("objective", {}), "name": OBJECTIVE_OF[direction]}
    elif experiment.objective_name == "masked-and-next":  # no one-way model fills blanks
        plain["objective"] = {"name": "next-sentence"}
    return workable(plain) or Experiment(experiment.data)
