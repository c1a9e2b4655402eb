"""What every head attends to, and numbers that say what kind of head it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.looking.heads import KINDS, kinds_of, summed
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.direction import visible, visible_in_order
from core.models.tap import tapped
from core.picture import Picture
from core.text import MASK

STACKS = {"stack": "layer", "forward": "left-to-right", "backward": "right-to-left"}  # what a learner calls each


class NothingToSee(ValueError):
    """The model has no such part, said in a learner's words."""


def layer_names(seen: dict[str, Tensor], kind: str) -> list[tuple[str, str]]:
    """(path of the tap, readable name) of every layer that kept `kind`: ("forward.0.state", "left-to-right 1")."""
    paths = [path.split(".") for path in seen if path.endswith(f".{kind}")]
    return [(".".join(parts), f"{STACKS[parts[0]]} {int(parts[1]) + 1}") for parts in paths]


def attention(
    model: Model,
    tokens: np.ndarray,
    words: Sequence[str] = (),
    first: int = 0,
    longest: int | None = None,
    order: Sequence[int] = (),
) -> Picture:
    """Weights of all heads for one sentence, tokens (T,): "attention" (L, H, T, S), each row summing to 1.

    L counts the layers of both stacks where two are joined late; "allowed" (L, T, S) bool is who may see whom. Per head
    (L, H): "entropy" (see `entropies`), "nats", "distance" in words, the shares of weight on the "left" and on the
    "right" of the reading word, and "kind" with its "scores" and what is "even" (N, L) (see `heads.kinds_of`, by the
    tokens' `words`). Where the sentence is longer than `longest`, the weights are those of a window of it from word
    `first` on, "outside" (L, H, T) the share that leaves the window; what is told per head is of the whole sentence.

    A model of random orders is asked in one `order` (T,), the turn of each word: "attention" is then what the words see
    and "query" (L, H, T, S) what each blank sees that stands in a word's place. Raises NothingToSee for a model without
    attention.
    """
    if model.spec.family != "transformer":
        raise NothingToSee(
            "An LSTM has no attention: it carries what it has read in its memory. Look at who sees whom."
        )
    layers, weights, allowed, more = weights_of(model, tokens, order)
    names = [name for _, name in layers]
    directions = [name.rsplit(" ", 1)[0] for name in names]
    directions = [model.spec.direction if one == "layer" else one for one in directions]
    scores, even, kind = kinds_of(weights, allowed, words or [str(one) for one in tokens])
    t, s = np.indices(weights.shape[-2:])
    sides = np.stack([abs(t - s), s < t, s > t]).astype(weights.dtype)
    sums = np.stack([summed(layer, sides) for layer in weights]) / len(tokens)  # (L, H, 3) means over words
    arrays = {
        "attention": weights,
        "entropy": entropies(weights, allowed),
        "nats": nats(weights).mean(-1),
        **{name: sums[..., n] for n, name in enumerate(("distance", "left", "right"))},
        "kind": kind.astype(np.int32),
        "scores": scores.astype(np.float32),
        "even": even.astype(np.float32),
        "allowed": allowed,
        **more.arrays,
    }
    notes = {"layers": names, "directions": directions, "kinds": list(KINDS), **more.notes}
    longest = longest or len(tokens)
    start = max(0, min(first, len(tokens) - longest))
    return Picture((), *windowed(arrays, start, longest), notes | {"first": start})


class More(NamedTuple):
    """What a picture has besides."""

    arrays: dict[str, np.ndarray]
    notes: dict[str, Any]


def weights_of(
    model: Model, tokens: np.ndarray, order: Sequence[int] = ()
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, More]:
    """(paths and names of L layers, weights (L, H, T, S), who may see whom (L, T, S), what else there is to see)."""
    if model.objective == "permutation-lm":
        return _in_order(model, tokens, order)
    with still(model), torch.no_grad(), tapped(model) as seen:
        model(sentence(model, tokens))
    layers = layer_names(seen, "attention")
    weights = np.stack([seen[path][0].float().cpu().numpy() for path, _ in layers])
    ways = {"stack": model.spec.direction, "forward": "left-to-right", "backward": "right-to-left"}
    allowed = np.stack([visible(ways[path.split(".")[0]], len(tokens), model.spec.window) for path, _ in layers])
    return layers, weights, allowed, More({}, {})


