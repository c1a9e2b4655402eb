"""More of an encoder–decoder: who sees whom in it, its hidden states, and what it writes without some of its heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.batches import frame
from core.data.contract import Batch, Source
from core.data.writing import taught
from core.looking.ablation import JUDGED, heads_of, without
from core.looking.asking import Memo, recalled
from core.looking.attention import NothingToSee
from core.looking.hidden import Hidden, layers_of_pair
from core.looking.influence import AT_ONCE, BUDGET, FEWEST, probes
from core.looking.pca import pca, turn
from core.looking.still import sentence, still
from core.models.cross import Encoded
from core.models.direction import visible
from core.models.greedy import translations
from core.models.seq2seq import Seq2Seq
from core.objectives import evaluate
from core.parts.objective import ObjectiveSpec
from core.picture import Picture
from core.text import END, START


def influence_of_pair(model: Seq2Seq, source: Source, ids: np.ndarray) -> Picture:
    """Jacobian norms of what is written: how strongly each decoder state depends on each word.

    ids (S,). "source" (U, S): on the words that were read; "written" (U, U): on the words that the decoder was given,
    in its own order; "encoder" (S, S): states of the encoder on its words; "allowed" (U, U) bool. The translation is
    the model's own. notes: "source", "given" and "answers" (U words: what each state is given, and writes),
    "largest_forbidden", and "directions" of "of" as for readers.
    """
    if model.together:
        raise NothingToSee(
            "The two directions of this decoder listen to each other while they write, so what one word sees depends "
            "on both at once. Choose a decoder of one direction, or look at what it attends to."
        )
    direction = model.directions[0]
    written, _ = translation(model, ids)
    words = written[::-1] if direction == "right-to-left" else written
    blanks = model.words_ahead is not None
    given = ([*words, END] if blanks else [START, *words])[: model.length]
    answers = [*words, END][: model.length]
    read = model.encoder.embed(sentence(model, ids)).detach()  # (1, S, D)
    told = model.embed(sentence(model, np.array(given))).detach()  # (1, U, D)
    D = model.spec.sizes.width
    axes = probes(D, _affordable(model, read.shape[1] + told.shape[1], len(given), D)).to(read)
    of_source, of_written = _squares(model, read, told, direction, axes)
    encoder = _encoder_squares(model, read, axes)
    allowed = visible(model.spec.decoder.direction, len(given), model.spec.window)
    arrays = {"source": of_source, "written": of_written, "encoder": encoder}
    arrays = {name: np.sqrt(one.mean(1) * D).astype(np.float32) for name, one in arrays.items()}
    forbidden = arrays["written"][~allowed]
    names = source.words
    notes = {
        "source": [getattr(source, "source_words", names)[one] for one in ids],
        "given": [names[one] for one in given],
        "answers": [names[one] for one in answers],
        "direction": direction,
        "largest_forbidden": float(forbidden.max()) if forbidden.size else None,
        "directions": len(axes),
        "of": D,
    }
    letters: dict[str, tuple[str, ...]] = {
        "source": ("U", "S"),
        "written": ("U", "U"),
        "encoder": ("S", "S"),
        "allowed": ("U", "U"),
    }
    words_shown = tuple(names[one] for one in written)
    return Picture(words_shown, {**arrays, "allowed": allowed}, letters, notes)


def translation(model: Seq2Seq, ids: np.ndarray) -> tuple[list[int], list[float]]:
    """The model's own translation in reading order, and how sure it is of each word."""
    pair = np.asarray(ids, dtype=np.int64)[None]
    return translations(model, Batch(pair, pair, source=pair))[0]


def _affordable(model: Seq2Seq, words: int, T: int, D: int) -> int:
    """How many directions of each state fit into the budget, at most D; every product is a pass both ways."""
    weights = sum(one.numel() for name, one in model.named_parameters() if "words" not in name)
    return int(np.clip(BUDGET / (T * 6 * words * weights), min(FEWEST, D), D))


