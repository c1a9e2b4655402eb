"""Where fine-tuning starts: a pretrained model, what it was trained on, and its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.built_in import WEIGHTS, pretraining
from core.data.contract import Source
from core.data.registry import DATA, open_source
from core.fields import SpecError
from core.hub import Folder
from core.loading import starting
from core.parts.tune import BUILT_IN
from core.shelf import find, tokenizer_of
from core.spec import Experiment, ModelSpec, from_json

TABLED = ("learned", "sinusoidal")  # positions that stand in a table, which ends somewhere
RUN = re.compile(r"run:([0-9a-f]{32})(?:@(\d+))?")
CHECKPOINT = "checkpoint:"


@dataclass(frozen=True)
class Start:
    """`experiment` and `source` are those of the pretraining; `length` and `kinds` (of tokens) what the model reads."""

    title: str
    experiment: Experiment
    source: Source
    classes: int  # answers of its own read-out
    length: int
    kinds: int
    weights: Path | Folder  # a training state of ours, or an imported checkpoint
    order: np.ndarray | None = None  # (V,) an imported checkpoint's id of each of our tokens

    @property
    def words(self) -> tuple[str, ...]:
        """(V,) its vocabulary."""
        return self.source.words

    @property
    def past(self) -> dict[str, Any]:
        """What a fine-tuned model has to remember of it, as plain values."""
        return {
            "experiment": self.experiment.to_json(),
            "classes": self.classes,
            "length": self.length,
            "kinds": self.kinds,
        }

    @property
    def model(self) -> ModelSpec:
        """The model of an experiment that fine-tunes it: its own, with as many places, and a new read-out on top."""
        own = self.experiment.model
        places = self.length if own.family == "transformer" and own.positions in TABLED else own.places
        return replace(own, checkpoint="", tied_words=False, places=places)

    @property
    def most(self) -> int | None:
        """How many tokens it can read at once; None: any number."""
        return self.model.places


class Kept(NamedTuple):
    """A run whose weights are there to begin from."""

    title: str
    experiment: Experiment
    weights: Path


Runs = Callable[[str, int | None], Kept | None]  # a run's id and a step, None the last -> the run, if it is there


def open_start(name: str, runs: Runs | None = None, read_text: Callable[[str], str] | None = None) -> Start:
    """The starting point of this name (see TuneSpec.start); no weight is read yet.

    Raises SpecError in words where nothing can begin there, CheckpointError or TextError where its files can't be read.
    """
    if name == BUILT_IN:
        return _opened("the built-in model", pretraining(), WEIGHTS, read_text)
    if name.startswith(CHECKPOINT):
        checkpoint = name.removeprefix(CHECKPOINT)
        folder = find(checkpoint)
        experiment = from_json(starting(folder, checkpoint))
        start = _opened(checkpoint, experiment, folder, read_text)
        return replace(start, order=tokenizer_of(checkpoint).order)
    named = RUN.fullmatch(name)
    kept = runs(named[1], None if named[2] is None else int(named[2])) if named and runs else None
    if kept is None:
        raise _refused(name, "This run isn’t there (any more), or has kept no weights of that step.")
    if kept.experiment.tune.wanted:
        reason = "This run was fine-tuned itself. Begin where it began, or from another pretrained model."
        raise _refused(name, reason, kept.experiment.tune.start)
    if kept.experiment.model.family == "encoder-decoder":
        raise _refused(name, "An encoder–decoder has no one state to read a class from, so nothing can begin there.")
    return _opened(kept.title or _title(kept.experiment), kept.experiment, kept.weights, read_text)


def _opened(
    title: str, experiment: Experiment, weights: Path | Folder, read_text: Callable[[str], str] | None
) -> Start:
    settings, model = experiment.data.settings, experiment.model
    source = open_source(settings, read_text, model.checkpoint)
    length, kinds = max(settings.length, model.places or 0), max(settings.kinds, model.token_types)
    return Start(title, experiment, source, len(source.classes), length, kinds, weights)


def _title(experiment: Experiment) -> str:
    settings: Any = DATA[experiment.data.task]
    return f"{settings.title}, {experiment.model.family}, {experiment.model.direction}"


def _refused(name: str, reason: str, works: str = BUILT_IN) -> SpecError:
    return SpecError("tune.start", name, reason, {"tune.start": works})
