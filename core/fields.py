"""Settings that describe themselves: one dataclass field is the widget, the URL, the file, the flag and the error.

A choice is declared once, with `setting(...)`. Everything that shows, reads or checks it walks the field's metadata.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, get_args, get_type_hints


class SpecError(ValueError):
    """A choice that can't work: names the field, the value, why, and a value that works.

    `works` maps dotted field names to values; applying them all gives an experiment that is accepted.
    """

    def __init__(self, name: str, value: object, reason: str, works: dict[str, Any] | None = None) -> None:
        self.name, self.value, self.reason, self.works = name, value, reason, works or {}
        super().__init__(str(self))

    def __str__(self) -> str:
        offer = " and ".join(f"{name} = {shown(value)}" for name, value in self.works.items())
        return f"{self.name} = {shown(self.value)}: {self.reason}" + (f" Try {offer}." if offer else "")


@dataclass(frozen=True)
class Setting:
    """What a field tells about itself: `low` and `high` are inclusive; `unit` follows the number on screen."""

    label: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    deeper: bool = False  # shown on request only
    aliases: tuple[str, ...] = ()


def setting(default: Any, label: str, help: str, **more: Any) -> Any:
    """A dataclass field with its label, help, unit, range and choices (see `Setting`)."""
    return field(default=default, metadata={"setting": Setting(label, help, **more)})


def settings_of(cls_or_instance: Any) -> Iterator[tuple[Field[Any], Setting]]:
    """The fields that were declared with `setting`, in order."""
    for one in fields(cls_or_instance):
        if "setting" in one.metadata:
            yield one, one.metadata["setting"]


@cache
def _kinds(cls: type) -> dict[str, tuple[type, ...]]:
    """Accepted types by field; `int | None` gives (int, NoneType)."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(cls).items()}


def shown(value: object) -> str:
    """A value as a learner would write it in a file or after --set, cut where it is long."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def accept(cls: type, one: Field[Any], about: Setting, name: str, value: Any) -> Any:
    """The value in the field's own type, or SpecError: wrong type, not offered, out of range."""
    kinds = _kinds(cls)[one.name]
    works = {name: one.default if one.default is not MISSING else about.choices[0]}
    if value is None and type(None) in kinds:
        return None
    if isinstance(value, str) and str in kinds:
        return _offered(about, name, value, works)
    if isinstance(value, bool):
        if bool in kinds:
            return value
        raise SpecError(name, value, f"{about.label} is not a yes-or-no choice.", works)
    if isinstance(value, int | float) and (int in kinds or float in kinds):
        return _offered(about, name, _number(kinds, about, name, value, works), works)
    raise SpecError(name, value, f"{about.label} must be {_expected(kinds, about)}.", works)


def _expected(kinds: tuple[type, ...], about: Setting) -> str:
    if about.choices:
        offered = ", ".join(shown(choice) for choice in about.choices)
        return f"one of {offered}"
    words = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    return " or ".join(words[kind] for kind in kinds if kind in words)


def _offered(about: Setting, name: str, value: Any, works: dict[str, Any]) -> Any:
    if about.choices and value not in about.choices:
        raise SpecError(name, value, f"{about.label} must be {_expected((), about)}.", works)
    return value


def _number(kinds: tuple[type, ...], about: Setting, name: str, value: float, works: dict[str, Any]) -> float:
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecError(name, value, f"{about.label} must be a finite number.", works)
    if float not in kinds and value != int(value):
        raise SpecError(name, value, f"{about.label} must be a whole number.", {name: round(value)})
    if about.low is not None and value < about.low:
        raise SpecError(name, value, f"{about.label} must be at least {about.low:g}.", {name: about.low})
    if about.high is not None and value > about.high:
        raise SpecError(name, value, f"{about.label} must be at most {about.high:g}.", {name: about.high})
    return float(value) if float in kinds else int(value)


def check(instance: Any, prefix: str) -> None:
    """Check and normalise every setting of a frozen dataclass in place (called from `__post_init__`)."""
    for one, about in settings_of(instance):
        value = accept(type(instance), one, about, f"{prefix}.{one.name}", getattr(instance, one.name))
        object.__setattr__(instance, one.name, value)


def read(cls: type, given: Mapping[str, Any], prefix: str) -> Any:
    """Build `cls` from plain names and values; an unknown name raises SpecError and names the nearest one."""
    names: dict[str, str] = {}
    for one, about in settings_of(cls):
        names.update(dict.fromkeys((one.name, *about.aliases), one.name))
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            meant = f" Did you mean {prefix}.{names[near[0]]}?" if near else ""
            known = ", ".join(dict.fromkeys(names.values()))
            raise SpecError(f"{prefix}.{name}", value, f"There is no such setting here.{meant} Known: {known}.")
        values[names[name]] = value
    return cls(**values)


def written(instance: Any) -> dict[str, Any]:
    """The settings that differ from their defaults, as plain JSON values."""
    values = {one.name: getattr(instance, one.name) for one, _ in settings_of(instance)}
    return {one.name: values[one.name] for one, _ in settings_of(instance) if values[one.name] != one.default}
