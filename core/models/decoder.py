"""Decoders: they write word by word, looking at what was read. Each writes in its own order, first word first.

A Transformer's decoder attends to what it has written and to what was read (Vaswani et al. 2017, section 3.1). An
LSTM's starts from the mean of what was read (Sennrich et al. 2017, section 2), reads each written word, then looks
where it fits, and answers from state and context: tanh(W [context; state]) (Luong et al. 2015, section 3).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.models.attention import Attention, allow, attend, attend_fast
from core.models.cross import Alignment, CrossAttention, Encoded, Read
from core.models.kernels import Linear
from core.models.memory import Memory
from core.models.tap import QUIET, Tap
from core.models.transformer import FeedForward, norm
from core.spec import ModelSpec

OTHER = 0.1  # how much a decoder listens to the other one (λ, Zhou, Zhang & Zong 2019, section 3.2)


class Written(Memory):
    """What a decoder keeps of the words that it has written, and of those that were read, for N rows.

    `tap` sees inside the newest step, under the names of `core.models.tap`.
    """

    def __init__(self, read: list[Read], real: Tensor | None, direction: str) -> None:
        super().__init__()
        self.read, self.real, self.direction = read, real, direction
        self.tap: Tap = QUIET
        self.tokens: Tensor | None = None  # (N, T) where each new word changes what all before it mean

    def select(self, rows: Tensor) -> None:
        super().select(rows)
        self.read = [one.rows(rows) for one in self.read]
        self.real = None if self.real is None else self.real[rows]
        self.tokens = None if self.tokens is None else self.tokens[rows]


class MutualAttention(Attention):
    """Rows 0…N−1 write from left to right, rows N…2N−1 from right to left; row i and row N + i listen to each other.

    To what a word gathers from its own prefix comes a tenth of what it gathers, by the same query, from the prefix that
    the other has written by then: Att(Q, K, V) + λ tanh(Att(Q, K′, V′)) (Zhou, Zhang & Zong 2019, equation 10).
    """

    def gather(self, together: Tensor, direction: str, tap: Tap, allowed: Tensor | None) -> Tensor:
        query, key, value = self.split(together)
        key, value = self.share(key), self.share(value)
        found = []
        for name, k, v in (("attention", key, value), ("listening", swapped(key), swapped(value))):
            if tap.alive:
                gathered, weights = attend(query, k, v, direction, self.window, self.fades)
                tap.keep(name, weights)
            else:
                gathered = attend_fast(query, k, v, direction, self.window, self.fades)
            found.append(gathered.transpose(1, 2).flatten(2))
        return found[0] + OTHER * found[1].tanh()

    def read_on(self, x: Tensor, memory: Memory, layer: int) -> Tensor:
        query, key, value = self.split(self.query_key_value(x), memory.length)
        key, value = map(self.share, memory.extend(layer, key, value))
        own, other = (self.look_back(query, k, v) for k, v in ((key, value), (swapped(key), swapped(value))))
        result: Tensor = self.output(own + OTHER * other.tanh())
        return result


def swapped(x: Tensor) -> Tensor:
    """(2N, …): each row's partner in its place."""
    return x.roll(len(x) // 2, 0)


class DecoderBlock(nn.Module):
    """One layer: look at what is written, look at what was read, think."""

    def __init__(self, spec: ModelSpec, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.first = spec.norm_place == "pre"
        self.attention_norm = norm(spec)
        self.attention = MutualAttention(spec) if spec.writing == "synchronous" else Attention(spec)
        self.cross_norm, self.cross = norm(spec), CrossAttention(spec, widths)
        self.feed_forward_norm, self.feed_forward = norm(spec), FeedForward(spec)
        self.dropout = nn.Dropout(spec.dropout)

    def add(self, x: Tensor, norm: nn.Module, part: Callable[[Tensor], Tensor]) -> Tensor:
        """One part joins the residual stream, (B, T, D) -> (B, T, D): normed before it, or after its sum."""
        result: Tensor = x + self.dropout(part(norm(x))) if self.first else norm(x + self.dropout(part(x)))
        return result

    def forward(
        self, x: Tensor, read: Read, real: Tensor | None, direction: str, tap: Tap, allowed: Tensor | None
    ) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        x = self.add(x, self.attention_norm, lambda y: self.attention(y, direction, tap, allowed))
        return self.think(x, read, real, tap)

    def read_on(self, x: Tensor, memory: Written, layer: int) -> Tensor:  # (N, 1, D) -> (N, 1, D)
        x = self.add(x, self.attention_norm, lambda y: self.attention.read_on(y, memory, layer))
        return self.think(x, memory.read[layer], memory.real, memory.tap.at(layer))

    def think(self, x: Tensor, read: Read, real: Tensor | None, tap: Tap) -> Tensor:
        """All of a layer but its self-attention."""
        x = self.add(x, self.cross_norm, lambda y: self.cross(y, read, real, tap))
        x = self.add(x, self.feed_forward_norm, self.feed_forward)
        tap.keep("state", x)
        return x


class TransformerDecoder(nn.Module):
    """A stack of decoder blocks; with pre-norm one more norm on top."""

    def __init__(self, spec: ModelSpec, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(DecoderBlock(spec, widths) for _ in range(spec.sizes.layers))
        self.norm = norm(spec) if spec.norm_place == "pre" else nn.Identity()
        self.direction, self.window = spec.direction, spec.window

    def read(self, encoded: Encoded) -> list[Read]:
        return [block.cross.read(encoded) for block in self.blocks]  # type: ignore[operator, union-attr]

    def forward(self, x: Tensor, memory: Written, tap: Tap, lengths: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D), all words at once. `lengths` (B,): without a mask padding must be hidden."""
        allowed = None
        if lengths is not None and self.direction == "both":
            real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
            allowed = allow(self.direction, self.window, real[:, None])
        for number, (block, read) in enumerate(zip(self.blocks, memory.read, strict=True)):
            x = block(x, read, memory.real, self.direction, tap.at(number), allowed)
        normed: Tensor = self.norm(x)
        return normed

    def begin(self, encoded: Encoded, direction: str) -> Written:
        return Written(self.read(encoded), encoded.real, direction)

    def read_on(self, x: Tensor, memory: Written) -> Tensor:  # (N, 1, D) -> (N, 1, D)
        for number, block in enumerate(self.blocks):
            x = block.read_on(x, memory, number)  # type: ignore[operator]
        normed: Tensor = self.norm(x)
        return normed


class LSTMDecoder(nn.Module):
    """A memory that writes; after each word it looks at what was read."""

    def __init__(self, spec: ModelSpec, widths: tuple[int, ...]) -> None:
        super().__init__()
        width, self.layers = spec.sizes.width, spec.sizes.layers
        between = spec.dropout if self.layers > 1 else 0.0
        self.start = Linear(sum(widths), 2 * self.layers * width)
        self.cells = nn.LSTM(width, width, self.layers, batch_first=True, dropout=between)
        self.alignments = nn.ModuleList(Alignment(spec.scoring, width, given) for given in widths)
        self.output = Linear(sum(widths) + width, width)
        self.dropout = nn.Dropout(spec.dropout)

    def first(self, encoded: Encoded) -> tuple[Tensor, Tensor]:
        """State and cell (B, L, D) each, before anything is written."""
        both = self.start(encoded.pooled).tanh()  # (B, 2LD)
        state, cell = both.view(len(both), 2, self.layers, -1).unbind(1)
        return state, cell

    def read(self, encoded: Encoded) -> list[Read]:
        return [one.read(states) for one, states in zip(self.alignments, encoded.states, strict=True)]  # type: ignore[operator]

    def look(self, states: Tensor, memory: Written, tap: Tap) -> Tensor:
        """(B, T, D) -> (B, T, D): each state with its context."""
        looks = [one(states, read, memory.real) for one, read in zip(self.alignments, memory.read, strict=True)]
        tap.at(0).keep("cross", torch.stack([weights for _, weights in looks], dim=1))  # (B, H, T, S)
        together = torch.cat([*(context for context, _ in looks), states], dim=-1)
        result: Tensor = self.dropout(self.output(together).tanh())
        return result

    def forward(self, x: Tensor, memory: Written, tap: Tap, lengths: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D), all words at once."""
        before = tuple(one.transpose(0, 1).contiguous() for one in memory.kept[0])  # (L, B, D)
        states: Tensor = self.cells(x, before)[0]
        tap.at(0).keep("state", states)
        return self.look(states, memory, tap)

    def begin(self, encoded: Encoded, direction: str) -> Written:
        memory = Written(self.read(encoded), encoded.real, direction)
        memory.kept[0] = self.first(encoded)
        return memory

    def read_on(self, x: Tensor, memory: Written) -> Tensor:  # (N, 1, D) -> (N, 1, D)
        before = tuple(one.transpose(0, 1).contiguous() for one in memory.kept[0])
        states, (state, cell) = self.cells(x, before)
        memory.kept[0] = state.transpose(0, 1), cell.transpose(0, 1)
        return self.look(states, memory, memory.tap)


Decoder = TransformerDecoder | LSTMDecoder


def decoder(spec: ModelSpec, widths: tuple[int, ...]) -> Decoder:
    """The decoder of an encoder–decoder; `widths` of the states that it looks at."""
    cls = LSTMDecoder if spec.cells == "lstm" else TransformerDecoder
    return cls(spec.decoder, widths)
