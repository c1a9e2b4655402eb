"""What an encoder–decoder looks at: where each written word looked in the source, and what else it attended to."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Batch, Source, TextError
from core.looking.attention import NothingToSee
from core.looking.still import still
from core.models.cross import Encoded
from core.models.greedy import translations
from core.models.seq2seq import Seq2Seq, both_ways
from core.models.tap import tapped
from core.picture import LOOKS, Picture
from core.text import END, START

Tapped = dict[str, Tensor]
NOT_YET = {
    "states": "Hidden states are drawn of models that read only. What this one looks at is under Attention.",
    "influence": "Who sees whom is measured on models that read only. Where this one looks is under Attention; what "
    "its decoder may see is drawn in Build.",
}


def look_at_pair(model: Seq2Seq, source: Source, ids: np.ndarray, what: str) -> Picture:
    """A Picture of a source sentence, ids (S,), and the model's translation of it: `tokens`, T words in reading order.

    "cross" (L, H, T, S): where each word looked when it was written. "encoder" (L, H, S, S) and "decoder"
    (L, H, U, U): what each read, and each written word attended to, in Transformers; notes["given"] are the decoder's
    U words in its own order, from [start]. notes: "source", "probabilities", and the layers' names of each array.
    Raises NothingToSee for other looks, TextError for a sentence that is empty or too long.
    """
    if what not in LOOKS:
        raise ValueError(f"what is one of {', '.join(LOOKS)}, not {what!r}")
    if what in NOT_YET:
        raise NothingToSee(NOT_YET[what])
    if not 0 < len(ids) <= model.source_length:
        raise TextError(f"This model reads 1 to {model.source_length} words at once; your sentence has {len(ids)}.")
    pair = np.asarray(ids, dtype=np.int64)[None]
    words, chances = translations(model, Batch(pair, pair, source=pair))[0]
    with still(model), torch.no_grad(), tapped(model) as seen:
        encoded = model.read(torch.from_numpy(pair).to(model.words.weight.device))
        cross, given = _crossed(model, encoded, words, seen)
    read, names = getattr(source, "source_words", source.words), source.words
    arrays = {"cross": np.stack([*cross.values()])}
    notes = {
        "source": [read[one] for one in pair[0]],
        "probabilities": chances,
        "given": [names[one] for one in given],
        "cross layers": list(cross),
    }
    for part, start in (("encoder", "encoder."), ("decoder", "decoder")):
        layers = {_name(path): one for path, one in seen.items() if path.startswith(start) and "attention" in path}
        if layers and (part == "encoder" or not model.together):
            arrays[part] = np.stack([one[0].float().cpu().numpy() for one in layers.values()])
            notes[f"{part} layers"] = list(layers)
    letters = {"cross": ("L", "H", "T", "S"), "encoder": ("L", "H", "S", "S"), "decoder": ("L", "H", "U", "U")}
    axes: dict[str, tuple[str, ...]] = {name: letters[name] for name in arrays}
    return Picture(tuple(names[one] for one in words), arrays, axes, notes)


def _crossed(
    model: Seq2Seq, encoded: Encoded, words: list[int], seen: Tapped
) -> tuple[dict[str, np.ndarray], list[int]]:
    """Cross-attention (H, T, S) of each decoder layer over the words in reading order; what a decoder was given."""
    first = words
    if model.together:
        half = (len(words) + 1) // 2
        first, last = words[:half], words[half:][::-1]
        rows = [[START, *one, *[END] * (half - len(one))] for one in (first, last)]
        model.write(both_ways(encoded), torch.tensor(rows, device=model.words.weight.device))
        found = {name: (one[0, :, :half], one[1, :, : len(last)].flip(1)) for name, one in _of(seen, "decoder")}
        return {name: torch.cat(parts, dim=1).float().cpu().numpy() for name, parts in found.items()}, rows[0]
    layers, given = dict[str, np.ndarray](), list[int]()
    for direction in reversed(model.directions):  # the left-to-right one last: its attention is shown
        back = direction == "right-to-left"
        given = [START, *(words[::-1] if back else words)]
        if model.words_ahead is not None:
            given = [*words, END]  # blanks have been filled; each word looks from its own place
        model.write(encoded, torch.tensor([given], device=model.words.weight.device), direction)
        for name, one in _of(seen, "decoder_back" if back else "decoder"):
            weights = one[0, :, : len(words)]  # (H, T, S)
            layers[name] = (weights.flip(1) if back else weights).float().cpu().numpy()
    return dict(reversed(layers.items())), given


def _of(seen: Tapped, decoder: str) -> list[tuple[str, Tensor]]:
    """(readable name, weights) of a decoder's cross-attention, from the first layer on."""
    return [
        (_name(path), one) for path, one in seen.items() if path.startswith(f"{decoder}.") and path.endswith("cross")
    ]


def _name(path: str) -> str:
    """ "decoder_back.0.cross" as a learner reads it."""
    *where, layer, _ = path.split(".")
    stacks = {"decoder": "decoder", "decoder_back": "right-to-left decoder", "encoder": "encoder"}
    passes = {"forward": "left-to-right ", "backward": "right-to-left "}
    return f"{passes.get(where[-1], '')}{stacks[where[0]]} {int(layer) + 1}"
