"""Which words is one answer due to? Three ways, from the cheapest to the most careful.

Each gives every word s a number: how much of the answer's score f, its logit, is due to word s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.data.contract import Source
from core.generation import sees_of
from core.looking.answers import WORDLESS
from core.looking.attention import NothingToSee
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.tap import tapped
from core.picture import Picture
from core.text import MASK, SPECIAL

NODES = 48  # points on the way from nothing to the sentence
BASELINES = ("average", "blank", "zero")

METHODS = {
    "gradient × input": "Σ_d e_sd · ∂f/∂e_sd: how fast the score rises as the word is turned up.",
    "integrated gradients": "The same, averaged over the whole way from nothing to the word (Sundararajan 2017).",
    "occlusion": "f with the word minus f with a blank in its place, in a game an average word (Zeiler & Fergus 2014).",
}


def saliency(
    model: Model, source: Source, tokens: np.ndarray, word: int = -1, answer: str = "", baseline: str = "average"
) -> Picture:
    """ "gradient × input", "integrated gradients" and "occlusion" (T,) each, for one answer of one word.

    `word`: whose answer, the last one at first; of no account where the whole sentence is asked. `answer`: of which
    class, the model's own at first. `baseline`: what integrated gradients come from, at every place the "average" of
    all word vectors, a "blank" ([mask]; text only) or "zero", no vector at all: a layer norm blows up what is near
    zero, so most of the way lies in the first step there, and the error is large. notes: "word", "answer", its
    "score", "from" (the baseline's score), and "error": |Σ integrated gradients − (score − from)|, which would be 0
    with infinitely many points (completeness).
    """
    T = len(tokens)
    if not -T <= word < T:
        raise NothingToSee(f"There is no word {word + 1} in a sentence of {T}.")
    names = _names(model, source)
    if answer and answer not in names:
        raise NothingToSee(f"“{answer}” is not an answer of this model.")
    word %= T
    with still(model), torch.no_grad():
        embedded = model.embed(sentence(model, tokens))  # (1, T, D)
        chosen = names.index(answer) if answer else int(_score(model, tokens, word)(embedded)[0].argmax())
    score = _score(model, tokens, word, chosen)
    before = _baseline(model, source, tokens, embedded, baseline)
    by_gradient = _gradients(model, score, embedded) * embedded
    by_path = integrated(model, score, embedded, before)
    with still(model), torch.no_grad():
        whole, nothing = (float(score(one)) for one in (embedded, before))
        less = score(_occluded(model, source, tokens, embedded))  # (T,)
    arrays = {
        "gradient × input": by_gradient[0].sum(-1),
        "integrated gradients": by_path.sum(-1),
        "occlusion": whole - less,
    }
    notes: dict[str, Any] = {"word": None if model.objective in WORDLESS else word, "answer": names[chosen]}
    notes |= {"score": whole, "from": nothing, "baseline": baseline, "methods": METHODS}
    notes["error"] = abs(float(by_path.sum()) - (whole - nothing))
    plain = {name: one.float().cpu().numpy() for name, one in arrays.items()}
    return Picture((), plain, dict.fromkeys(arrays, ("T",)), notes)


def _names(model: Model, source: Source) -> list[str]:
    scores = (model.filler or model.read_out).scores.weight.shape[0]
    return list(source.classes if scores == len(source.classes) else source.words)


def _score(model: Model, tokens: np.ndarray, word: int, chosen: int | None = None) -> Callable[[Tensor], Tensor]:
    """f: embeddings (B, T, D) -> the chosen answer's logit (B,) at the word; without a choice all logits (B, K)."""
    sees = sees_of(model, tokens)

    def score(embedded: Tensor) -> Tensor:
        states = model.encode(embedded, sees=sees)
        if model.objective in WORDLESS:
            logits = model.read_out(model.pool(states))
        else:
            logits = (model.filler or model.read_out)(model.read(states)[:, word])
        picked: Tensor = logits if chosen is None else logits[:, chosen]
        return picked

    return score


def _gradients(model: Model, score: Callable[[Tensor], Tensor], embedded: Tensor) -> Tensor:
    """∂f/∂e of each row (B, T, D)."""
    given = embedded.detach().requires_grad_()
    with still(model), torch.enable_grad(), tapped(model):  # tapped: the readable arithmetic, exact derivatives
        gradient: Tensor = torch.autograd.grad(score(given).sum(), given)[0]
    return gradient


def integrated(model: Model, score: Callable[[Tensor], Tensor], embedded: Tensor, before: Tensor) -> Tensor:
    """(T, D) (e − e′) ∫₀¹ ∂f/∂e (e′ + α(e − e′)) dα, by Gauss and Legendre's rule with NODES points in one batch."""
    points, weights = np.polynomial.legendre.leggauss(NODES)  # on −1…1
    alpha, weight = (torch.from_numpy(one).to(embedded)[:, None, None] for one in ((points + 1) / 2, weights / 2))
    gradients = _gradients(model, score, before + alpha * (embedded - before))  # (NODES, T, D)
    mean: Tensor = (gradients * weight).sum(0) * (embedded - before)[0]
    return mean


def _baseline(model: Model, source: Source, tokens: np.ndarray, embedded: Tensor, kind: str) -> Tensor:
    """(1, T, D): the way's start."""
    if kind not in BASELINES:
        raise NothingToSee(f"A baseline is one of {', '.join(BASELINES)}.")
    if kind == "zero":
        return torch.zeros_like(embedded)
    if kind == "average":
        return _average(model, tokens)
    if not _has_blank(source):
        raise NothingToSee("This game has no blank. Take the average word as baseline.")
    with still(model), torch.no_grad():
        return model.embed(sentence(model, np.full_like(tokens, MASK)))


def _average(model: Model, tokens: np.ndarray) -> Tensor:
    """(1, T, D): the mean of all word vectors at every place."""

    def mean(part: nn.Module, given: tuple[Tensor, ...], vectors: Tensor) -> Tensor:
        return model.words.weight.mean(0).expand_as(vectors)

    hook = model.words.register_forward_hook(mean)
    with still(model), torch.no_grad():
        embedded = model.embed(sentence(model, tokens))
    hook.remove()
    return embedded


def _has_blank(source: Source) -> bool:
    return source.words[MASK] == SPECIAL[MASK]


def _occluded(model: Model, source: Source, tokens: np.ndarray, embedded: Tensor) -> Tensor:
    """(T, T, D): row s has a blank in place of word s, in a game the average word."""
    T = len(tokens)
    if _has_blank(source):
        rows = np.tile(tokens, (T, 1))
        np.fill_diagonal(rows, MASK)
        return model.embed(sentence(model, rows))
    here = torch.eye(T, dtype=torch.bool, device=embedded.device)[..., None]
    return torch.where(here, _average(model, tokens), embedded)
