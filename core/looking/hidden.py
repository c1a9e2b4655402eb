"""The hidden states of many held-out sentences, every layer and every word: what probes, neighbours and CKA ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.data.batches import frame
from core.data.contract import IGNORE, Batch, Source
from core.data.writing import taught
from core.looking.attention import layer_names
from core.looking.still import sentence, still
from core.models.build import Model, Network, initialise
from core.models.seq2seq import Seq2Seq
from core.models.tap import tapped
from core.parts.objective import OF_PAIRS, ObjectiveSpec
from core.text import SPECIAL

SENTENCES = 300  # held-out sentences, at most
WORDS = 6000  # of them, at most
NUMBERS = 2**24  # that are kept, at most: 64 MB
AT_ONCE = 32  # sentences in one pass
DRAWN_FROM = 20  # words of random sentences, so that chance is 1/20 (NOTES: natural text tells its neighbours)
PARTS = ("encoder", "decoder")  # of an encoder–decoder


class Hidden(NamedTuple):
    """`states` of each of `names`, (B, T, D) float32; `real` (B, T) is False in the padding.

    `labels` (B, T), IGNORE where nothing is asked; `answers` (B,) one for each sentence, or None; `words` by token.
    """

    names: list[str]
    states: list[np.ndarray]
    tokens: np.ndarray
    real: np.ndarray
    labels: np.ndarray
    answers: np.ndarray | None
    words: tuple[str, ...]

    def flat(self, most: int | None = None) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """The states of real words, (N, D) each, and their rows and places (N,); evenly thinned to `most`."""
        rows, places = np.nonzero(self.real)
        some = np.linspace(0, len(rows) - 1, min(most or len(rows), len(rows))).astype(int)
        rows, places = rows[some], places[some]
        return [one[rows, places] for one in self.states], rows, places

    def around(self, row: int, place: int, by: int = 6) -> str:
        """The words around one, that one in brackets."""
        tokens = self.tokens[row][self.real[row]]
        words = [f"[{self.words[token]}]" if t == place else self.words[token] for t, token in enumerate(tokens)]
        return " ".join(words[max(0, place - by) : place + by + 1])


def hidden(model: Network, source: Source, part: str = "encoder", random: bool = False) -> Hidden:
    """The states of as many held-out sentences as SENTENCES, WORDS and NUMBERS allow; nothing is masked.

    `random`: of sentences of words drawn evenly and independently, where no word tells another. `part` of an
    encoder–decoder: what it reads, or what its first decoder is given of the true translation.
    """
    batch = _drawn(model, source) if random else plain(model, source, part)
    T = batch.tokens.shape[1]
    width = sum(one.shape[-1] for _, one in next(_passes(model, batch.rows(slice(1)), part)))
    rows = max(1, min(len(batch.tokens), WORDS // T, NUMBERS // (T * width)))
    batch = batch.rows(slice(rows))
    parts: dict[str, list[np.ndarray]] = {}
    for layers in _passes(model, batch, part):
        for name, states in layers:
            parts.setdefault(name, []).append(states.float().cpu().numpy())
    lengths = np.full(rows, T) if batch.lengths is None else batch.lengths
    words = getattr(source, "source_words", ()) if isinstance(model, Seq2Seq) and part == "encoder" else source.words
    wide = next(iter(parts.values()))[0].shape[1]  # of two decoders side by side the first one's words
    tokens, labels, T = batch.tokens[:, :wide], batch.labels[:, :wide], wide
    return Hidden(
        list(parts),
        [np.concatenate(one) for one in parts.values()],
        tokens,
        np.arange(T) < lengths[:, None],
        labels,
        batch.answers,
        tuple(words),
    )


def plain(model: Network, source: Source, part: str) -> Batch:
    """Held-out sentences as they are; of an encoder–decoder what the part is given, padding at the end."""
    batch = source.held_out(SENTENCES)
    if isinstance(model, Seq2Seq):
        assert batch.source is not None
        if part == "encoder":
            nothing = np.full_like(batch.source, IGNORE)
            return Batch(batch.source, nothing, lengths=batch.source_lengths)
        framed = frame(ObjectiveSpec("translate"), batch, np.random.default_rng(0), len(source.words))
        return taught(framed, model.spec.writes, np.random.default_rng(0))
    if model.objective in OF_PAIRS:
        return frame(ObjectiveSpec(model.objective), batch, np.random.default_rng(0), len(source.words))
    if batch.answers is None and (batch.labels == IGNORE).all():  # a window of text has one more word than is read
        T = source.length
        return Batch(batch.tokens[:, :T], batch.labels[:, :T], lengths=batch.lengths)
    return batch


def _drawn(model: Network, source: Source) -> Batch:
    """Sentences of words drawn evenly from a few of the vocabulary."""
    draw = np.random.default_rng(0)
    names = getattr(source, "source_words", source.words) if isinstance(model, Seq2Seq) else source.words
    known = np.array([one for one, word in enumerate(names) if word not in SPECIAL and not word.startswith("[")])
    few = draw.choice(known, min(DRAWN_FROM, len(known)), replace=False)
    T = model.source_length if isinstance(model, Seq2Seq) else min(source.length, 4 * DRAWN_FROM)
    tokens = few[draw.integers(0, len(few), (SENTENCES, T))]
    return Batch(tokens, np.full_like(tokens, IGNORE))


def _passes(model: Network, batch: Batch, part: str) -> Iterator[list[tuple[str, Tensor]]]:
    """(name, states (b, T, D)) of every layer, some sentences at a time."""
    for first in range(0, len(batch.tokens), AT_ONCE):
        some = batch.rows(slice(first, first + AT_ONCE))
        with still(model), torch.no_grad():
            yield layers_of_pair(model, some, part) if isinstance(model, Seq2Seq) else _of_reader(model, some)


def _of_reader(model: Model, batch: Batch) -> list[tuple[str, Tensor]]:
    with tapped(model) as seen:
        model(sentence(model, batch.tokens), lengths=_tensor(model, batch.lengths))
    return layers_of(seen, in_halves(model))


def in_halves(model: Model) -> bool:
    """Whether each layer's state is what one direction says, then what the other does."""
    return model.spec.family == "lstm" and model.spec.two_way and not model.spec.late


