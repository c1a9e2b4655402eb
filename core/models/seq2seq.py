"""Encoder–decoder: one model reads a sentence, another writes one and looks at what was read.

source -> encoder -> states ──────────────┐
what is written so far -> decoder ────────┴> read-out -> the next word     (Sutskever et al. 2014; Bahdanau et al. 2015)

A decoder writes in its own order: the right-to-left one is given the sentence reversed, and its first word is the last.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.cross import Encoded
from core.models.decoder import Decoder, Written, decoder
from core.models.heads import ReadOut
from core.models.stacks import positions_of, seen, stack_of
from core.models.tap import QUIET, Tap
from core.models.transformer import Transformer
from core.spec import ModelSpec
from core.text import START


class Encoder(nn.Module):
    """Words of a source sentence -> their states in context; `spec` is `ModelSpec.encoder`."""

    def __init__(self, spec: ModelSpec, words: int, length: int) -> None:
        super().__init__()
        self.spec, width, self.crossed = spec, spec.sizes.width, spec.crossing == "two-way"
        self.words = nn.Embedding(words, width)
        self.positions = positions_of(spec, length)
        self.dropout = nn.Dropout(spec.dropout)
        self.stacks = nn.ModuleList(stack_of(spec) for _ in range(1 + spec.late))  # forward and backward
        self.widths = (width, width) if self.crossed else (2 * width,) if spec.late else (width,)  # of the states

    def embed(self, source: Tensor) -> Tensor:  # (B, S) -> (B, S, D)
        vectors: Tensor = self.words(source)
        if self.positions is not None:
            vectors = vectors + self.positions[: source.shape[1]]
        embedded: Tensor = self.dropout(vectors)
        return embedded

    def forward(self, embedded: Tensor, lengths: Tensor | None, tap: Tap) -> Encoded:  # (B, S, D) -> states (B, S, D')
        limits = lengths if self.spec.family == "lstm" else seen(lengths, None, embedded.shape[1])
        if not self.spec.late:
            return Encoded((self.stacks[0](embedded, self.spec.direction, tap, limits),), lengths)
        f = self.stacks[0](embedded, "left-to-right", tap.at("forward"), limits)
        b = self.stacks[1](embedded, "right-to-left", tap.at("backward"), limits)
        return Encoded((b, f) if self.crossed else (torch.cat([f, b], dim=-1),), lengths)


class Seq2Seq(nn.Module):
    """An encoder–decoder as its spec says.

    V `words` of the target, of which the first are `text.SPECIAL_WRITTEN`; `length` T is the longest target with its
    end mark, `source_length` S the longest source. Reading, then writing word by word:

        encoded = model.read(source, lengths)
        memory = model.begin(encoded, "left-to-right")
        logits = model.step(model.starts(len(source)), memory)      # (N, V), of each row's first word
        memory.select(rows); logits = model.step(words, memory)     # of the next one, for those rows
    """

    def __init__(self, spec: ModelSpec, source_words: int, words: int, source_length: int, length: int) -> None:
        super().__init__()
        self.spec, width = spec, spec.sizes.width
        self.length, self.source_length = length, source_length
        self.tap: Tap = QUIET
        self.encoder = Encoder(spec.encoder, source_words, source_length)
        self.words = nn.Embedding(words, width)
        self.positions = positions_of(spec.decoder, length)
        self.dropout = nn.Dropout(spec.dropout)
        both = spec.two_way and spec.writing in ("agreement", "synchronous")
        self.decoder = None if spec.direction == "right-to-left" else decoder(spec, self.encoder.widths)
        self.decoder_back = decoder(spec, self.encoder.widths) if both or self.decoder is None else None
        self.read_out = ReadOut(spec, width, words, self.words if spec.tied_words else None)

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions in which it has a decoder."""
        there = (("left-to-right", self.decoder), ("right-to-left", self.decoder_back))
        return tuple(name for name, one in there if one is not None)

    def read(self, source: Tensor, lengths: Tensor | None = None) -> Encoded:
        """Source (B, S) with real `lengths` (B,) -> what a decoder may look at. Padding changes nothing."""
        embedded = self.encoder.embed(source)
        self.tap.at("encoder").keep("embedding", embedded)
        encoded: Encoded = self.encoder(embedded, lengths, self.tap.at("encoder"))
        return encoded

    def embed(self, tokens: Tensor, first: int = 0) -> Tensor:  # (B, T) -> (B, T, D)
        vectors: Tensor = self.words(tokens)
        if self.positions is not None:
            vectors = vectors + self.positions[first : first + tokens.shape[1]]
        embedded: Tensor = self.dropout(vectors)
        return embedded

    def write(
        self, encoded: Encoded, tokens: Tensor, direction: str = "left-to-right", lengths: Tensor | None = None
    ) -> Tensor:
        """What a decoder makes of given words, all at once (teacher forcing): (B, T) -> states (B, T, D).

        `tokens` begin with [start]; state t answers with the word after token t, in the direction's own order. With
        `writing` "mask-predict" they are a whole target with [mask] for blanks, and state t answers with word t; there,
        and where no mask hides later words, `lengths` (B,) keep padding out.
        """
        one, name = self.decoder_of(direction)
        states: Tensor = one(self.embed(tokens), one.begin(encoded, direction), self.tap.at(name), lengths)
        return states

    def decoder_of(self, direction: str) -> tuple[Decoder, str]:
        """The decoder that writes in a direction, and the name of its taps."""
        found = {"left-to-right": (self.decoder, "decoder"), "right-to-left": (self.decoder_back, "decoder_back")}
        one, name = found[direction]
        if one is None:
            raise ValueError(f"This model doesn't write {direction}.")
        return one, name

    def begin(self, encoded: Encoded, direction: str = "left-to-right") -> Written:
        """The memory of a decoder that has written nothing yet, one row for each sentence that was read."""
        return self.decoder_of(direction)[0].begin(encoded, direction)

    def starts(self, rows: int) -> Tensor:
        """(N,) start marks: what the first step is given."""
        return torch.full((rows,), START, device=self.words.weight.device)

    def step(self, tokens: Tensor, memory: Written) -> Tensor:
        """Logits (N, V) of the word after `tokens` (N,), the last written ones; the same numbers as `write` gives."""
        one, _ = self.decoder_of(memory.direction)
        if self.spec.decoder.two_way:  # each new word changes what all before it mean
            memory.tokens = tokens[:, None] if memory.tokens is None else torch.cat([memory.tokens, tokens[:, None]], 1)
            states = one(self.embed(memory.tokens), memory, QUIET)
        else:
            states = one.read_on(self.embed(tokens[:, None], memory.length), memory)  # (N, 1, D)
        memory.length += 1
        logits: Tensor = self.read_out(states[:, -1])
        return logits

    def recompute(self, wanted: bool) -> None:
        """Gradient checkpointing in the encoder (Chen et al. 2016)."""
        for part in self.modules():
            if isinstance(part, Transformer):
                part.recomputes = wanted
