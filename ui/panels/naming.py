"""Runs and experiments in a learner's words: what a run is, and how several differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from core.data.registry import DATA
from core.fields import settings_of, shown
from core.parts.objective import OBJECTIVE_OF, OF_PAIRS
from core.shelf import KEPT, OFFERED
from core.spec import Experiment, ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, differences
from core.tuning.registry import STRATEGIES
from ui.panels.controls import readable
from ui.words import language, tr

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PARTS = {"model": ModelSpec, "objective": ObjectiveSpec, "train": TrainSpec, "tune": TuneSpec}
MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~$<>:])")
IN_A_NAME = 2  # differences that fit into a run's short name


def plain(text: str) -> str:
    """A learner's words, safe inside Markdown."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def label_of(name: str, experiment: Experiment) -> str:
    """The label of a setting by its dotted name: "model.direction" → "Direction"."""
    if name == "data.task":
        return tr("Data")
    part, _, field = name.partition(".")
    owner = type(experiment.data.settings) if part == "data" else PARTS[part]
    labels = {one.name: about.label for one, about in settings_of(owner)}
    return tr(labels.get(field, field))


def value_in(experiment: Experiment, name: str) -> str:
    """What an experiment has for a setting; "–" where the setting means nothing to it."""
    if name == "model.join" and not experiment.model.two_way:
        return value_of(name, None)
    return value_of(name, experiment.plain().get(name))


def value_of(name: str, value: Any) -> str:
    """A setting's value as the pages write it."""
    if value is None:
        return "–"
    if name == "data.task":
        return tr(DATA[value].title)
    if name == "tune.strategy":
        return tr(STRATEGIES[value].title) if value else "–"
    if name == "data.text":
        return tr("own text") if value else tr("built-in text")
    if name == "model.checkpoint":
        return title_of(value) if value else tr("fresh weights")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return said(value) if isinstance(value, str) else shown(value)


def said(choice: str) -> str:
    """A choice in the learner's words and language."""
    return tr(readable(choice))


def brief(experiment: Experiment) -> str:
    """Data and direction: a run's name until its learner gives it another."""
    model = experiment.model
    kind = title_of(model.checkpoint) if model.checkpoint else said(model.family)
    if experiment.tune.wanted:
        kind = _listed(tr(STRATEGIES[experiment.tune.strategy].title), kind)
    return f"{tr(DATA[experiment.data.task].title)} · {kind} {said(model.direction)}"


def summary(experiment: Experiment) -> str:
    """One line: data, kind of model, direction, and what else differs from the defaults."""
    return _summary(experiment, language())


@lru_cache(maxsize=256)
def _summary(experiment: Experiment, _language: str) -> str:
    full = experiment.resolved()
    model = full.model
    kind = _listed(f"{said(model.family)} {said(model.direction)}", *_joins(model))
    size = (
        tr("width {width}, {layers} layers", width=model.width, layers=model.layers)
        if (model.layers or 0) > 1
        else tr("width {width}, 1 layer", width=model.width)
    )
    parts = [*_data(full), kind, size]
    if full.tune.wanted:
        parts.append(tr("fine-tuned: {strategy}", strategy=tr(STRATEGIES[full.tune.strategy].title)))
    elif model.checkpoint:
        parts.append(tr("from {checkpoint}", checkpoint=title_of(model.checkpoint)))
    return " · ".join(parts)


def _joins(model: ModelSpec) -> list[str]:
    """How two directions meet, and what an encoder–decoder is made of."""
    if model.family == "encoder-decoder":
        return [said(model.writing)] * model.two_way + [tr("of {cells}s", cells=said(model.cells))]
    if not model.two_way:
        return []
    return [tr("joined late ({join})", join=said(model.join)) if model.late else tr("joined deep")]


def _data(full: Experiment) -> list[str]:
    """The data with what was changed of it, and what is asked where that needs telling."""
    data, asked = full.data.settings, full.objective.name
    changed = [
        _told(f"data.{one.name}", about.label, getattr(data, one.name))
        for one, about in settings_of(data)
        if getattr(data, one.name) != one.default
    ]
    title = tr(DATA[full.data.task].title)
    told = tr("{data} ({changes})", data=title, changes=_listed(*changed)) if changed else title
    unusual = full.data.asks_words and asked != OBJECTIVE_OF[full.model.direction]
    return [told, said(asked)] if asked and (asked in OF_PAIRS or unusual) else [told]


def _listed(*parts: str) -> str:
    return tr(", ").join(parts)


def title_of(checkpoint: str) -> str:
    """A checkpoint's name without what only we need."""
    name = checkpoint.removeprefix(OFFERED)
    if name != checkpoint:
        return tr("{name} (on this server)", name=name)
    return tr("checkpoint {name}", name=name[-6:]) if KEPT in name else name


def _told(name: str, label: str, value: Any) -> str:
    """A setting with its value, as part of a sentence; whose text it is needs no label."""
    return value_of(name, value) if name == "data.text" else f"{inside(label)} {value_of(name, value)}"


def inside(label: str) -> str:
    """A label in the middle of a sentence."""
    told = tr(label)
    return told.lower() if told == label else told


def differing(experiments: Sequence[Experiment]) -> list[str]:
    """Dotted names of the settings in which any two of the experiments differ, the telling ones first."""
    names = [name for other in experiments[1:] for name, _, _ in differences(experiments[0], other)]
    ranks = {"data.task": 0, "model.checkpoint": 1, "model.direction": 1, "model.family": 2, "model.join": 3}
    return sorted(dict.fromkeys(names), key=lambda name: ranks.get(name, 4))


def short_names(experiments: Sequence[Experiment], titles: Sequence[str] = ()) -> list[str]:
    """A letter and what is special about each run: "A · → left to right". A learner's own title comes first."""
    return list(_short_names(tuple(experiments), tuple(titles), language()))


@lru_cache(maxsize=64)
def _short_names(experiments: tuple[Experiment, ...], titles: tuple[str, ...], _language: str) -> tuple[str, ...]:
    """Kept, because live pages ask several times a second."""
    told = differing(experiments)[:IN_A_NAME] or ["model.direction"]
    names = []
    for index, experiment in enumerate(experiments):
        title = titles[index] if index < len(titles) else ""
        values = (value_in(experiment, name) for name in told)
        special = title or _listed(*(value for value in values if value != value_of("", None)))
        names.append(f"{LETTERS[index % len(LETTERS)]} · {special}")
    return tuple(names)


def comparison(experiments: Sequence[Experiment], names: Sequence[str], steered: Sequence[float | None] = ()) -> str:
    """A Markdown table of the settings that differ, one column a run; "" where nothing differs.

    `steered`: the factor on each run's learning rate that was last set by hand; None where it never was.
    """
    told = differing(experiments)
    by_hand = any(factor is not None for factor in steered)
    if not told and not by_hand:
        return ""
    head = f"| {tr('Setting')} | " + " | ".join(plain(name) for name in names) + " |\n|:--|" + ":--|" * len(names)
    rows = []
    for name in told:
        owner = next(one for one in experiments if name in one.plain())
        cells = (plain(value_in(one, name)) for one in experiments)
        rows.append(f"| {label_of(name, owner)} | " + " | ".join(cells) + " |")
    if by_hand:
        rows.append(f"| {tr('Learning rate, changed by hand')} | " + " | ".join(map(_factor, steered)) + " |")
    return "\n".join([head, *rows])


def _factor(factor: float | None) -> str:
    """A factor on the learning rate, as a cell of a table."""
    return value_of("", None) if factor is None else tr("× 1 again") if factor == 1 else f"× {factor:g}"
