"""The options of a look, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.looking.attention import NothingToSee
from core.picture import LOOKS

PART = {"part": "encoder"}  # of an encoder–decoder
CALLED = {int: "a whole number", float: "a number", str: "a word", tuple: "a list", bool: "true or false"}


def checked(what: str, options: Mapping[str, Any], more: Mapping[str, Any] = {}, less: Iterable[str] = ()) -> None:
    """Raise NothingToSee for an option that a look hasn't got, or one of another kind than its default.

    `more` options with their defaults, `less` those that are of no use here.
    """
    known = {name: default for name, default in {**LOOKS[what].options, **more}.items() if name not in less}
    for name, value in options.items():
        if name not in known:
            raise NothingToSee(f"“{what}” has no option “{name}” here. Its options: {', '.join(known) or 'none'}.")
        kind = type(known[name])
        if kind in CALLED and not _fits(value, kind):
            raise NothingToSee(f"“{name}” is {CALLED[kind]}, not {value!r}.")


def _fits(value: Any, kind: type) -> bool:
    if kind is tuple:
        return isinstance(value, list | tuple)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
