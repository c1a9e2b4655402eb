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
        return "Data"
    part, _, field = name.partition(".")
    owner = type(experiment.data.settings) if part == "data" else PARTS[part]
    labels = {one.name: about.label for one, about in settings_of(owner)}
    return labels.get(field, field)


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
        return str(DATA[value].title)
    if name == "tune.strategy":
        return STRATEGIES[value].title if value else "–"
    if name == "data.text":
        return "own text" if value else "built-in text"
    if name == "model.checkpoint":
        return title_of(value) if value else "fresh weights"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return readable(value) if isinstance(value, str) else shown(value)


def brief(experiment: Experiment) -> str:
    """Data and direction: a run's name until its learner gives it another."""
    model = experiment.model
    kind = title_of(model.checkpoint) if model.checkpoint else readable(model.family)
    if experiment.tune.wanted:
        kind = f"{STRATEGIES[experiment.tune.strategy].title}, {kind}"
    return f"{DATA[experiment.data.task].title} · {kind} {readable(model.direction)}"


@lru_cache(maxsize=256)
def summary(experiment: Experiment) -> str:
    """One line: data, kind of model, direction, and what else differs from the defaults."""
    full = experiment.resolved()
    model, data = full.model, full.data.settings
    join = f", joined {'deep' if not model.late else 'late (' + readable(model.join) + ')'}" if model.two_way else ""
    if model.family == "encoder-decoder":
        join = (f", {readable(model.writing)}" if model.two_way else "") + f", of {readable(model.cells)}s"
    changed = [
        _told(f"data.{one.name}", about.label, getattr(data, one.name))
        for one, about in settings_of(data)
        if getattr(data, one.name) != one.default
    ]
    data_said = DATA[full.data.task].title + (f" ({', '.join(changed)})" if changed else "")
    asked = full.objective.name
    if asked in OF_PAIRS or (full.data.asks_words and asked != OBJECTIVE_OF[model.direction]):
        data_said += f" · {readable(asked)}"
    size = f"width {model.width}, {model.layers} layer{'s' if (model.layers or 0) > 1 else ''}"
    begun = f" · from {title_of(model.checkpoint)}" if model.checkpoint else ""
    if full.tune.wanted:
        begun = f" · fine-tuned: {STRATEGIES[full.tune.strategy].title}"
    return f"{data_said} · {readable(model.family)} {readable(model.direction)}{join} · {size}{begun}"


def title_of(checkpoint: str) -> str:
    """A checkpoint's name without what only we need."""
    name = checkpoint.removeprefix(OFFERED)
    return f"{name} (on this server)" if name != checkpoint else f"checkpoint {name[-6:]}" if KEPT in name else name


def _told(name: str, label: str, value: Any) -> str:
    """A setting with its value, as part of a sentence; whose text it is needs no label."""
    return value_of(name, value) if name == "data.text" else f"{label.lower()} {value_of(name, value)}"


def differing(experiments: Sequence[Experiment]) -> list[str]:
    """Dotted names of the settings in which any two of the experiments differ, the telling ones first."""
    names = [name for other in experiments[1:] for name, _, _ in differences(experiments[0], other)]
    ranks = {"data.task": 0, "model.checkpoint": 1, "model.direction": 1, "model.family": 2, "model.join": 3}
    return sorted(dict.fromkeys(names), key=lambda name: ranks.get(name, 4))


def short_names(experiments: Sequence[Experiment], titles: Sequence[str] = ()) -> list[str]:
    """A letter and what is special about each run: "A · → left to right". A learner's own title comes first."""
    return list(_short_names(tuple(experiments), tuple(titles)))


@lru_cache(maxsize=64)
def _short_names(experiments: tuple[Experiment, ...], titles: tuple[str, ...]) -> tuple[str, ...]:
    """Kept, because live pages ask several times a second."""
    told = differing(experiments)[:IN_A_NAME] or ["model.direction"]
    names = []
    for index, experiment in enumerate(experiments):
        title = titles[index] if index < len(titles) else ""
        values = (value_in(experiment, name) for name in told)
        special = title or ", ".join(value for value in values if value != value_of("", None))
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
    head = "| Setting | " + " | ".join(plain(name) for name in names) + " |\n|:--|" + ":--|" * len(names)
    rows = []
    for name in told:
        owner = next(one for one in experiments if name in one.plain())
        cells = (plain(value_in(one, name)) for one in experiments)
        rows.append(f"| {label_of(name, owner)} | " + " | ".join(cells) + " |")
    if by_hand:
        rows.append("| Learning rate, changed by hand | " + " | ".join(map(_factor, steered)) + " |")
    return "\n".join([head, *rows])


def _factor(factor: float | None) -> str:
    """A factor on the learning rate, as a cell of a table."""
    return value_of("", None) if factor is None else "× 1 again" if factor == 1 else f"× {factor:g}"
