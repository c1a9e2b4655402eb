"""Hidden states: where each layer puts the words, as the flattest honest picture (principal components)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.data.batches import frame
from core.data.contract import IGNORE, Batch, Source
from core.looking.attention import layer_names
from core.looking.pca import pca, turn
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.tap import tapped
from core.parts.objective import OF_PAIRS
from core.picture import Picture
from core.spec import OBJECTIVE_OF, ObjectiveSpec

SENTENCES = 300  # held-out sentences that give the background
POINTS = 400  # of their scored words, at most
AROUND = 6  # words shown on each side of a point
LOOKED_AT = {"two-way-lm": "next-word", "prefix-lm": "next-word", "permutation-lm": "masked-word"}  # one answer a word
AT_ONCE = 32  # sentences in one pass, so that little memory is needed


def states(model: Model, source: Source, tokens: np.ndarray) -> Picture:
    """PCA of every layer, fit on the scored words of held-out sentences; the sentence's own words are put among them.

    "points" (L, N, C) and "own" (L, T, C) in C = 2 dimensions; "explained" (L, C), the share of each layer's
    variance that its two components hold (before being turned onto the neighbouring layer's, which keeps the sum);
    "label" and "answer" (N,): the truth and what the model says. notes: "layers", "classes", and "sentences" with each
    point's word in brackets.
    """
    batch, rows, places = scored_words(model, source)
    layers, answers = _hidden(model, batch, rows, places)
    with still(model), torch.no_grad(), tapped(model) as seen:
        model(sentence(model, tokens))
    points, own, explained = [], [], []
    for path, background in layers.items():
        mean, directions, share = pca(background)
        points.append((background - mean) @ directions.T)  # (N, C)
        own.append((seen[path][0].double().cpu().numpy() - mean) @ directions.T)  # (T, C)
        explained.append(share)
    for layer in range(len(points) - 2, -1, -1):  # from the last layer down
        r = turn(points[layer], points[layer + 1])
        points[layer], own[layer] = points[layer] @ r, own[layer] @ r
    arrays = {"points": np.stack(points), "own": np.stack(own), "explained": np.stack(explained), "answer": answers}
    arrays["label"] = batch.labels[rows, places] if batch.answers is None else batch.answers[rows]
    axes = {
        "points": ("L", "N", "C"),
        "own": ("L", "T", "C"),
        "explained": ("L", "C"),
        "answer": ("N",),
        "label": ("N",),
    }
    readable = {"embedding": "embedding", **dict(layer_names(seen, "state")), "joined": "before the answer"}
    sentences = [_around(source, batch.real(row), place) for row, place in zip(rows, places, strict=True)]
    notes = {"layers": [readable[path] for path in layers], "classes": list(source.classes), "sentences": sentences}
    return Picture((), arrays, axes, notes)


def scored_words(model: Model, source: Source) -> tuple[Batch, np.ndarray, np.ndarray]:
    """Held-out sentences as the model is asked about them, and rows and places (N,) of up to POINTS scored words.

    Where a sentence is asked for its class, the word whose state speaks for it; for the mean of all, the middle one.
    """
    batch = source.held_out(SENTENCES)
    if model.objective in OF_PAIRS:
        batch = frame(ObjectiveSpec(model.objective), batch, np.random.default_rng(0), len(source.words))
    if batch.answers is not None:  # one answer for the whole sentence
        rows = np.arange(min(POINTS, len(batch.tokens)))
        ends = np.full(len(rows), batch.tokens.shape[1]) if batch.lengths is None else batch.lengths[rows]
        read = {"mean": ends // 2, "last": ends - 1}.get(model.spec.pool, np.zeros_like(ends))
        return batch, rows, read
    if (batch.labels == IGNORE).all():  # plain text: the objective sets the labels
        objective = ObjectiveSpec(LOOKED_AT.get(model.objective, model.objective or OBJECTIVE_OF[model.spec.direction]))
        batch = frame(objective, batch, np.random.default_rng(0), len(source.words))
    rows, places = np.nonzero(batch.labels != IGNORE)
    some = np.linspace(0, len(rows) - 1, min(POINTS, len(rows))).astype(int)
    return batch, rows[some], places[some]


def _hidden(
    model: Model, batch: Batch, rows: np.ndarray, places: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """States of the scored words by layer, {path: (N, D)}, and the model's answers (N,)."""
    parts: dict[str, list[Tensor]] = {}
    answers = []
    for first in range(0, int(rows.max()) + 1, AT_ONCE):
        here = (rows >= first) & (rows < first + AT_ONCE)
        row, place = torch.from_numpy(rows[here] - first), torch.from_numpy(places[here])
        with still(model), torch.no_grad(), tapped(model) as seen:
            part = batch.rows(slice(first, first + AT_ONCE))
            lengths = None if part.lengths is None else torch.from_numpy(part.lengths)
            output = model(sentence(model, part.tokens), lengths=lengths)  # logits (B, T, K)
            whole = None if part.answers is None else model.read_out(model.pool(output.states, lengths))
        answers.append((output.logits[row, place] if whole is None else whole[row]).argmax(-1))
        for path in ("embedding", *(path for path, _ in layer_names(seen, "state")), "joined"):
            parts.setdefault(path, []).append(seen[path][row, place])
    return {path: torch.cat(part).double().cpu().numpy() for path, part in parts.items()}, torch.cat(
        answers
    ).cpu().numpy()


def _around(source: Source, tokens: np.ndarray, place: int) -> str:
    """The words around one place, the one there in brackets."""
    words = [f"[{source.words[token]}]" if t == place else source.words[token] for t, token in enumerate(tokens)]
    return " ".join(words[max(0, place - AROUND) : place + AROUND + 1])
