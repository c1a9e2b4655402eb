"""Inside an LSTM, word by word: its gates, its memory, and the cells that fire together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Source
from core.looking.asking import Memo, recalled
from core.looking.attention import NothingToSee, layer_names
from core.looking.firing import firing, matches
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.tap import tapped
from core.picture import Picture

GATES = ("input", "forget", "write", "output")  # how much is let in, kept, what would be written, how much is shown


def cells(
    model: Model,
    source: Source,
    tokens: np.ndarray,
    memo: Memo,
    span: Sequence[int] = (),
    layer: int = -1,
    threshold: float = 0.3,
    alone: bool = False,
) -> Picture:
    """Every layer and direction of an LSTM as it reads tokens (T,), in reading order: arrays (L, T, D) by name.

    "input", "forget" and "output" gates 0…1, "write", the candidate −1…1, "cell", the memory, and "state", what it
    shows, −1…1. With a `span` [first, last] of words: notes["cells"], those of `layer` whose state reaches `threshold`
    throughout (see `firing.firing` for `alone`), and notes["matches"], held-out words where the same ones fire, as
    {"sentence", "first", "last", "words", "share"}. Raises NothingToSee for a model without such a memory.
    """
    if model.spec.family != "lstm":
        raise NothingToSee("A Transformer has no gates and no memory that is handed on. Look at its attention.")
    with still(model), torch.no_grad(), tapped(model) as seen:
        model(sentence(model, tokens))
    names, arrays = [], {name: list[np.ndarray]() for name in (*GATES, "cell", "state")}
    for path, name in layer_names(seen, "state"):
        for said, part in _directions(seen, path.removesuffix("state"), model):
            names.append(name + said)
            for key, value in part.items():
                arrays[key].append(value[0].float().cpu().numpy())
    if not -len(names) <= layer < len(names):
        raise NothingToSee(f"There is no layer {layer}. There are 0 to {len(names) - 1}.")
    stacked = {name: np.stack(layers) for name, layers in arrays.items()}
    notes: dict[str, Any] = {"layers": names, "layer": layer % len(names)}
    if len(span):
        first, last = _checked(span, len(tokens))
        chosen = firing(stacked["state"][layer], first, last, threshold, alone)
        notes["cells"] = chosen.tolist()
        length = last - first + 1
        notes["matches"] = _elsewhere(model, source, memo, names[layer], chosen, threshold, length)
    return Picture((), stacked, dict.fromkeys(stacked, ("L", "T", "D")), notes)


def _checked(span: Sequence[int], T: int) -> tuple[int, int]:
    if len(span) != 2 or not 0 <= span[0] <= span[1] < T:
        raise NothingToSee(f"A span is its first and its last word, between 0 and {T - 1}.")
    return int(span[0]), int(span[1])


def _directions(seen: dict[str, Tensor], path: str, model: Model) -> list[tuple[str, dict[str, Tensor]]]:
    """(", left-to-right" or "", arrays (B, T, D)) of one layer; two where it reads both ways."""
    both = model.spec.two_way and not model.spec.late
    ways = (", left-to-right", ", right-to-left") if both else ("",)
    gates, memory, states = (seen[path + name].chunk(len(ways), -1) for name in ("gates", "cell", "state"))
    return [
        (way, {**dict(zip(GATES, gates[n].chunk(4, -1), strict=True)), "cell": memory[n], "state": states[n]})
        for n, way in enumerate(ways)
    ]


def _elsewhere(
    model: Model, source: Source, memo: Memo, layer: str, chosen: np.ndarray, threshold: float, length: int
) -> list[dict[str, Any]]:
    """Held-out words where these cells of a layer fire."""
    others = recalled(memo, model, source, "encoder")
    states = others.states[others.names.index(layer)]
    return [
        {
            "sentence": " ".join(others.words[token] for token in others.tokens[one.row][others.real[one.row]]),
            "words": " ".join(others.words[token] for token in others.tokens[one.row, one.first : one.last + 1]),
            **one._asdict(),
        }
        for one in matches(states, others.real, chosen, threshold, length)
    ]
