"""How large a model is and what it costs, by arithmetic on its spec: nothing is built and torch is not needed.

FLOPs count the matrix products of one forward pass, a multiplication and an addition as 2, per token of the sequence;
attention counts the words that may be seen. Element-wise work (norms, activations, sums) is below a few per cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.data.contract import IGNORE
from core.data.labels.own import OwnLabels
from core.data.writing import taught
from core.models.direction import visible
from core.parts.objective import OF_WHOLE
from core.spec import DIRECTIONS, Experiment, ModelSpec

FLOAT = 4  # bytes of a float32
CELL_KEEPS = 18  # numbers per unit of width: gates, cell and state, and room that PyTorch's kernel works in (measured)
LAYERED = ("attention", "feed-forward", "norms")  # parts that a stack has once a layer
COPIES = 4  # weights, gradients, and AdamW's two moments (Loshchilov & Hutter 2019)


@dataclass(frozen=True)
class Part:
    """`parameters` learned numbers, `flops` per token, `kept` numbers per token that wait for the backward pass."""

    name: str
    parameters: int
    flops: float = 0.0
    kept: float = 0.0


@dataclass(frozen=True)
class Memory:
    """Bytes while training. All but `activations` is exact; that one is an estimate from what each layer keeps."""

    weights: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimiser + self.activations


def count(experiment: Experiment, words: int, classes: int, source_words: int | None = None) -> tuple[Part, ...]:
    """The model's parts from bottom to top; their parameters add up to the built model's. V `words`, K `classes`.

    `source_words`: what an encoder reads; None: as many as the data's settings tell, else as many as are written.
    """
    spec, length = experiment.model, experiment.data.settings.length
    D = spec.sizes.width
    if spec.family == "encoder-decoder":
        told = len(getattr(experiment.data.settings, "source_words", ())) or words
        return tuple(_reader_and_writer(experiment, words, source_words or told))
    parts = [Part("word embedding", words * D, kept=D)]
    if spec.family == "transformer" and spec.positions == "learned":
        parts.append(Part("position embedding", max(length, spec.places or 0) * D))
    if kinds := max(experiment.data.settings.kinds, spec.token_types):
        parts.append(Part("token-type embedding", kinds * D))
    if spec.embedding_norm and spec.family == "transformer":
        parts.append(Part("embedding norm", _norm(spec), kept=D))
    parts += _stacks(experiment)
    states = D
    if spec.late:
        states = 2 * D if spec.join == "concat" else D
        if experiment.objective_name != "two-way-lm":  # nothing is joined: one read-out reads both directions in turn
            parts.append(_join(spec.join, D))
    elif spec.family == "lstm" and spec.two_way:
        states = 2 * D
    if spec.pools:
        parts.append(Part("pooler", states * states + states, 2 * states * states / length, 2 * states / length))
    if experiment.objective_name == "masked-and-next":
        of_words = _read_out(spec, states, words, experiment.objective.mask_rate)
        parts.append(replace(of_words, name="read-out of words"))
    read = D if experiment.objective_name == "two-way-lm" else states
    parts.append(_read_out(spec, read, classes, scored_share(experiment)))
    return tuple(parts)


def vocabulary_cost(experiment: Experiment, words: int) -> int:
    """Parameters that a language model has because it tells so many words apart: their vectors, and their scores."""
    return sum(part.parameters for part in count(experiment, words, words)) - sum(
        part.parameters for part in count(experiment, 0, 0)
    )


def memory(experiment: Experiment, parts: tuple[Part, ...]) -> Memory:
    """What training holds at once: weights, gradients, AdamW's moments, and what waits for the backward pass."""
    weights = FLOAT * sum(part.parameters for part in parts)
    train, layers = experiment.resolved().train, experiment.model.sizes.layers
    rows = math.ceil((train.batch or 0) / train.accumulate)
    kept = sum(part.kept for part in parts)
    if train.recompute and experiment.model.family == "transformer":  # one layer at a time, and what entered each
        layered = sum(part.kept for part in parts if part.name.endswith(LAYERED))
        stacks = 2 if experiment.model.late else 1
        kept += layered / layers - layered + stacks * layers * experiment.model.sizes.width
    kept *= FLOAT * rows * experiment.data.settings.length
    return Memory(weights, weights, (COPIES - 2) * weights, round(kept))


