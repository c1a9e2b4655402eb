"""What must fit together within a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.fields import SpecError

if TYPE_CHECKING:
    from core.parts.model import ModelSpec, Sizes

CHECKPOINT = re.compile(  # a hub id, a folder of the operator's (BOTHWAYS_MODELS), or one that the terminal kept
    r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,95}|models:[A-Za-z0-9][A-Za-z0-9_.-]{0,95}|kept:[0-9a-f]{32}"
)


def check_fit(model: ModelSpec) -> None:
    """Raise SpecError where settings of a model that are fine alone can't work together."""
    sizes = model.sizes
    attends = model.built_of == "transformer"
    if attends and sizes.width % sizes.heads:
        fits = max(n for n in range(1, sizes.heads + 1) if sizes.width % n == 0)
        raise SpecError(
            "model.heads",
            sizes.heads,
            f"Heads share the width, and {sizes.width} can't be split evenly.",
            {"model.heads": fits},
        )
    if attends:
        _check_attention(model, sizes)
    if model.family == "encoder-decoder":
        _check_writing(model)
    if model.checkpoint and not CHECKPOINT.fullmatch(model.checkpoint):
        reason = "A checkpoint is called as on the hub, such as organisation/model; a path can't be used here."
        raise SpecError("model.checkpoint", model.checkpoint, reason, {"model.checkpoint": ""})
    if model.tied_words and not model.reads_width:
        reason = "Word vectors have the model's width, and the states that are read here are twice as wide."
        raise SpecError("model.tied_words", True, reason, {"model.tied_words": False})
    if model.tied and not model.late:
        raise SpecError(
            "model.tied",
            True,
            "Only two one-way models that are joined late can share weights.",
            {"model.tied": False},
        )
    if model.family == "lstm" and model.two_way and not model.late and sizes.layers < 2:
        raise SpecError(
            "model.layers",
            sizes.layers,
            "A deep two-way LSTM needs a second layer that reads both directions of the first.",
            {"model.layers": 2},
        )


def _check_attention(model: ModelSpec, sizes: Sizes) -> None:
    """Heads come in groups of equal size, and rotary positions turn pairs of numbers."""
    if model.key_heads and sizes.heads % model.key_heads:
        fits = max(n for n in range(1, model.key_heads + 1) if sizes.heads % n == 0)
        reason = f"{sizes.heads} heads can't be split evenly into {model.key_heads} groups."
        raise SpecError("model.key_heads", model.key_heads, reason, {"model.key_heads": fits})
    if model.positions == "rotary" and (sizes.width // sizes.heads) % 2:
        reason = f"Rotary positions turn pairs of numbers, and each head has {sizes.width // sizes.heads}."
        raise SpecError("model.positions", "rotary", reason, {"model.positions": "learned"})


def _check_writing(model: ModelSpec) -> None:
    """A memory writes word by word; and two encoders are needed where two are looked at."""
    if model.cells == "lstm" and model.two_way and model.writing != "agreement":
        reason = "A memory moves word by word, so only Transformers can write this way."
        raise SpecError("model.writing", model.writing, reason, {"model.cells": "transformer"})
    if model.crossing == "two-way" and model.reads != "both":
        reason = "Two-way cross-attention looks at a forward and a backward encoder, so it must read both ways."
        raise SpecError("model.crossing", model.crossing, reason, {"model.reads": "both"})
