"""What every head attends to, and three numbers that say what kind of head it is."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.looking.still import sentence, still
from core.models.build import Model
from core.models.direction import visible
from core.models.tap import tapped
from core.picture import Picture

STACKS = {"stack": "layer", "forward": "left-to-right", "backward": "right-to-left"}  # what a learner calls each


class NothingToSee(ValueError):
    """The model has no such part, said in a learner's words."""


def layer_names(seen: dict[str, Tensor], kind: str) -> list[tuple[str, str]]:
    """(path of the tap, readable name) of every layer that kept `kind`: ("forward.0.state", "left-to-right 1")."""
    paths = [path.split(".") for path in seen if path.endswith(f".{kind}")]
    return [(".".join(parts), f"{STACKS[parts[0]]} {int(parts[1]) + 1}") for parts in paths]


def attention(model: Model, tokens: np.ndarray) -> Picture:
    """Weights of all heads for one sentence, tokens (T,): "attention" (L, H, T, S), each row summing to 1.

    L counts the layers of both stacks where two are joined late. Per head (L, H): "entropy" (see `entropies`),
    "distance" in words, and the shares of weight on the "left" and on the "right" of the reading word.
    Raises NothingToSee for a model without attention.
    """
    if model.spec.family != "transformer":
        raise NothingToSee(
            "An LSTM has no attention: it carries what it has read in its memory. Look at who sees whom."
        )
    with still(model), torch.no_grad(), tapped(model) as seen:
        model(sentence(model, tokens))
    layers = layer_names(seen, "attention")
    weights = np.stack([seen[path][0].float().cpu().numpy() for path, _ in layers])  # (L, H, T, S)
    names = [name for _, name in layers]
    directions = [name.rsplit(" ", 1)[0] for name in names]
    directions = [model.spec.direction if one == "layer" else one for one in directions]
    allowed = np.stack([visible(one, len(tokens), model.spec.window) for one in directions])  # (L, T, S)
    t, s = np.indices(weights.shape[-2:])
    arrays = {
        "attention": weights,
        "entropy": entropies(weights, allowed),
        "distance": (weights * abs(t - s)).sum(-1).mean(-1),
        "left": (weights * (s < t)).sum(-1).mean(-1),
        "right": (weights * (s > t)).sum(-1).mean(-1),
    }
    axes: dict[str, tuple[str, ...]] = {name: ("L", "H", "T", "S")[: array.ndim] for name, array in arrays.items()}
    return Picture((), arrays, axes, {"layers": names, "directions": directions})


def entropies(weights: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """(L, H) mean over words of −Σ a·log a / log(words it may see): 0 looks at one word, 1 spreads evenly.

    weights (L, H, T, S), allowed (L, T, S). Without the division one-way heads would look sharp for free: early words
    have little to choose from. Words that may see one word only have no choice and don't count.
    """
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    entropy = -(weights * logs).sum(-1)  # (L, H, T) nats
    choices = allowed.sum(-1)[:, None, :]  # (L, 1, T)
    counts = np.broadcast_to(choices > 1, entropy.shape)
    relative = np.where(counts, entropy / np.log(np.maximum(choices, 2)), 0.0)
    return np.asarray(relative.sum(-1) / np.maximum(counts.sum(-1), 1))
