"""Rollout and flow of a model's own attention: which words that came in have reached which words on top."""

from __future__ import annotations

import numpy as np

from core.looking.attention import NothingToSee, weights_of
from core.looking.flow import affordable, flow, rollout
from core.models.build import Model
from core.picture import Picture


def stacks_of(model: Model, tokens: np.ndarray) -> dict[str, np.ndarray]:
    """The weights (L, H, T, S) of each stack, {name: …}: two where directions are joined late, else one.

    Raises NothingToSee for a model without attention.
    """
    if model.spec.family != "transformer":
        raise NothingToSee("An LSTM has no attention to follow. Look at who sees whom: it is measured for any model.")
    layers, weights, _, _ = weights_of(model, tokens)
    stacks: dict[str, list[int]] = {}
    for number, (_, name) in enumerate(layers):
        stacks.setdefault(name.rsplit(" ", 1)[0], []).append(number)
    return {name if len(stacks) > 1 else "all": weights[numbers] for name, numbers in stacks.items()}


def rollout_of(model: Model, tokens: np.ndarray, longest: int, first: int = 0) -> Picture:
    """Array "rollout" (L, T, S): row t of a layer tells where word t has come from by then; stacks one after the other.

    Of a longer sentence the window from word `first` on. notes: "layers".
    """
    found = {name: rollout(weights) for name, weights in stacks_of(model, tokens).items()}
    start = max(0, min(first, len(tokens) - longest))
    window = slice(start, start + longest)
    through = np.concatenate([*found.values()])[:, window, window]
    layers = [f"{'layer' if name == 'all' else name} {n + 1}" for name, one in found.items() for n in range(len(one))]
    arrays = {"rollout": through.astype(np.float32)}
    return Picture((), arrays, {"rollout": ("L", "T", "S")}, {"layers": layers, "first": start})


def flow_of(model: Model, tokens: np.ndarray, word: int = -1) -> Picture:
    """Array "flow" (N, S): the largest flow from the top down to each word, from every word where that is quick.

    `word`: from which, the last one at first. notes: "words" (N,), the places that the rows are of. Of two stacks the
    flow is that of both, half each: neither reads what the other does.
    """
    T = len(tokens)
    if not -T <= word < T:
        raise NothingToSee(f"There is no word {word + 1} in a sentence of {T}.")
    stacks = stacks_of(model, tokens)
    words = list(range(T)) if all(affordable(one) for one in stacks.values()) else [word % T]
    through = np.mean([flow(one, words) for one in stacks.values()], axis=0)
    return Picture((), {"flow": through.astype(np.float32)}, {"flow": ("N", "S")}, {"words": words})
