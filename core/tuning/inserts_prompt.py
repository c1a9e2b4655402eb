"""Soft prompt: learned vectors are read before the words, as if they were words (Lester et al. 2021, section 2).

They stand where a reader begins: on the left, and for one that reads from right to left behind the last word. What
reads the states afterwards (a pool, tags, a picture) never sees the prompt's own places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.build import Model
from core.models.memory import Memory
from core.models.recurrent import LSTM
from core.models.tap import Tap
from core.models.transformer import Transformer
from core.tuning.inserts import Inserted, insert


class PromptedTransformer(Inserted, Transformer):
    """`prompt` (P, D). Added positions are the words' own; rotary ones and ALiBi count the prompt's places, too."""

    plain, extra = Transformer, ("prompt",)
    prompt: Tensor

    def forward(self, x: Tensor, direction: str, tap: Tap, sees: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D). `sees` (B, 1 or T, S): see `Transformer`; the prompt sees only itself where it is T.

        So no word can learn through the prompt what it may not see.
        """
        P, T, behind = len(self.prompt), x.shape[1], direction == "right-to-left"
        lengths = None if sees is None else sees[:, 0].sum(-1)  # read where each row has one number of real words
        if sees is not None:
            sees = F.pad(sees, (P, 0), value=True)  # P real places more; what is padding comes last either way
            if sees.shape[1] > 1:
                itself = torch.arange(P + T, device=x.device) < P
                sees = torch.cat([itself.expand(len(x), P, -1), sees], dim=1)
        states = super().forward(together(self.prompt, x, behind, lengths), direction, Words(tap, P, T, behind), sees)
        return of_words(states, P, T, behind)

    def read_on(self, x: Tensor, memory: Memory) -> Tensor:  # (B, T, D) -> (B, T, D)
        """The prompt is read once, before the first words; then it is P places that came before."""
        P = len(self.prompt)
        if not memory.kept:
            return super().read_on(together(self.prompt, x, False), memory)[:, P:]
        memory.length += P
        states = super().read_on(x, memory)
        memory.length -= P
        return states


class PromptedLSTM(Inserted, LSTM):
    """`prompt` (P, D), read first; a layer that reads both ways reads it first in one pass and last in the other."""

    plain, extra = LSTM, ("prompt",)
    prompt: Tensor

    def forward(self, x: Tensor, direction: str, tap: Tap, lengths: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D) or (B, T, 2D). `lengths` (B,) of real words."""
        P, T, behind = len(self.prompt), x.shape[1], direction == "right-to-left"
        given, longer = together(self.prompt, x, behind, lengths), None if lengths is None else lengths + P
        return of_words(super().forward(given, direction, Words(tap, P, T, behind), longer), P, T, behind)

    def read_on(self, x: Tensor, memory: Memory) -> Tensor:  # (B, T, D) -> (B, T, D)
        if memory.kept:
            return super().read_on(x, memory)
        return super().read_on(together(self.prompt, x, False), memory)[:, len(self.prompt) :]


class Words(Tap):
    """A tap that leaves out the prompt's places: what it keeps is of the T words. Attention (B, H, T, S) keeps to the
    words, too, so that its rows add up to less than 1; the rest of each row is "prefix" (B, H, T, P)."""

    def __init__(self, tap: Tap, places: int, length: int, behind: bool) -> None:
        super().__init__(tap.seen, tap.path)
        self.places = places, length, behind

    def at(self, name: str | int) -> Tap:
        return Words(super().at(name), *self.places) if self.alive else self

    def keep(self, name: str, value: Tensor) -> None:
        P, T, behind = self.places
        if name == "attention":
            rows = of_words(value, P, T, behind, dim=2)  # (B, H, T, P + S)
            super().keep("prefix", rows[..., T:] if behind else rows[..., :P])
            super().keep(name, of_words(rows, P, T, behind, dim=3))
        else:
            super().keep(name, of_words(value, P, T, behind))


def together(prompt: Tensor, x: Tensor, behind: bool, lengths: Tensor | None = None) -> Tensor:
    """(P, D) before the words (B, T, D) of each row, or right behind its last one: (B, P + T, D)."""
    many, (P, T) = prompt.to(x).expand(len(x), -1, -1), (len(prompt), x.shape[1])
    if not behind:
        return torch.cat([many, x], dim=1)
    both = torch.cat([x, many], dim=1)
    if lengths is None:
        return both
    place, end = torch.arange(P + T, device=x.device), lengths[:, None]  # (P + T,), (B, 1)
    index = torch.where(place < end, place, torch.where(place < end + P, place - end + T, place - P))
    return both.gather(1, index[..., None].expand_as(both))


def of_words(states: Tensor, P: int, T: int, behind: bool, dim: int = 1) -> Tensor:
    """The places of the T words alone."""
    return states.narrow(dim, 0 if behind else P, T)


@torch.no_grad()
def add_prompt(model: Model, length: int, draw: torch.Generator) -> None:
    """Put P = `length` vectors before the words of every stack: at first words drawn from the vocabulary (§3.2)."""
    for stack in [part for part in model.modules() if isinstance(part, Transformer | LSTM)]:
        words = torch.randint(model.words.num_embeddings, (length,), generator=draw)
        prompt = nn.Parameter(model.norm(model.words.weight[words.to(model.words.weight.device)]).clone())
        insert(stack, PromptedTransformer if isinstance(stack, Transformer) else PromptedLSTM, prompt=prompt)
