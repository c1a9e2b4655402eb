"""Sentences of the built-in language, one a row, to learn its words from: what models are pretrained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.data.contract import IGNORE, Batch, Recipe
from core.data.grammar import CAUSES
from core.data.transfer.floor import least_loss
from core.data.transfer.language import Marked, spoken
from core.parts.objective import ObjectiveSpec


@dataclass(frozen=True)
class Sentences(Marked):
    """Whole sentences between [CLS] and [SEP], of all words, to be framed by `core.data.batches`."""

    title: ClassVar[str] = "Sentences to pretrain on"
    story: ClassVar[str] = (
        "“[CLS] the lovely sailor gladly paints these golden boats near this harbour . [SEP]” One sentence a row, of a "
        "language that is known exactly. Nothing is asked but its own words: who fills its blanks learns topic, mood "
        "and number on the way. Fine-tune the model afterwards."
    )
    objectives: ClassVar[tuple[str, ...]] = ("masked-word", "next-word", "previous-word")
    recipe: ClassVar[Recipe] = Recipe(steps=1500, held_out=1000)
    tokenizer: ClassVar[str] = "word"

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        """n whole sentences; they tell their lengths, as windows of text, which have a token more, don't."""
        tokens = spoken(rng, rng.integers(0, len(CAUSES), n))
        return Batch(tokens, np.full_like(tokens, IGNORE), lengths=np.full(n, self.length))

    def ceilings(self) -> None:
        return None

    def least_loss(self, objective: ObjectiveSpec, batch: Batch) -> float:
        """Nats at the scored places of a framed batch for the best possible reader."""
        return least_loss(objective, batch)
