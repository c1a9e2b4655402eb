"""A language model as a writer: it goes on after a text, word by word, in the direction that its objective guesses."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.decoding.writer import Reading
from core.models.build import Model
from core.models.memory import Memory
from core.text import SPECIAL


class Continuation:
    """Text after `ids` (T',), or before them: `backwards`, nearest word first. It has no end.

    With `remembers`, a left-to-right model reads each word once, as long as the text fits into its context; else a
    window of the text is read anew for each word. The words are the same.
    """

    end = None

    def __init__(self, model: Model, ids: np.ndarray, backwards: bool, remembers: bool = True) -> None:
        self.model, self.given, self.backwards = model, [int(token) for token in ids], backwards
        self.direction = "right-to-left" if backwards else "left-to-right"
        self.remembers = remembers and model.spec.direction == "left-to-right" and not backwards

    def begin(self) -> Reading:
        return self._reading([self.given], Memory())

    def go_on(self, memory: Any, rows: np.ndarray, tokens: np.ndarray) -> Reading:
        texts, kept = memory
        if len(rows) > 1 or len(texts) > 1:
            kept.select(torch.from_numpy(rows))
        new = zip(rows.tolist(), tokens.tolist(), strict=True)
        longer = [[token, *texts[row]] if self.backwards else [*texts[row], token] for row, token in new]
        return self._reading(longer, kept)

    @torch.no_grad()
    def _reading(self, texts: list[list[int]], memory: Memory) -> Reading:
        """Texts of equal length, one for each hypothesis."""
        model = self.model
        if self.remembers and len(texts[0]) <= model.length:
            logits = model.read_on(self._placed([one[memory.length :] for one in texts]), memory)
        else:
            window = [one[: model.length] if self.backwards else one[-model.length :] for one in texts]
            edge = 0 if self.backwards else len(window[0]) - 1  # the word next to the one that is written
            here = np.arange(len(texts)) * len(window[0]) + edge
            logits = model(self._placed(window), torch.from_numpy(here).to(model.words.weight.device)).logits
        return Reading(spoken(logits, len(SPECIAL)), None, (texts, memory))

    def _placed(self, texts: list[list[int]]) -> Tensor:
        return torch.tensor(texts, device=self.model.words.weight.device)


def spoken(logits: Tensor, special: int) -> np.ndarray:
    """(N, V) logits -> log-probabilities in float64, the first `special` tokens ruled out."""
    told = logits.double().cpu()
    told[:, :special] = -torch.inf
    found: np.ndarray = told.log_softmax(-1).numpy()
    return found
