"""What looking inside gives back: named arrays with named axes and the tokens they speak of. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Look:
    """One thing to look at. `longest`: words that its picture shows; `options`: what can be chosen, by default."""

    label: str
    story: str
    longest: int = 512
    options: Mapping[str, Any] = field(default_factory=dict)


LOOKS: dict[str, Look] = {
    "attention": Look(
        "Attention",
        "What every word of every head of every layer attends to, and what kind of head each is.",
        128,
        {"first": 0, "order": ()},
    ),
    "rollout": Look(
        "Attention rollout",
        "Attention multiplied through the layers: from which words a word has come by then.",
        128,
        {"first": 0},
    ),
    "flow": Look(
        "Attention flow",
        "The largest flow from a word on top to the words that came in, where every edge carries its weight at most.",
        48,
        {"word": -1},
    ),
    "ablation": Look(
        "Heads off",
        "What the model says without some of its heads, and how much each head matters.",
        128,
        {"heads": ()},
    ),
    "states": Look(
        "Hidden states",
        "Where each layer puts the words, flattened to its main directions.",
        options={"dimensions": 2, "of": "asked", "most": 400},
    ),
    "neighbours": Look(
        "Nearest words",
        "The words of other sentences whose hidden state is nearest to that of one word, by layer.",
        options={"word": -1, "k": 10},
    ),
    "cells": Look(
        "LSTM cells",
        "Gates and memory of an LSTM word by word, and where else the cells fire that fire on a span.",
        128,
        {"span": (), "layer": -1, "threshold": 0.3, "alone": False},
    ),
    "probes": Look(
        "Probes",
        "What a straight line through hidden states can tell of a word, its neighbours, and the answer.",
        options={"layer": -1, "words": "own", "offsets": tuple(range(-4, 5))},
    ),
    "lens": Look("Logit lens", "What each layer would answer if it were the last."),
    "likeness": Look(
        "Likeness of layers",
        "How alike the layers are to each other, or to those of another run or snapshot (CKA).",
        options={"other": None},
    ),
    "influence": Look("Who sees whom", "How strongly each word's state depends on each word.", 64, {"exact": False}),
    "saliency": Look(
        "What an answer is due to",
        "How much of one answer's score comes from each word, by three methods.",
        128,
        {"word": -1, "answer": "", "baseline": "average"},
    ),
}
WRITING = "continuation"  # and what a model writes on, where it can


@dataclass(frozen=True)
class Picture:
    """`arrays` by name; `axes[name]` gives each array's axes in the project's letters, such as ("L", "H", "T", "S")."""

    tokens: tuple[str, ...]
    arrays: dict[str, np.ndarray]
    axes: dict[str, tuple[str, ...]]
    notes: dict[str, Any] = field(default_factory=dict)  # plain values: layer names, explained variance, prediction


def difference(a: Picture, b: Picture) -> Picture:
    """b − a for every array of numbers that both have in one shape, of a sentence at two moments or in two models.

    notes: those of `b`, and "not compared", the names of the others. Raises ValueError for two different sentences.
    """
    if a.tokens != b.tokens:
        raise ValueError("Only pictures of the same sentence can be compared.")
    alike = {
        name
        for name in a.arrays.keys() & b.arrays.keys()
        if a.arrays[name].shape == b.arrays[name].shape
        and a.arrays[name].dtype.kind == b.arrays[name].dtype.kind == "f"
    }
    arrays = {name: b.arrays[name] - a.arrays[name] for name in b.arrays if name in alike}
    others = sorted((a.arrays.keys() | b.arrays.keys()) - alike)
    return replace(
        b, arrays=arrays, axes={name: b.axes[name] for name in arrays}, notes={**b.notes, "not compared": others}
    )
