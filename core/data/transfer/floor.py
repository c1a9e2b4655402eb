"""The least loss that any model can have on these sentences: every hidden cause is enumerated, on the very same ones.

A sentence stands alone between its marks, so its causes are all that its words have in common (compare
`core.data.floors`, where windows begin anywhere in a text). A loss below this is a leak, not a success.
"""

from __future__ import annotations

import numpy as np

from core.data.contract import IGNORE, Batch
from core.data.transfer.language import BEFORE, LENGTH, language
from core.parts.objective import ObjectiveSpec
from core.text import MASK

CHUNK = 64  # sentences at a time


def least_loss(objective: ObjectiveSpec, batch: Batch) -> float:
    """Mean loss in nats at the scored places of framed sentences (B, T), for the best possible reader."""
    table = language().transpose(2, 1, 0)  # (V, places, causes)
    parts = (batch.rows(slice(start, start + CHUNK)) for start in range(0, len(batch.tokens), CHUNK))
    return float(np.concatenate([-np.log(_likelihoods(objective, part, table)) for part in parts]).mean())


def _likelihoods(objective: ObjectiveSpec, batch: Batch, table: np.ndarray) -> np.ndarray:
    """(N,) probability of each true answer, given all that the best reader may see."""
    if objective.name == "masked-word":
        return _filled(objective, batch.tokens, batch.labels, table)
    if objective.name == "previous-word":
        whole = np.hstack([batch.labels[:, :1], batch.tokens])
        return _next(_spelled(whole, table)[:, ::-1])
    return _next(_spelled(np.hstack([batch.tokens, batch.labels[:, -1:]]), table))


def _spelled(tokens: np.ndarray, table: np.ndarray) -> np.ndarray:
    """(B, T, causes) probability of each token at its place."""
    chances: np.ndarray = table[tokens, np.arange(LENGTH)]
    return chances


def _next(chances: np.ndarray) -> np.ndarray:
    """(N,) probability of each token of (B, T, causes) but the first, given those before it in reading order."""
    upto = chances.cumprod(1).sum(2)
    likelihoods: np.ndarray = upto[:, 1:] / upto[:, :-1]
    return likelihoods.reshape(-1)


def _filled(objective: ObjectiveSpec, tokens: np.ndarray, labels: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Probability of each true word at the chosen places, given all that is shown.

    Of n words each is chosen with probability `mask_rate`, and one of them at random where none was: the reader allows
    for both ways in which a place can have come to be asked.
    """
    rate, kept = objective.mask_rate, 1 - objective.hidden - objective.swapped
    by_chance = objective.swapped / (len(table) - BEFORE)  # any word, shown instead
    inner, n = slice(1, -1), LENGTH - 2
    truth, shown = labels[:, inner], tokens[:, inner]  # (B, n)
    asked, blank = truth != IGNORE, shown == MASK
    seen = table[shown, np.arange(1, n + 1)]  # (B, n, causes); 0 for a blank
    as_chosen = np.where(blank[..., None], objective.hidden, by_chance + kept * seen)
    either = _others((1 - rate) * seen + rate * as_chosen)
    alone = _others(seen)  # nobody else was chosen
    causes = rate * either + (1 - rate) ** n / n * alone  # (B, n, causes) how likely all the rest is
    fits = (causes * table[np.where(asked, truth, MASK), np.arange(1, n + 1)]).sum(2)
    right = fits * np.where(blank, objective.hidden, by_chance + kept * (shown == truth))
    likelihoods: np.ndarray = right[asked] / (causes * as_chosen).sum(2)[asked]
    return likelihoods


def _others(chances: np.ndarray) -> np.ndarray:
    """(B, n, causes) for each place the product over all other places."""
    one = np.ones_like(chances[:, :1])
    before = np.concatenate([one, chances[:, :-1].cumprod(1)], axis=1)
    after = np.concatenate([one, chances[:, :0:-1].cumprod(1)], axis=1)[:, ::-1]
    return np.asarray(before * after)
