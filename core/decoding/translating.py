"""An encoder–decoder as a writer, as two that meet, or as one that fills blanks: see `core.decoding.writer`.

Attention is that of the last layer to the source, the mean over its heads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.decoding.continuing import spoken
from core.decoding.writer import Reading
from core.models.cross import Encoded
from core.models.decoder import Written
from core.models.seq2seq import Seq2Seq, both_ways
from core.models.tap import Tap, tapped
from core.text import END, MASK, SPECIAL, START


class Translator:
    """Writes the translation of one sentence, `encoded` (1, S, D'), in one direction.

    A decoder with a causal mask computes each word once; without one it reads all that is written for every word.
    """

    end = END

    def __init__(self, model: Seq2Seq, encoded: Encoded, direction: str) -> None:
        self.model, self.encoded, self.direction = model, encoded, direction

    @torch.no_grad()
    def begin(self) -> Reading:
        memory = self.model.begin(self.encoded, self.direction)
        return self._reading(self.model.starts(len(self.encoded.states[0])), memory)

    @torch.no_grad()
    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        device = self.model.words.weight.device
        if not np.array_equal(rows, np.arange(len(memory.read[0].key))):  # who goes on alone needn't be copied
            memory.select(torch.from_numpy(rows).to(device))
        return self._reading(torch.from_numpy(tokens).to(device), memory)

    def _reading(self, tokens: Tensor, memory: Written) -> Reading:
        seen = dict[str, Tensor]()
        memory.tap = Tap(seen)
        logits = self.model.step(tokens, memory)
        return Reading(_spoken(logits), _looked(seen)[:, -1], memory)


class Ends(Translator):
    """Both ends of one sentence: two rows that listen to each other."""

    def __init__(self, model: Seq2Seq, encoded: Encoded) -> None:
        super().__init__(model, both_ways(encoded), "left-to-right")


class Blanks:
    """Fills a translation's blanks, all at once, [end] after them."""

    mask = MASK

    def __init__(self, model: Seq2Seq, encoded: Encoded) -> None:
        self.model, self.encoded = model, encoded

    @torch.no_grad()
    def lengths(self) -> np.ndarray:
        found: np.ndarray = self.model.guess_length(self.encoded)[0].double().cpu().numpy()
        found[0] = -np.inf  # there is always a word
        return found

    @torch.no_grad()
    def fill(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        given = torch.tensor([[*tokens.tolist(), END]], device=self.model.words.weight.device)
        with tapped(self.model) as seen:
            states = self.model.write(self.encoded, given)[0, :-1]  # (T, D)
        found = _spoken(self.model.read_out(states))
        found[:, END] = -np.inf
        found -= np.log(np.exp(found).sum(-1, keepdims=True))
        own = {name: value for name, value in seen.items() if name.startswith("decoder.")}
        return found, _looked(own)[0, :-1]


def _spoken(logits: Tensor) -> np.ndarray:
    """(N, V) -> log-probabilities; of all marks only [end] is written."""
    logits = logits.float()
    logits[:, START] = -torch.inf
    return spoken(logits, len(SPECIAL))


def _looked(seen: dict[str, Tensor]) -> np.ndarray:
    """(N, T, S) where the last layer looked in the source."""
    last = [value for name, value in seen.items() if name.endswith("cross")][-1]  # (N, H, T, S)
    found: np.ndarray = last.mean(1).cpu().numpy()
    return found