def scored_share(experiment: Experiment) -> float:
    """Share of positions with logits: all for the next word, the masked ones for blanks, a game's questions."""
    settings = experiment.data.settings
    if isinstance(settings, OwnLabels):  # its sentences differ in length: a class counts once, a tag for each word
        return 1 / settings.length if experiment.objective_name == "classify" else 1.0
    if not experiment.data.asks_words:
        if experiment.objective_name in OF_WHOLE:
            return 1 / int(experiment.data.settings.length)  # one state speaks for the whole row
        batch = experiment.data.settings.sample(np.random.default_rng(0), 200)
        return float((batch.labels != IGNORE).mean())
    length = experiment.data.settings.length
    shares: dict[str, float] = {
        "masked-word": experiment.objective.mask_rate,
        "permutation-lm": experiment.objective.predicted,
        "two-way-lm": 2 * (length - 1) / length,  # both ways, but for the two edges
        "prefix-lm": (length + 2) / 2 / length,  # a prefix of 1…T−1 words asks for T…2 words
    }
    return shares.get(experiment.objective_name, 1.0)


def _reader_and_writer(experiment: Experiment, words: int, source_words: int) -> Iterator[Part]:
    """An encoder–decoder's parts; FLOPs and what is kept are per token of the target."""
    spec, settings = experiment.model, experiment.data.settings
    T, S, D = settings.length, settings.source_length, spec.sizes.width
    placed = spec.built_of == "transformer" and spec.positions == "learned"
    yield Part("source word embedding", source_words * D, kept=D * S / T)
    if placed:
        yield Part("source position embedding", S * D)
    passes = {f"{one} ": one for one in DIRECTIONS[:2]} if spec.encoder.late else {"": spec.reads}
    for part in (part for name, one in passes.items() for part in _stack(spec.encoder, _in_sight(spec, one, S), name)):
        yield Part(f"encoder {part.name}", part.parameters, part.flops * S / T, part.kept * S / T)
    yield Part("word embedding", words * D, kept=D)
    if placed:
        yield Part("position embedding", T * D)
    crossed, both = spec.crossing == "two-way", spec.writes in ("agreement", "synchronous")
    widths = [D, D] if crossed else [2 * D if spec.encoder.late else D]  # of the states that are looked at
    if spec.writes == "synchronous":
        yield Part("which end", 2 * D)
    names = ("left-to-right", "right-to-left") if spec.writes == "agreement" else ("",)
    for name in names:
        yield from _writer(spec, widths, S, T, f"decoder {name} ".replace("  ", " "))
    if spec.writes == "mask-predict":
        W = sum(widths)
        yield Part("length", (W + 1) * T, 2 * W, 1)
    yield _read_out(spec, D, words, _scored_of_pairs(experiment) if experiment.data.is_made else 1.0 + both)


def _scored_of_pairs(experiment: Experiment) -> float:
    """Answers that a decoder gives, for each of the T places of a target."""
    rng, settings = np.random.default_rng(0), experiment.data.settings
    labels = taught(settings.sample(rng, 200), experiment.model.writes, rng).labels
    return float((labels != IGNORE).sum() / (len(labels) * settings.length))


def _writer(spec: ModelSpec, widths: list[int], S: int, T: int, prefix: str) -> Iterator[Part]:
    """One decoder: what it writes, and what it looks at in S words of the given widths."""
    D, L, n, W = spec.sizes.width, spec.sizes.layers, len(widths), sum(widths)
    rows = 1 + 1 / T if spec.writes == "synchronous" else 1.0  # its halves have an end mark each
    for part in _stack(spec.decoder, _in_sight(spec, spec.decoder.direction, T), prefix):
        yield Part(part.name, part.parameters, part.flops * rows, part.kept * rows)
    if spec.cells == "transformer":
        maps, keys = 2 * n * D * D, 2 * W * D  # query and output; keys and values
        learned = maps + n * D + D + keys + 2 * n * D
        flops = rows * (2 * maps + 4 * S * n * D) + 2 * keys * S / T
        kept = rows * (2 * n * D + 2 * D) + 2 * n * D * S / T
        yield Part(f"{prefix}cross-attention", L * learned, L * flops, L * kept)
        yield Part(f"{prefix}cross norms", L * _norm(spec), kept=L * (2 * D + 2))
        return
    additive = spec.scoring == "additive"
    learned = W * D + n * D + n * (D * D + 2 * D) * additive
    flops = 2 * W * D * S / T + n * 2 * (D * D + D) * additive + 2 * S * (n * D + W)
    yield Part(f"{prefix}start", (W + 1) * 2 * L * D, 4 * W * L * D / T, 2 * L * D / T)
    yield Part(f"{prefix}alignment", learned, flops, n * S * (2 * D * additive + 2) + (n * D + W) * S / T)
    yield Part(f"{prefix}context", (W + D + 1) * D, 2 * (W + D) * D, W + 2 * D)


