"""A language model as a writer: it goes on after a text, word by word, in the direction that its objective guesses."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.decoding.writer import Reading
from core.models.build import Model
from core.models.direction import visible, visible_prefix
from core.models.memory import Memory
from core.text import MASK, SPECIAL


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
            longest = model.length - (model.objective == "permutation-lm")  # which reads a blank behind the text
            window = [one[:longest] if self.backwards else one[-longest:] for one in texts]
            logits = self._beside(window, len(texts[0]) - len(window[0]))
        return Reading(spoken(logits, len(SPECIAL)), None, (texts, memory))

    def _beside(self, window: list[list[int]], dropped: int) -> Tensor:
        """(N, V) logits of the word next to each window of the text, as the model's objective reads it.

        `dropped`: words at the beginning of the text that the window has no room for.
        """
        T, sees, places = len(window[0]), None, 1  # answers that the model gives at each word
        if self.model.apart:
            places = 2
        elif self.model.objective == "prefix-lm":
            sees = visible_prefix(T, max(0, len(self.given) - dropped))
        elif self.model.objective == "permutation-lm":  # the blank at its end has its turn after all words
            T, window = T + 1, [[*one, MASK] for one in window]
            sees = visible("left-to-right", T)
        edge = (places - 1) * T if self.backwards else T - 1  # the word next to the one that is written
        here = torch.from_numpy(np.arange(len(window)) * places * T + edge).to(self.model.words.weight.device)
        mask = None if sees is None else torch.from_numpy(sees)[None].to(here.device)
        logits: Tensor = self.model(self._placed(window), here, sees=mask).logits
        return logits

    def _placed(self, texts: list[list[int]]) -> Tensor:
        return torch.tensor(texts, device=self.model.words.weight.device)


def spoken(logits: Tensor, special: int) -> np.ndarray:
    """(N, V) logits -> log-probabilities in float64, the first `special` tokens ruled out."""
    told = logits.double().cpu()
    told[:, :special] = -torch.inf
    found: np.ndarray = told.log_softmax(-1).numpy()
    return found
