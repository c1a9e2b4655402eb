"""Which word comes next: the likeliest, or one drawn by chance from those that are likely enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """`temperature` 0 takes the likeliest word; 1 draws as the model believes, more is bolder.

    After the temperature, `top_k` keeps the k likeliest words only (Fan et al. 2018, section 5.4), then `top_p` the
    fewest that hold that share of the probability (nucleus sampling, Holtzman et al. 2020, section 3.1).
    """

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float = 1.0


def chances(log_probabilities: np.ndarray, choice: Choice) -> np.ndarray:
    """(…, V) -> (…, V) probabilities to draw from, in float64; temperature 0 is not asked for here."""
    scores = np.array(log_probabilities, dtype=np.float64) / choice.temperature
    if choice.top_k is not None and choice.top_k < scores.shape[-1]:
        least = -np.partition(-scores, choice.top_k - 1, axis=-1)[..., choice.top_k - 1, None]
        scores[scores < least] = -np.inf
    heated: np.ndarray = np.exp(scores - scores.max(-1, keepdims=True))
    heated /= heated.sum(-1, keepdims=True)
    if choice.top_p < 1:
        order = np.argsort(-heated, axis=-1, kind="stable")
        sorted_ = np.take_along_axis(heated, order, -1)
        enough = sorted_.cumsum(-1) - sorted_ >= choice.top_p  # the likelier ones hold the share already
        np.put_along_axis(heated, order, np.where(enough, 0.0, sorted_), -1)
        heated /= heated.sum(-1, keepdims=True)
    return heated


def choose(log_probabilities: np.ndarray, choice: Choice, rng: np.random.Generator) -> int:
    """The next word, from (V,) log-probabilities; drawn by the inverse of the cumulative distribution."""
    if choice.temperature == 0:
        return int(log_probabilities.argmax())
    summed = chances(log_probabilities, choice).cumsum()
    return int(np.searchsorted(summed, rng.random() * summed[-1], side="right"))
