"""What there is to choose from, as `python -m core list` tells it: every row is plain values, its name first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.data.registry import DATA, GAMES
from core.decoding.registry import DECODERS
from core.fields import settings_of
from core.parts.tune import STRATEGIES as SETTINGS
from core.picture import LOOKS
from core.spec import ADDITIVE_JOINS, DIRECTIONS, FAMILIES, JOINS, OBJECTIVE_OF, OBJECTIVES
from core.text import TOKENIZERS
from core.tuning.registry import STRATEGIES


def _tasks() -> list[dict[str, Any]]:
    kinds: dict[str, Any] = DATA
    return [
        {"name": name, "title": cls.title, "story": cls.story, "settings": _settings(cls)}
        for name, cls in kinds.items()
    ]


def _settings(cls: type) -> dict[str, Any]:
    """What can be set, by name."""
    return {one.name: {"default": one.default, **asdict(about)} for one, about in settings_of(cls)}


def _models() -> list[dict[str, Any]]:
    return [{"family": family, "direction": direction} for family in FAMILIES for direction in DIRECTIONS]


def _fusions() -> list[dict[str, Any]]:
    kinds = {"deep": "in every layer", **dict.fromkeys(ADDITIVE_JOINS, "late, additive before a linear read-out")}
    return [{"name": name, "meets": kinds.get(name, "late, can multiply the two sides")} for name in JOINS]


def _objectives() -> list[dict[str, Any]]:
    kinds: dict[str, Any] = DATA
    by = {name: f"text and sentences, {direction}" for direction, name in OBJECTIVE_OF.items()}
    by["answer"] = f"games: {', '.join(GAMES)}"
    asked = {name: ", ".join(task for task, cls in kinds.items() if name in cls.objectives) for name in OBJECTIVES}
    return [{"name": name, "for": by.get(name, tasks)} for name, tasks in asked.items()]


def _decoders() -> list[dict[str, Any]]:
    rows = DECODERS.items()
    return [{"name": name, "story": one.story, "cost": one.cost, "source": one.source} for name, one in rows]


def _strategies() -> list[dict[str, Any]]:
    return [
        {"name": name, "title": one.title, "story": one.story, "settings": list(SETTINGS[name]), "source": one.source}
        for name, one in STRATEGIES.items()
    ]


def _looks() -> list[dict[str, Any]]:
    rows = LOOKS.items()
    return [{"name": name, "story": one.story, "options": dict(one.options)} for name, one in rows]


LISTS: dict[str, Any] = {
    "tasks": _tasks,
    "models": _models,
    "fusions": _fusions,
    "objectives": _objectives,
    "decoders": _decoders,
    "looks": _looks,
    "strategies": _strategies,
    "tokenizers": lambda: [{"name": name, "tokens": words} for name, words in TOKENIZERS.items()],
}
