"""What a page still says in English to a learner who reads Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from streamlit.testing.v1 import AppTest

SAID_IN = {
    "label",
    "help",
    "body",
    "options",
    "placeholder",
    "text",
    "content",
    "tooltip",
    "alt",
    "caption",
    "captions",
}
IN_CHARTS = {"text", "name", "description", "formatter", "label", "ticktext", "hovertemplate", "x"}
IN_CANVASES = {"label", "note", "title", "unit", "joint", "row", "column", "filled", "empty", "step", "value", "name"}
NO_WORDS = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|"
    r"\]\([^)]*\)|:material/\w+:|:[a-z-]+\[|https?:\S+|“[^”]*”|\{[^}]*\}|\\.|<[^>]+>",
    re.DOTALL,
)
ENGLISH = re.compile(
    r"\b[a-z]{2,}\b(?:[ ,]+\b[A-Za-z]{2,}\b)+|\b[A-Z][a-z]+ [a-z]{2,}\b(?: \b[a-z]{2,}\b)*|\b[a-z]{3,}\b"
)


def said(app: AppTest) -> Iterator[str]:
    """Every text that the page shows: labels, helps, options, paragraphs."""
    for node in app._tree:  # type: ignore[attr-defined]
        if (proto := getattr(node, "proto", None)) is not None and hasattr(proto, "DESCRIPTOR"):
            yield from _strings(proto)


def _strings(proto: Any) -> Iterator[str]:
    for field, value in proto.ListFields():
        several = value if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for one in several:
                if hasattr(one, "ListFields"):
                    yield from _strings(one)
        elif field.type == FieldDescriptor.TYPE_STRING and field.name in SAID_IN:
            yield from several


def drawn(app: AppTest) -> Iterator[str]:
    """Every text in the charts and canvases of a page."""
    for node in app._tree:  # type: ignore[attr-defined]
        proto = getattr(node, "proto", None)
        if node.type in ("echarts_chart", "plotly_chart"):
            yield from _texts(json.loads(proto.spec), IN_CHARTS)
        elif node.type == "bidi_component":
            yield from _texts(json.loads(proto.json or proto.mixed.json or "null"), IN_CANVASES)


def _texts(value: Any, keys: set[str], key: str = "") -> Iterator[str]:
    """The strings under any of these keys, wherever they stand."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, keys, name)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, keys, key)
    elif isinstance(value, str) and key in keys:
        yield value


def english_left(app: AppTest, *names: str) -> list[str]:
    """English words on a page, but those in code, formulas, addresses and quotation marks, and but `names`."""
    return english_in(said(app), *names)


def english_drawn(app: AppTest, *names: str) -> list[str]:
    """English words in the charts and canvases of a page: titles, axes, tooltips, what is told to the blind."""
    return english_in(drawn(app), *names)


def english_in(texts: Iterable[str], *names: str) -> list[str]:
    allowed = set(re.findall(r"[a-z]+", " ".join(names).lower()))
    left = []
    for words in dict.fromkeys(texts):
        found = ENGLISH.findall(NO_WORDS.sub(" ", words))
        if [one for one in found if not set(re.findall(r"[a-z]+", one.lower())) <= allowed]:
            left.append(words)
    return left
