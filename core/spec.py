"""Experiment: everything a learner chose, as one frozen value.

The widgets, the share link, the file, the command line, the worker and the comparison of two runs all read this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.data.corpora import Text
from core.data.labels.own import OwnLabels
from core.data.pairs.own import Pairs
from core.data.registry import DATA
from core.data.spans import Spans
from core.data.transfer.sentences import Sentences
from core.fields import SpecError, read, settings_of, written
from core.parts import (
    ADDITIVE_JOINS,
    DIAL,
    DIRECTIONS,
    FAMILIES,
    JOINS,
    LATE_JOINS,
    LSTM_LAYERS,
    OBJECTIVE_OF,
    OBJECTIVES,
    PAIRED,
    READERS,
    ModelSpec,
    ObjectiveSpec,
    Sizes,
    TrainSpec,
    TuneSpec,
)
from core.parts.needs import unmet
from core.parts.tune import BATCH, FULL_RATE, RATES, STEPS, conflicts

__all__ = [
    "ADDITIVE_JOINS", "DIAL", "DIRECTIONS", "FAMILIES", "JOINS", "LATE_JOINS", "LSTM_LAYERS", "OBJECTIVES",
    "OBJECTIVE_OF", "PAIRED", "PARTS", "READERS", "VERSION", "DataSpec", "Experiment", "ModelSpec", "ObjectiveSpec",
    "Sizes", "SpecError", "TrainSpec", "TuneSpec", "differences", "from_json", "usual_family",
]  # fmt: skip
VERSION = 1
NAMED = 10  # data that an error names
PARTS = ("data", "model", "objective", "train", "tune")


@dataclass(frozen=True)
class DataSpec:
    """Where sequences come from: `task` names a language game or "text"; `settings` are that source's own."""

    task: str = "sense"
    settings: Any = None  # a Game or Text; None: the task's defaults

    def __post_init__(self) -> None:
        if not isinstance(self.task, str) or self.task not in DATA:
            names = ", ".join(list(DATA)[:NAMED])
            reason = f"There is no such data. Known: {names} and {len(DATA) - NAMED} more."
            raise SpecError("data.task", self.task, reason, {"data.task": "sense"})
        if self.settings is None:
            object.__setattr__(self, "settings", DATA[self.task]())
        elif type(self.settings) is not DATA[self.task]:
            raise SpecError("data.settings", self.settings, f"These settings don't belong to “{self.task}”.")

    @property
    def own(self) -> str:
        """The name of what the learner brought, a kept text or table; "" where nothing was."""
        return str(getattr(self.settings, "text", ""))

    @property
    def is_made(self) -> bool:
        """Whether the settings are a generator, with a vocabulary and ceilings of their own."""
        return not isinstance(self.settings, Text | OwnLabels | Pairs | Spans)

    @property
    def is_text(self) -> bool:
        return isinstance(self.settings, Text)

    @property
    def asks_words(self) -> bool:
        """Whether its own words are what is asked for: of text, and of sentences to pretrain on."""
        return isinstance(self.settings, Text | Sentences)


