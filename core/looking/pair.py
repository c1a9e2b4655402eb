"""What an encoder–decoder looks at: where each written word looked in the source, and what else it attended to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Batch, Source, TextError
from core.looking.asking import Memo, likeness_of, neighbours, probes
from core.looking.attention import NothingToSee, entropies
from core.looking.hidden import layers_of_pair, pair_name
from core.looking.options import PART, checked
from core.looking.still import still
from core.looking.translator import ablation_of_pair, influence_of_pair, own_pair, states_of_pair
from core.models.cross import Encoded
from core.models.greedy import translations
from core.models.seq2seq import Seq2Seq, both_ways
from core.models.tap import tapped
from core.picture import LOOKS, Picture
from core.text import END, START

Tapped = dict[str, Tensor]
PARTLESS = ("attention", "influence", "ablation")
LESS = {"attention": ("first", "order"), "states": ("of",), "influence": ("exact",)}  # options that are of no use here
HOW: dict[str, Callable[..., Picture]] = {  # (model, source, ids, memo, **options)
    "attention": lambda model, source, ids, memo: attention_of_pair(model, source, ids),
    "influence": lambda model, source, ids, memo: influence_of_pair(model, source, ids),
    "states": states_of_pair,
    "ablation": lambda model, source, ids, memo, **options: ablation_of_pair(model, source, ids, **options),
    "neighbours": lambda model, source, ids, memo, part="encoder", **options: _neighbours(
        model, source, ids, memo, part, **options
    ),
    "probes": lambda model, source, ids, memo, **options: probes(model, source, memo, **options),
    "likeness": lambda model, source, ids, memo, other=None, part="encoder": likeness_of(
        model, source, memo, other, part
    ),
}


def look_at_pair(
    model: Seq2Seq, source: Source, ids: np.ndarray, what: str, memo: Memo | None = None, **options: Any
) -> Picture:
    """A Picture of a source sentence, ids (S,), and the model's translation of it; `what` is one of LOOKS.

    Options as for models that read, and "part", "encoder" or "decoder", where hidden states are asked for. notes:
    "source", its words. Raises NothingToSee for what isn't there to be seen, TextError for a sentence that is empty or
    too long.
    """
    if what not in LOOKS:
        raise ValueError(f"what is one of {', '.join(LOOKS)}, not {what!r}")
    if reason := why_not(what):
        raise NothingToSee(reason)
    checked(what, options, {} if what in PARTLESS else PART, LESS.get(what, ()))
    if not 0 < len(ids) <= model.source_length:
        raise TextError(f"This model reads 1 to {model.source_length} words at once; your sentence has {len(ids)}.")
    ids = np.asarray(ids, dtype=np.int64)
    picture = HOW[what](model, source, ids, {} if memo is None else memo, **options)
    read = getattr(source, "source_words", source.words)
    return replace(picture, notes={"source": [read[one] for one in ids], **picture.notes})


def why_not(what: str) -> str:
    """Why a look is for models that read only; "" where it isn't."""
    reason = {
        "follow": "Rollout and flow follow one stack from its top to its words. This model has two, and what passes "
        "between them is measured under Who sees whom.",
        "cells": "Gates and memory are shown of LSTMs that read only. Where this one looks is under Attention.",
        "lens": "The lens reads the layers of models that read only. What this one is sure of is beside its "
        "translation.",
        "saliency": "Attributions are shown for models that read only. What each written word depends on is measured "
        "under Who sees whom.",
    }
    return reason.get("follow" if what in ("rollout", "flow") else what, "")


def _neighbours(model: Seq2Seq, source: Source, ids: np.ndarray, memo: Memo, part: str, **options: Any) -> Picture:
    """The nearest words in other sentences, of a source word, or of what the decoder was given."""
    batch = Batch(ids[None], ids[None], source=ids[None]) if part == "encoder" else own_pair(model, source, ids)
    with still(model), torch.no_grad():
        states = [one[0].float().cpu().numpy() for _, one in layers_of_pair(model, batch, part)]
    given = batch.tokens[0, : len(states[0])]
    picture = neighbours(model, source, given, states, memo, part=part, **options)
    names = getattr(source, "source_words", source.words) if part == "encoder" else source.words
    return replace(picture, tokens=tuple(names[one] for one in given))


