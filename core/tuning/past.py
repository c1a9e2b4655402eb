"""What a fine-tuned model was pretrained on: to measure what it forgot, and to practise it along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from core.data.batches import frame
from core.data.contract import Batch
from core.data.corpora import TextSource, joints_of
from core.models.build import Model
from core.objectives import Question, ask, evaluate
from core.starts import Start

SENTENCES = 1000  # on which the pretraining objective is measured at the start and at the end
PART = 200  # and in between
MASK_RATE = 0.15  # at which masked words are measured, whatever they were trained with
UNMEASURED = ("masked-and-next", "next-sentence", "sentence-order")  # their heads aren't kept, or ask for pairs


class Past:
    """The pretraining objective of a start, on `device`."""

    def __init__(self, start: Start, device: torch.device) -> None:
        self.start, self.device = start, device
        objective = start.experiment.resolved().objective
        self.objective = replace(objective, mask_rate=MASK_RATE) if objective.name == "masked-word" else objective
        self.practised = objective

    @property
    def measured(self) -> bool:
        return self.start.experiment.objective_name not in UNMEASURED

    def framed(self, batch: Batch, rng: np.random.Generator, practised: bool = False) -> Batch:
        source = self.start.source
        marks = source.tokenizer.marks if isinstance(source, TextSource) else getattr(source, "marks", 0)
        asked = self.practised if practised else self.objective
        return frame(asked, batch, rng, len(source.words), marks, joints_of(source))

    def batch(self, n: int, rng: np.random.Generator) -> Question:
        """n fresh sentences of the pretraining data with its question."""
        return ask(self.framed(self.start.source.sample(rng, n), rng, practised=True), self.device)

    @cached_property
    def held_out(self) -> Batch:
        """The same sentences and blanks for every run that starts here."""
        return self.framed(self.start.source.held_out(SENTENCES), np.random.default_rng(0))

    @cached_property
    def floor(self) -> float | None:
        """Nats that even the best possible reader would lose on them; None where nobody knows."""
        known: Any = getattr(self.start.source, "least_loss", None)
        return None if known is None else known(self.objective, self.held_out)

    @contextmanager
    def head(self, model: Model) -> Iterator[None]:
        """For a moment the model answers as it was pretrained to."""
        kept = model.read_out, model.objective
        assert model.former is not None
        model.read_out, model.objective = model.former, self.start.experiment.objective_name
        try:
            yield
        finally:
            model.read_out, model.objective = kept

    def measure(self, model: Model, whole: bool = True) -> dict[str, float]:
        """Loss and accuracy of the pretraining objective now, with its floor where that is known; or on a part."""
        batch = self.held_out if whole else self.held_out.rows(slice(PART))
        with self.head(model) if model.former is not None else nullcontext():  # None: the pretrained model itself
            found = evaluate(model, batch, self.device)
        return found if self.floor is None or not whole else {**found, "floor": self.floor}
