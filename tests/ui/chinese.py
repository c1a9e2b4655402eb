"""What a page still says in English to a learner who reads Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
NO_WORDS = re.compile(
    r"```.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|:material/\w+:|:[a-z-]+\[|https?:\S+|“[^”]*”|\{[^}]*\}|\\.|<[^>]+>",
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


def english_left(app: AppTest, *names: str) -> list[str]:
    """English words on a page, but those in code, formulas, addresses and quotation marks, and but `names`."""
    allowed = {word.lower() for name in names for word in name.split()}
    left = []
    for words in dict.fromkeys(said(app)):
        found = ENGLISH.findall(NO_WORDS.sub(" ", words))
        if [one for one in found if not set(re.findall(r"[a-z]+", one.lower())) <= allowed]:
            left.append(words)
    return left
