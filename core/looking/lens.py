"""The logit lens: what would each layer answer if it were the last? (nostalgebraist 2020)

The model's own read-out, with the norm that stands before it, reads every layer's state. Nothing is trained, so early
layers, which never learned to be read, may say little although they know much: a probe finds that.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.data.contract import Source
from core.generation import sees_of
from core.looking.answers import WORDLESS, likeliest
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.tap import tapped
from core.picture import Picture


def lens(model: Model, source: Source, tokens: np.ndarray) -> Picture:
    """What each layer would answer to tokens (T,): "sure" (L, T) of the model's final answer, "agrees" (L, T) bool.

    "spread" (L, T): entropy of the layer's answers in nats. notes: "layers" and "said", the likeliest answers of each
    layer and word. Of stacks joined late, layer l is what joining both after l layers would say. The last layer is the
    model itself. An answer for the whole sentence has T = 1.
    """
    with still(model), torch.no_grad():
        names, logits = zip(*read_by_layer(model, tokens).items(), strict=True)
    chances = torch.stack(logits).float().log_softmax(-1)  # (L, T, K)
    best = chances[-1].argmax(-1)  # (T,)
    arrays = {
        "sure": chances.gather(-1, best.expand(len(chances), -1)[..., None])[..., 0].exp(),
        "agrees": chances.argmax(-1) == best,
        "spread": -(chances.exp() * chances.nan_to_num(neginf=0)).sum(-1),
    }
    notes = {"layers": list(names), "said": [likeliest(source, one) for one in chances]}
    axes: dict[str, tuple[str, ...]] = dict.fromkeys(arrays, ("L", "T"))
    return Picture((), {name: one.cpu().numpy() for name, one in arrays.items()}, axes, notes)


def read_by_layer(model: Model, tokens: np.ndarray) -> dict[str, Tensor]:
    """Logits (T, K) of every layer, {name: …}, from the embedding on where the read-out can read it."""
    with tapped(model) as seen:
        states = model(sentence(model, tokens), sees=sees_of(model, tokens)).states
    found = {}
    layers = model.spec.sizes.layers
    if model.spec.late:
        for n in range(layers):
            f, b = seen[f"forward.{n}.state"], seen[f"backward.{n}.state"]
            back = model.backward_stack or model.forward_stack
            found[f"layer {n + 1}, joined"] = model.join(_normed(model.forward_stack, f), _normed(back, b))
    else:
        if seen["embedding"].shape == states.shape:
            found["embedding"] = _normed(model.stack, seen["embedding"])
        found |= {f"layer {n + 1}": _normed(model.stack, seen[f"stack.{n}.state"]) for n in range(layers)}
    head = model.filler or model.read_out
    if model.objective in WORDLESS:
        return {name: model.read_out(model.pool(one)) for name, one in found.items()}
    return {name: head(model.read(one))[0] for name, one in found.items()}


def _normed(stack: nn.Module, states: Tensor) -> Tensor:
    """The norm that stands on top of a Transformer's last layer; an LSTM has none."""
    norm = getattr(stack, "norm", None)
    normed: Tensor = states if norm is None else norm(states)
    return normed