def attention_of_pair(model: Seq2Seq, source: Source, ids: np.ndarray) -> Picture:
    """Where an encoder–decoder looks: `tokens` are the T words that it writes, in reading order; ids (S,).

    "cross" (L, H, T, S): where each word looked when it was written, "entropy" (L, H) 0…1 of that (see `entropies`).
    "encoder" (L, H, S, S) and "decoder" (L, H, U, U): what each read, and each written word attended to, in
    Transformers; notes["given"] are the decoder's U words in its own order, from [start]. notes: "source",
    "probabilities", and the layers' names of each array.
    """
    pair = ids[None]
    words, chances = translations(model, Batch(pair, pair, source=pair))[0]
    with still(model), torch.no_grad(), tapped(model) as seen:
        encoded = model.read(torch.from_numpy(pair).to(model.words.weight.device))
        cross, given = _crossed(model, encoded, words, seen)
    read, names = getattr(source, "source_words", source.words), source.words
    arrays = {"cross": np.stack([*cross.values()])}
    arrays["entropy"] = entropies(arrays["cross"], np.ones((len(cross), *arrays["cross"].shape[2:]), bool))
    notes = {
        "source": [read[one] for one in ids],
        "probabilities": chances,
        "given": [names[one] for one in given],
        "cross layers": list(cross),
    }
    for part, start in (("encoder", "encoder."), ("decoder", "decoder")):
        layers = {pair_name(path): one for path, one in seen.items() if path.startswith(start) and "attention" in path}
        if layers and (part == "encoder" or not model.together):
            arrays[part] = np.stack([one[0].float().cpu().numpy() for one in layers.values()])
            notes[f"{part} layers"] = list(layers)
    letters = {"cross": ("L", "H", "T", "S"), "encoder": ("L", "H", "S", "S"), "decoder": ("L", "H", "U", "U")}
    axes: dict[str, tuple[str, ...]] = {"entropy": ("L", "H"), **letters}
    return Picture(tuple(names[one] for one in words), arrays, {name: axes[name] for name in arrays}, notes)


def _crossed(
    model: Seq2Seq, encoded: Encoded, words: list[int], seen: Tapped
) -> tuple[dict[str, np.ndarray], list[int]]:
    """Cross-attention (H, T, S) of each decoder layer over the words in reading order; what a decoder was given."""
    first = words
    if model.together:
        half = (len(words) + 1) // 2
        first, last = words[:half], words[half:][::-1]
        rows = [[START, *one, *[END] * (half - len(one))][: model.length] for one in (first, last)]
        model.write(both_ways(encoded), torch.tensor(rows, device=model.words.weight.device))
        found = {name: (one[0, :, :half], one[1, :, : len(last)].flip(1)) for name, one in _of(seen, "decoder")}
        return {name: torch.cat(parts, dim=1).float().cpu().numpy() for name, parts in found.items()}, rows[0]
    layers, given = dict[str, np.ndarray](), list[int]()
    for direction in reversed(model.directions):  # the left-to-right one last: its attention is shown
        back = direction == "right-to-left"
        given = [START, *(words[::-1] if back else words)]
        if model.words_ahead is not None:
            given = [*words, END]  # blanks have been filled; each word looks from its own place
        given = given[: model.length]  # the last word of a sentence that found no end is given to nobody
        model.write(encoded, torch.tensor([given], device=model.words.weight.device), direction)
        for name, one in _of(seen, "decoder_back" if back else "decoder"):
            weights = one[0, :, : len(words)]  # (H, T, S)
            layers[name] = (weights.flip(1) if back else weights).float().cpu().numpy()
    return dict(reversed(layers.items())), given


def _of(seen: Tapped, decoder: str) -> list[tuple[str, Tensor]]:
    """(readable name, weights) of a decoder's cross-attention, from the first layer on."""
    return [
        (pair_name(path), one)
        for path, one in seen.items()
        if path.startswith(f"{decoder}.") and path.endswith("cross")
    ]
