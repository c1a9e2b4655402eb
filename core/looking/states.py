"""Hidden states: where each layer puts the words, as the flattest honest picture (principal components)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.data.contract import IGNORE, Batch, Source
from core.looking.asked import asked
from core.looking.attention import NothingToSee
from core.looking.hidden import in_halves, layers_of
from core.looking.pca import pca, turn
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.tap import tapped
from core.picture import Picture

SENTENCES = 300  # held-out sentences that give the background
POINTS = 400  # of their words, unless more are asked for
MOST = 2000
WORDS_SHOWN = ("asked", "every")
AROUND = 6  # words shown on each side of a point
AT_ONCE = 32  # sentences in one pass, so that little memory is needed


def states(
    model: Model, source: Source, tokens: np.ndarray, dimensions: int = 2, of: str = "asked", most: int = POINTS
) -> Picture:
    """PCA of every layer, fit on words of held-out sentences; the sentence's own words are put among them.

    `of`: the words that are "asked" (scored), or "every" word; at most `most`. "points" (L, N, C) and "own" (L, T, C)
    in C = 2 or 3 `dimensions`; "explained" (L, C), the share of each layer's variance that its components hold (before
    being turned onto the neighbouring layer's, which keeps the sum); to colour by, (N,) each: "label" and "answer", the
    truth (IGNORE where nothing is asked) and what the model says, "token" and "place". notes: "layers", with both
    directions before and after they meet, and the "directions" of each; "classes", "words" of the points, and
    "sentences" with each point's word in brackets.
    """
    if dimensions not in (2, 3) or of not in WORDS_SHOWN or not 1 <= most <= MOST:
        raise NothingToSee(f"A picture has 2 or 3 dimensions, of asked or every word, 1 to {MOST} of them.")
    batch, rows, places = scored_words(model, source, most) if of == "asked" else every_word(model, source, most)
    layers, answers = _hidden(model, batch, rows, places)
    points, own, explained = [], [], []
    for background, (_, here) in zip(layers.values(), own_states(model, tokens), strict=True):
        mean, directions, share = pca(background, dimensions)
        points.append((background - mean) @ directions.T)  # (N, C)
        own.append((here - mean) @ directions.T)  # (T, C)
        explained.append(share)
    for layer in range(len(points) - 2, -1, -1):  # from the last layer down
        r = turn(points[layer], points[layer + 1])
        points[layer], own[layer] = points[layer] @ r, own[layer] @ r
    arrays = {"points": np.stack(points), "own": np.stack(own), "explained": np.stack(explained), "answer": answers}
    arrays["label"] = batch.labels[rows, places] if batch.answers is None else batch.answers[rows]
    arrays |= {"token": batch.tokens[rows, places], "place": places}
    axes: dict[str, tuple[str, ...]] = dict.fromkeys(arrays, ("N",))
    axes |= {"points": ("L", "N", "C"), "own": ("L", "T", "C"), "explained": ("L", "C")}
    sentences = [_around(source, batch.real(row), place) for row, place in zip(rows, places, strict=True)]
    words = [source.words[token] for token in arrays["token"]]
    notes = {"layers": list(layers), "classes": list(source.classes), "sentences": sentences, "words": words}
    notes["directions"] = [way_of(name, model.spec.direction) for name in layers]
    return Picture((), arrays, axes, notes)


def way_of(layer: str, direction: str) -> str:
    """The side that a layer's state has read, by its name: of two that meet, each before it, and "both" after."""
    ways = ("left-to-right", "right-to-left")
    return next((way for way in ways if way in layer), direction)


def own_states(model: Model, tokens: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """(name, states (T, ·) in float64) of every layer for one sentence (T,)."""
    with still(model), torch.no_grad(), tapped(model) as seen:
        model(sentence(model, tokens))
    return [(name, one[0].double().cpu().numpy()) for name, one in layers_of(seen, in_halves(model))]


def every_word(model: Model, source: Source, most: int) -> tuple[Batch, np.ndarray, np.ndarray]:
    """Held-out sentences as the model is asked about them, and rows and places (N,) of up to `most` of all words."""
    batch, _, _ = scored_words(model, source, 1)
    B, T = batch.tokens.shape
    lengths = np.full(B, T) if batch.lengths is None else batch.lengths
    rows, places = np.nonzero(np.arange(T) < lengths[:, None])
    some = np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)
    return batch, rows[some], places[some]


def scored_words(model: Model, source: Source, most: int = POINTS) -> tuple[Batch, np.ndarray, np.ndarray]:
    """Held-out sentences as the model is asked about them, and rows and places (N,) of up to `most` scored words.

    Where a sentence is asked for its class, the word whose state speaks for it; for the mean of all, the middle one.
    """
    batch = asked(model, source, SENTENCES, one_a_word=True)
    if batch.answers is not None:  # one answer for the whole sentence
        rows = np.arange(min(most, len(batch.tokens)))
        ends = np.full(len(rows), batch.tokens.shape[1]) if batch.lengths is None else batch.lengths[rows]
        read = {"mean": ends // 2, "last": ends - 1}.get(model.spec.pool, np.zeros_like(ends))
        return batch, rows, read
    rows, places = np.nonzero(batch.labels != IGNORE)
    some = np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)
    return batch, rows[some], places[some]


def _hidden(
    model: Model, batch: Batch, rows: np.ndarray, places: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """States of the scored words by layer, {name: (N, D)}, and the model's answers (N,)."""
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
        for name, one in layers_of(seen, in_halves(model)):
            parts.setdefault(name, []).append(one[row, place])
    return {name: torch.cat(part).double().cpu().numpy() for name, part in parts.items()}, torch.cat(
        answers
    ).cpu().numpy()


def _around(source: Source, tokens: np.ndarray, place: int) -> str:
    """The words around one place, the one there in brackets."""
    words = [f"[{source.words[token]}]" if t == place else source.words[token] for t, token in enumerate(tokens)]
    return " ".join(words[max(0, place - AROUND) : place + AROUND + 1])
