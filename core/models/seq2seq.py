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
from core.models.kernels import Linear
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


def both_ways(encoded: Encoded) -> Encoded:
    """What was read, (N, …) twice: for rows that write from left to right, then for those that write backwards."""
    return encoded.rows(torch.arange(len(encoded.states[0]), device=encoded.states[0].device).repeat(2))


class Seq2Seq(nn.Module):
    """An encoder–decoder as its spec says.

    V `words` of the target, of which the first are `text.SPECIAL_WRITTEN`; `length` T is the longest target with its
    end mark, `source_length` S the longest source. Reading, then writing word by word:

        encoded = model.read(source, lengths)
        memory = model.begin(encoded, "left-to-right")
        logits = model.step(model.starts(len(source)), memory)      # (N, V), of each row's first word
        memory.select(rows); logits = model.step(words, memory)     # of the next one, for those rows

    Where two directions write at once (`together`), `encoded` is `both_ways(encoded)`, and rows i and N + i are the two
    ends of one sentence, each with an end mark of its own where they meet; a row that is done is given [end] again.
    Who fills blanks has `guess_length`, and `write` for a whole target with its blanks.
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
        self.decoder = None if spec.writes == "right-to-left" else decoder(spec, self.encoder.widths)
        backwards = spec.writes in ("right-to-left", "agreement")
        self.decoder_back = decoder(spec, self.encoder.widths) if backwards else None
        self.sides = nn.Embedding(2, width) if spec.writes == "synchronous" else None  # which end a row begins at
        states = sum(self.encoder.widths)
        self.words_ahead = Linear(states, length) if spec.writes == "mask-predict" else None
        self.read_out = ReadOut(spec, width, words, self.words if spec.tied_words else None)

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions in which it has a decoder of its own."""
        there = (("left-to-right", self.decoder), ("right-to-left", self.decoder_back))
        return tuple(name for name, one in there if one is not None)

    @property
    def together(self) -> bool:
        """One decoder writes from both ends at once; two rows are one sentence (see `both_ways`)."""
        return self.sides is not None

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
        if self.sides is not None:
            vectors = vectors + self.sides.weight.repeat_interleave(len(tokens) // 2, dim=0)[:, None]
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
            states = one(self.embed(memory.tokens), memory, memory.tap)
        else:
            states = one.read_on(self.embed(tokens[:, None], memory.length), memory)  # (N, 1, D)
        memory.length += 1
        logits: Tensor = self.read_out(states[:, -1])
        return logits

    def teach(self, encoded: Encoded, tokens: Tensor, lengths: Tensor | None) -> Tensor:
        """States (B, T, D) over what `core.data.writing.taught` gives; of two decoders side by side (B, 2T, D)."""
        if self.spec.writes not in ("agreement", "synchronous"):
            return self.write(encoded, tokens, self.directions[0], lengths)
        first, last = tokens.chunk(2, dim=1)  # (B, T) each
        if not self.together:
            return torch.cat([self.write(encoded, first), self.write(encoded, last, "right-to-left")], dim=1)
        states = self.write(both_ways(encoded), torch.cat([first, last]))  # (2B, T, D)
        return torch.cat(states.chunk(2), dim=1)

    def guess_length(self, encoded: Encoded) -> Tensor:
        """(B, T) log-probabilities that the target has 0, 1, 2, … words, [end] not counted, for who fills blanks.

        From the mean of what was read (Ghazvininejad et al. 2019, section 3.3, who give the encoder a token for it). An
        end mark among the blanks wouldn't do: it would have to be drawn before the words that it follows from.
        """
        if self.words_ahead is None:
            raise ValueError("This model ends its sentences by an end mark.")
        logits: Tensor = self.words_ahead(encoded.pooled)
        return logits.float().log_softmax(-1)

    def recompute(self, wanted: bool) -> None:
        """Gradient checkpointing in the encoder (Chen et al. 2016)."""
        for part in self.modules():
            if isinstance(part, Transformer):
                part.recomputes = wanted