def _squares(model: Seq2Seq, read: Tensor, told: Tensor, direction: str, axes: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """‖vᵀ ∂h_u/∂e‖² by source word (U, k, S) and by given word (U, k, U): one copy of the pair for each product."""
    U, k = told.shape[1], len(axes)
    decoder, name = model.decoder_of(direction)
    found: list[tuple[Tensor, Tensor]] = []
    for u, v in _products(U, k, read.numel() + told.numel()):
        source, written = (one.repeat(len(u), 1, 1).requires_grad_() for one in (read, told))
        with still(model), torch.enable_grad():
            encoded: Encoded = model.encoder(source, None, model.tap.at("encoder"))
            states = decoder(written, decoder.begin(encoded, direction), model.tap.at(name), None)  # (N, U, D)
            asked = (states[torch.arange(len(u)), u] * axes[v]).sum()
        gradients = torch.autograd.grad(asked, (source, written))
        found.append((gradients[0].square().sum(-1), gradients[1].square().sum(-1)))
    first, second = (torch.cat(one).view(U, k, -1).double().cpu().numpy() for one in zip(*found, strict=True))
    return first, second


def _encoder_squares(model: Seq2Seq, read: Tensor, axes: Tensor) -> np.ndarray:
    """The same within the encoder, (S, k, S); of states of both directions side by side, the mean over both."""
    S, k = read.shape[1], len(axes)
    found = []
    for s, v in _products(S, k, read.numel()):
        source = read.repeat(len(s), 1, 1).requires_grad_()
        with still(model), torch.enable_grad():
            states = torch.cat(model.encoder(source, None, model.tap).states, dim=-1)  # (N, S, D')
            shares = states.unflatten(-1, (-1, axes.shape[-1]))[torch.arange(len(s)), s]  # (N, D'/D, D)
            total = source.new_zeros(len(s), S)
            for part in range(shares.shape[1]):
                asked = (shares[:, part] * axes[v]).sum()
                (gradient,) = torch.autograd.grad(asked, source, retain_graph=True)
                total = total + gradient.square().sum(-1)
        found.append(total)
    return torch.cat(found).view(S, k, S).double().cpu().numpy()  # type: ignore[no-any-return]


def _products(T: int, k: int, size: int) -> list[tuple[Tensor, Tensor]]:
    """(word, direction) of each product, in batches that fit into memory."""
    chunk = max(1, AT_ONCE // size)
    numbers = torch.arange(T * k)
    return [(some // k, some % k) for some in numbers.split(chunk)]


def states_of_pair(
    model: Seq2Seq,
    source: Source,
    ids: np.ndarray,
    memo: Memo,
    part: str = "encoder",
    dimensions: int = 2,
    most: int = 400,
) -> Picture:
    """PCA of every layer of the encoder, or of the decoder as it is given the true words; see `states.states`.

    "own" (L, T, C) are the source's words, or what the decoder was given of the model's own translation. To colour by,
    (N,): "token", "place" and "label", the word that a decoder state is asked for.
    """
    if dimensions not in (2, 3):
        raise NothingToSee("A picture has 2 or 3 dimensions.")
    others = recalled(memo, model, source, part)
    flat, rows, places = others.flat(most)
    batch = Batch(ids[None], ids[None], source=ids[None]) if part == "encoder" else own_pair(model, source, ids)
    with still(model), torch.no_grad():
        mine = [one[0].double().cpu().numpy() for _, one in layers_of_pair(model, batch, part)]
    points, own, explained = [], [], []
    for background, here in zip(flat, mine, strict=True):
        mean, directions, share = pca(background.astype(np.float64), dimensions)
        points.append((background - mean) @ directions.T)
        own.append((here - mean) @ directions.T)
        explained.append(share)
    for layer in range(len(points) - 2, -1, -1):
        r = turn(points[layer], points[layer + 1])
        points[layer], own[layer] = points[layer] @ r, own[layer] @ r
    tokens = batch.tokens[0, : len(mine[0])]
    arrays = {"points": np.stack(points), "own": np.stack(own), "explained": np.stack(explained)}
    arrays |= {"token": others.tokens[rows, places], "place": places, "label": others.labels[rows, places]}
    axes: dict[str, tuple[str, ...]] = dict.fromkeys(arrays, ("N",))
    axes |= {"points": ("L", "N", "C"), "own": ("L", "T", "C"), "explained": ("L", "C")}
    return Picture(tuple(others.words[one] for one in tokens), arrays, axes, _told(others, source, rows, places))


def _told(others: Hidden, source: Source, rows: np.ndarray, places: np.ndarray) -> dict[str, Any]:
    sentences = [others.around(int(row), int(place)) for row, place in zip(rows, places, strict=True)]
    words = [others.words[token] for token in others.tokens[rows, places]]
    return {"layers": others.names, "classes": list(source.classes), "sentences": sentences, "words": words}


def own_pair(model: Seq2Seq, source: Source, ids: np.ndarray) -> Batch:
    """A source sentence and the model's own translation, as a decoder is given it."""
    words = [*translation(model, ids)[0][: model.length - 1], END]
    target = np.array([words])
    lengths = np.array([len(words)])
    pair = Batch(target, target, lengths=lengths, source=ids[None], source_lengths=np.array([len(ids)]))
    return taught(pair, model.spec.writes, np.random.default_rng(0))


def ablation_of_pair(model: Seq2Seq, source: Source, ids: np.ndarray, heads: Sequence[Sequence[Any]] = ()) -> Picture:
    """What the model writes without `heads`, [[stack, layer, head], …]; stacks as in notes["stacks"].

    "sure" (T,) of each word that it writes with all heads. notes: "source", "written" and "without", the translations
    with and without; "loss" and "accuracy" on held-out pairs, before and after; "stacks": {name: [layers, heads]}.
    """
    stacks = {name: [layers, count] for name, layers, count in heads_of(model)}
    if not stacks:
        raise NothingToSee("An LSTM's cross-attention has no heads to switch off: it looks once for each word.")
    if any(len(one) != 3 for one in heads):
        raise NothingToSee(f"A head is named by its stack ({', '.join(stacks)}), its layer and its number.")
    off = [(str(stack), int(layer), int(head)) for stack, layer, head in heads]
    words, sure = translation(model, ids)
    batch = frame(ObjectiveSpec("translate"), source.held_out(JUDGED), np.random.default_rng(0), len(source.words))
    batch, device = taught(batch, model.spec.writes, np.random.default_rng(0)), model.words.weight.device
    before = evaluate(model, batch, device)
    with without(model, off):
        less, after = translation(model, ids)[0], evaluate(model, batch, device)
    notes: dict[str, Any] = {name: [before[name], after[name]] for name in ("loss", "accuracy")}
    notes |= {
        "source": [getattr(source, "source_words", source.words)[one] for one in ids],
        "written": [source.words[one] for one in words],
        "without": [source.words[one] for one in less],
        "heads": [list(one) for one in off],
        "stacks": stacks,
        "judged on": len(batch.tokens),
    }
    tokens = tuple(source.words[one] for one in words)
    return Picture(tokens, {"sure": np.array(sure, np.float32)}, {"sure": ("T",)}, notes)