@dataclass(frozen=True)
class Experiment:
    """One experiment. Raises SpecError where its parts can't work together; one that cheats works (core.cheating)."""

    data: DataSpec = field(default_factory=DataSpec)
    model: ModelSpec = field(default_factory=ModelSpec)
    objective: ObjectiveSpec = field(default_factory=ObjectiveSpec)
    train: TrainSpec = field(default_factory=TrainSpec)
    tune: TuneSpec = field(default_factory=TuneSpec)

    def __post_init__(self) -> None:
        name = self.objective_name
        if name not in self.data.settings.objectives:
            raise SpecError("objective.name", name, self._why_not_asked, {"objective.name": self._usual_objective})
        self._check_family(name)
        if need := unmet(name, self.model):
            raise SpecError("objective.name", name, need.reason, need.works)
        for conflict in conflicts(self.tune, self.model, name):
            raise conflict
        self._check_words()

    def _check_family(self, name: str) -> None:
        """An encoder–decoder reads one sentence and writes another; no other family does."""
        writes = self.model.family == "encoder-decoder"
        if writes and name not in PAIRED:
            possible = [one for one in self.data.settings.objectives if one in PAIRED]
            works = {"objective.name": possible[0]} if possible else {"model.family": "transformer"}
            reason = "An encoder–decoder reads one sentence and writes another, so it needs pairs of them."
            raise SpecError("model.family", self.model.family, reason, works)
        if name in PAIRED and not writes:
            reason = "To write another sentence than the one that is read takes an encoder and a decoder."
            raise SpecError("model.family", self.model.family, reason, {"model.family": "encoder-decoder"})

    def _check_words(self) -> None:
        """What a checkpoint, and word vectors that are shared, ask of the data."""
        model = self.model
        if model.checkpoint and not self.data.is_text:
            reason = "A checkpoint reads text, and a game has a language of its own."
            raise SpecError("model.checkpoint", model.checkpoint, reason, {"model.checkpoint": ""})
        length, places = self.data.settings.length, model.places
        if model.checkpoint and places and length > places:
            reason = f"This checkpoint knows {places} places, so it can't read more tokens at once."
            raise SpecError("data.length", length, reason, {"data.length": places})
        if model.tied_words and not self.data.asks_words and model.family != "encoder-decoder":
            reason = "The answers of a game are no words of its vocabulary, so they can't share the words' vectors."
            raise SpecError("model.tied_words", True, reason, {"model.tied_words": False})

    @property
    def objective_name(self) -> str:
        return self.objective.name or self._usual_objective

    @property
    def _usual_objective(self) -> str:
        """What is asked where nobody chose: of text the word that the direction leaves unseen."""
        asked: tuple[str, ...] = self.data.settings.objectives
        return OBJECTIVE_OF[self.model.direction] if self.data.asks_words else asked[0]

    @property
    def _why_not_asked(self) -> str:
        title, asked = self.data.settings.title, self.data.settings.objectives
        reason = f"“{title}” can be asked for: {', '.join(asked)}."
        if self.objective_name == "answer":
            reason = "Plain text asks no question, so there is no answer to learn."
        elif asked == ("answer",):
            reason = f"The game “{self.data.task}” asks for its answer."
        elif asked == ("classify",):
            reason = f"“{title}” has one class for each sentence, so the class is what can be asked for."
        elif asked == ("tag",):
            reason = f"“{title}” has a tag for each word, so the tags are what can be asked for."
        return reason

    def resolved(self) -> Experiment:
        """The same experiment with nothing left to a default."""
        recipe, tune = self.data.settings.recipe, self.tune
        if tune.wanted:
            rate = RATES.get(tune.strategy, FULL_RATE)
            recipe = replace(recipe, steps=STEPS, batch=min(BATCH, tune.labels or BATCH), learning_rate=rate)
        train = replace(
            self.train,
            steps=recipe.steps if self.train.steps is None else self.train.steps,
            batch=self.train.batch or recipe.batch,
            learning_rate=self.train.learning_rate or recipe.learning_rate,
        )
        if tune.strategy == "zero-shot":  # it only asks
            train = replace(train, steps=0)
        train = replace(
            train,
            evaluate_every=train.evaluate_every or max(1, (train.steps or 1) // (10 if tune.wanted else 20)),
            held_out=train.held_out or recipe.held_out,
        )
        objective = self.objective.resolved(self.objective_name)
        data = self.data
        if self.model.checkpoint and isinstance(data.settings, Text):  # which brings its own tokenizer
            data = replace(data, settings=replace(data.settings, tokenizer=Text.tokenizer, vocabulary=Text.vocabulary))
        return Experiment(data, self.model.resolved(), objective, train, tune.resolved())

    def to_json(self) -> dict[str, Any]:
        """Plain values, only what differs from the defaults."""
        data = {"task": self.data.task, **written(self.data.settings)}
        parts = {name: written(getattr(self, name)) for name in PARTS[1:]}
        return {"version": VERSION, "data": data, **{name: part for name, part in parts.items() if part}}

    def plain(self) -> dict[str, Any]:
        """Every setting of the resolved experiment by dotted name."""
        full = self.resolved()
        parts = {"data": full.data.settings, "model": full.model, "objective": full.objective, "train": full.train}
        parts |= {"tune": full.tune} if full.tune.wanted else {}  # so that other experiments keep their keys
        rows = {
            f"{part}.{one.name}": getattr(value, one.name)
            for part, value in parts.items()
            for one, _ in settings_of(value)
        }
        return {"data.task": full.data.task, **rows}

    def key(self) -> str:
        """16 hex digits, the same on every machine for experiments that mean the same."""
        text = json.dumps([VERSION, self.plain()], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def with_(self, changes: Mapping[str, Any]) -> Experiment:
        """A copy with dotted names changed: {"model.direction": "both"}. Another task starts from its own defaults."""
        plain = self.to_json()
        if changes.get("data.task", self.data.task) != self.data.task:
            plain["data"] = {}
        return from_json(_changed(_parts(plain), changes))


def from_json(given: str | Mapping[str, Any]) -> Experiment:
    """An Experiment from JSON text or plain values.

    Raises SpecError in words that a learner can act on; its `works` repairs everything that is wrong, not one field.
    """
    parts = _parts(given)
    try:
        return _built(parts)
    except SpecError as error:
        raise SpecError(error.name, error.value, error.reason, _repair(parts, error.works)) from None


def _parts(given: str | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of an experiment as plain dictionaries; values unchecked."""
    plain: Any = given
    if isinstance(given, str):
        try:
            plain = json.loads(given)
        except ValueError as error:
            raise SpecError("experiment", given[:40], f"This is not valid JSON ({error}).") from None
    if not isinstance(plain, Mapping):
        raise SpecError("experiment", str(plain)[:40], f"An experiment is a JSON object with {', '.join(PARTS)}.")
    version = plain.get("version", VERSION)
    if version != VERSION:
        reason = f"This experiment was written by another Bothways; this one reads version {VERSION}."
        raise SpecError("version", version, reason, {"version": VERSION})
    for name, part in plain.items():
        if name not in ("version", *PARTS):
            raise SpecError(name, str(part)[:40], f"An experiment has no such part. Known: {', '.join(PARTS)}.")
        if name != "version" and not isinstance(part, Mapping):
            raise SpecError(name, str(part)[:40], "This part must be a JSON object.")
    return {name: dict(plain.get(name, {})) for name in PARTS}


def _built(parts: Mapping[str, Mapping[str, Any]]) -> Experiment:
    settings = dict(parts["data"])
    task = settings.pop("task", "text" if "text" in settings else DataSpec.task)
    data = DataSpec(task)  # says what is known
    if settings:
        data = DataSpec(task, read(DATA[task], settings, "data"))
    tune = read(TuneSpec, parts["tune"], "tune")
    model = read(ModelSpec, {"family": usual_family(task), **tune.model, **parts["model"]}, "model")
    objective, train = read(ObjectiveSpec, parts["objective"], "objective"), read(TrainSpec, parts["train"], "train")
    return Experiment(data, model, objective, train, tune)


def usual_family(task: str) -> str:
    """The family of a model where nobody chose one: pairs of sentences take an encoder and a decoder."""
    data: Any = DATA[task]
    return "encoder-decoder" if set(data.objectives) <= set(PAIRED) else ModelSpec.family


def _repair(parts: Mapping[str, Mapping[str, Any]], works: Mapping[str, Any]) -> dict[str, Any]:
    """`works` with all that has to change along with it; empty where no repair is known."""
    changes: dict[str, Any] = {}
    for _ in range(8):  # each repair may bring up the next conflict
        changes |= works
        try:
            _built(_changed(parts, changes))
        except SpecError as error:
            works = error.works
        else:
            return changes
    return {}


def _changed(parts: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A copy of plain parts with dotted names set."""
    changed = {name: dict(part) for name, part in parts.items()}
    for name, value in changes.items():
        part, _, setting_name = name.partition(".")
        if part not in PARTS or not setting_name:
            raise SpecError(name, value, "Settings are written as part.name, such as model.direction.")
        changed[part].pop(setting_name, None)  # what is set last counts, aliases included
        changed[part][setting_name] = value
    return changed


def differences(a: Experiment, b: Experiment) -> list[tuple[str, Any, Any]]:
    """(dotted name, value in a, value in b) wherever two experiments differ; None where one hasn't the setting."""
    left, right = a.plain(), b.plain()
    return [
        (name, left.get(name), right.get(name))
        for name in dict.fromkeys([*left, *right])
        if left.get(name) != right.get(name)
    ]