def _in_order(
    model: Model, tokens: np.ndarray, order: Sequence[int]
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, More]:
    """The two streams of a model of random orders (Yang et al. 2019, section 2.3) under one order's true mask."""
    T = len(tokens)
    turns = np.asarray(order, dtype=np.int64) if len(order) else np.random.default_rng(T).permutation(T)
    if sorted(turns.tolist()) != list(range(T)):
        raise NothingToSee(f"An order gives each of the {T} words one turn from 0 to {T - 1}.")
    sees = visible_in_order(turns[None])  # (1, 2T, 2T)
    device = model.words.weight.device
    twice = sentence(model, np.concatenate([tokens, np.full_like(tokens, MASK)]))
    with still(model), torch.no_grad(), tapped(model) as seen:
        places = torch.arange(T, device=device).repeat(1, 2)
        model.encode(model.embed(twice, places=places), sees=torch.from_numpy(sees).to(device))
    layers = layer_names(seen, "attention")
    both = np.stack([seen[path][0].float().cpu().numpy() for path, _ in layers])  # (L, H, 2T, 2T)
    itself = np.diagonal(both[:, :, T:, T:], axis1=-2, axis2=-1)  # (L, H, T)
    arrays = {
        "query": np.ascontiguousarray(both[:, :, T:, :T]),
        "itself": np.ascontiguousarray(itself),
        "query allowed": sees[0, T:, :T],
    }
    allowed = np.broadcast_to(sees[0, :T, :T], (len(layers), T, T))
    return layers, both[:, :, :T, :T], allowed, More(arrays, {"order": turns.tolist()})


AXES: dict[str, tuple[str, ...]] = {
    "attention": ("L", "H", "T", "S"),
    "query": ("L", "H", "T", "S"),
    "allowed": ("L", "T", "S"),
    "query allowed": ("T", "S"),
    "itself": ("L", "H", "T"),
    "outside": ("L", "H", "T"),
    "scores": ("N", "L", "H"),
    "even": ("N", "L"),
}


def windowed(
    arrays: dict[str, np.ndarray], start: int, longest: int
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """The arrays with no more than `longest` words from word `start` on, and their axes; see `attention`."""
    T = arrays["attention"].shape[-1]
    window, cut = slice(start, start + longest), dict(arrays)
    if longest < T:
        for name in arrays:
            for axis, letter in enumerate(AXES.get(name, ())):
                if letter in "TS":
                    cut[name] = cut[name].take(range(T)[window], axis)
        cut["outside"] = 1 - cut["attention"].sum(-1)
    return cut, {name: AXES.get(name, ("L", "H")) for name in cut}


def nats(weights: np.ndarray) -> np.ndarray:
    """(L, …, S) -> (L, …) entropy of each row, −Σ a·log a; layer by layer: long sentences have many weights."""
    tiny = np.finfo(weights.dtype).tiny
    return np.stack([-np.einsum("...s,...s->...", layer, np.log(np.maximum(layer, tiny))) for layer in weights])


def entropies(weights: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """(L, H) mean over words of −Σ a·log a / log(words it may see): 0 looks at one word, 1 spreads evenly.

    weights (L, H, T, S), allowed (L, T, S). Without the division one-way heads would look sharp for free: early words
    have little to choose from. Words that may see one word only have no choice and don't count. Of rows that add up to
    less than 1, the rest being on a prefix (see `core.models.tap`), the words' shares among themselves count.
    """
    entropy = nats(weights / np.maximum(weights.sum(-1, keepdims=True), 1e-9))  # (L, H, T)
    choices = allowed.sum(-1)[:, None, :]  # (L, 1, T)
    counts = np.broadcast_to(choices > 1, entropy.shape)
    relative = np.where(counts, entropy / np.log(np.maximum(choices, 2)), 0.0)
    return np.asarray(relative.sum(-1) / np.maximum(counts.sum(-1), 1))