def layers_of(seen: dict[str, Tensor], halves: bool = False) -> list[tuple[str, Tensor]]:
    """(name, states (B, T, ·)) of every layer of a reader, from the embedding up to what is answered from.

    `halves`: each layer reads both ways, and what either direction says stands before what both say together.
    """
    found = [("embedding", seen["embedding"])]
    for path, name in layer_names(seen, "state"):
        if halves:
            found += zip((f"{name}, left-to-right", f"{name}, right-to-left"), seen[path].chunk(2, -1), strict=True)
        found.append((name, seen[path]))
    return [*found, ("before the answer", seen["joined"])]


def layers_of_pair(model: Seq2Seq, batch: Batch, part: str) -> list[tuple[str, Tensor]]:
    """The layers of an encoder, or of the first decoder with the true words before it (teacher forcing)."""
    if part == "encoder":
        with tapped(model) as seen:
            encoded = model.read(sentence(model, batch.tokens), _tensor(model, batch.lengths))
        kept = [(pair_name(path), one) for path, one in seen.items() if path.endswith((".state", ".embedding"))]
        return [*kept, ("what the decoder sees", torch.cat(encoded.states, dim=-1))]
    assert batch.source is not None
    encoded = model.read(sentence(model, batch.source), _tensor(model, batch.source_lengths))
    B, T = batch.tokens.shape
    with tapped(model) as seen:
        states = model.teach(encoded, sentence(model, batch.tokens), _tensor(model, batch.lengths))
    one = "decoder" if "left-to-right" in model.directions else "decoder_back"
    found = [(pair_name(path), x[:B]) for path, x in seen.items() if path.startswith(f"{one}.") and "state" in path]
    return [(name, x[:, :T]) for name, x in (*found, ("before the answer", states[:, : found[0][1].shape[1]]))]


def pair_name(path: str) -> str:
    """The tap "decoder_back.0.state" of an encoder–decoder, or "encoder.forward.0.state", as a learner reads it."""
    where, *inner, last = path.split(".")
    stacks = {"decoder": "decoder", "decoder_back": "right-to-left decoder", "encoder": "encoder"}
    passes = {"forward": "left-to-right ", "backward": "right-to-left "}
    if last == "embedding":
        return f"{stacks[where]} embedding"
    return f"{passes.get(inner[0], '')}{stacks[where]} {int(inner[-1]) + 1}"


def _tensor(model: Network, lengths: np.ndarray | None) -> Tensor | None:
    return None if lengths is None else torch.from_numpy(lengths).to(model.words.weight.device)


def untrained(model: Network, seed: int = 0) -> Network:
    """The same model with fresh weights: the control that a probe is drawn beside (Hewitt & Liang 2019)."""
    classes = model.read_out.scores.weight.shape[0]
    fresh: Network
    if isinstance(model, Seq2Seq):
        read = model.encoder.words.num_embeddings
        fresh = Seq2Seq(model.spec, read, model.words.num_embeddings, model.source_length, model.length)
    else:
        kinds = 0 if model.kinds is None else model.kinds.num_embeddings
        fresh = Model(model.spec, model.words.num_embeddings, classes, model.length, kinds, model.objective)
    initialise(fresh, seed)
    return fresh.eval()