def _in_sight(spec: ModelSpec, direction: str, length: int) -> float:
    """Words that a word may read, on average."""
    return float(visible(direction, length, spec.window).sum(1).mean())


def _stacks(experiment: Experiment) -> Iterator[Part]:
    spec, length = experiment.model, experiment.data.settings.length
    streams = 2 if experiment.objective_name == "permutation-lm" else 1  # words, and blanks beside them
    if not spec.late:
        for part in _stack(spec, _seen(experiment), ""):
            yield replace(part, flops=streams * part.flops, kept=streams * part.kept)
        return
    for direction in ("left-to-right", "right-to-left"):
        shared = spec.tied and direction == "right-to-left"  # the same weights read a second time
        for part in _stack(spec, _in_sight(spec, direction, length), f"{direction} "):
            yield Part(part.name, 0 if shared else part.parameters, part.flops, part.kept)


def _seen(experiment: Experiment) -> float:
    """Words that a word may read, on average."""
    spec, length = experiment.model, experiment.data.settings.length
    if experiment.objective_name == "permutation-lm":
        return float(length + 1) / 2  # a word those up to its turn, a blank those before it and itself
    counts = visible(spec.direction, length, spec.window).sum(1)  # (T,)
    if experiment.objective_name == "prefix-lm" and experiment.objective.prefix_mask:
        prefixes = np.arange(1, length)[:, None]
        counts = np.minimum(counts, np.maximum(prefixes, np.arange(1, length + 1)))  # the prefix, and what is before
    return float(counts.mean())


def _stack(spec: ModelSpec, seen: float, prefix: str) -> Iterator[Part]:
    if spec.family == "lstm":
        yield _lstm(spec, prefix)
        return
    s = spec.sizes
    D, F, L = s.width, s.feed_forward, s.layers
    shared = 2 * D * (spec.key_heads or s.heads) // s.heads  # keys and values; heads may share them
    maps = D * (D + shared) + D * D  # query, key, value and output
    yield Part(f"{prefix}attention", L * (maps + 2 * D + shared), L * (2 * maps + 4 * seen * D), L * (5 * D + s.heads))
    inner = 2 * F if spec.activation == "swiglu" else F
    yield Part(f"{prefix}feed-forward", L * (D * inner + inner + F * D + D), L * 2 * D * (inner + F), L * (inner + F))
    norms = 2 * L + (spec.norm_place == "pre")
    yield Part(f"{prefix}norms", norms * _norm(spec), kept=norms * (2 * D + 2))


def _norm(spec: ModelSpec) -> int:
    """Numbers that a norm learns: a scale, and for layer norm a shift."""
    return spec.sizes.width if spec.norm == "rms" else 2 * spec.sizes.width


def _lstm(spec: ModelSpec, prefix: str) -> Part:
    """Four gates, each with a map of the word, a map of the state, and two biases, in each layer and pass."""
    D, parameters, products, kept = spec.sizes.width, 0, 0, 0
    passes = 2 if spec.two_way and not spec.late else 1
    for layer in range(spec.sizes.layers):
        given = D if layer == 0 else passes * D
        parameters += passes * (4 * D * (given + D) + 8 * D)
        products += passes * 8 * D * (given + D)
        kept += given + passes * CELL_KEEPS * D
    return Part(f"{prefix}LSTM", parameters, products, kept)


def _join(kind: str, D: int) -> Part:
    if kind in ("gated", "learned"):
        return Part("join", 2 * D * D + D, 4 * D * D, 4 * D)
    return Part("join", 1 if kind == "scalar" else 0, 0.0, 2 * D)


def _read_out(spec: ModelSpec, states: int, classes: int, share: float) -> Part:
    """A hidden layer where there is one, then a score for each answer, at the scored share of places."""
    D, learned, products, kept = spec.sizes.width, 0, 0, states + 2 * classes
    if spec.read_out != "linear":
        learned, products, kept = states * D + D, states * D, kept + 2 * D
        learned += _norm(spec) if spec.read_out == "transform" else 0
    inner = states if spec.read_out == "linear" else D
    table = (
        classes * (spec.read_out != "linear") if spec.tied_words else (inner + 1) * classes
    )  # shared: a bias, or none
    return Part("read-out", learned + table, 2 * (products + inner * classes) * share, kept * share)
