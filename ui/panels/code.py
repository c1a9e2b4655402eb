"""Show the code: the real functions behind a choice, read from their files and never imported."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import streamlit as st

from ui.words import tr

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=64)
def excerpt(reference: str, written: float = 0.0) -> tuple[str, int]:
    """The source of "file.py:name" or "file.py:Class.method" and its first line; "file.py" alone is the whole file.

    `written` is the file's time of change, so that an edited file is read again. Raises LookupError where the file has
    no such name.
    """
    path, _, name = reference.partition(":")
    text = (ROOT / path).read_text(encoding="utf-8")
    if not name:
        return text, 1
    node = _find(ast.parse(text), name.split("."))
    if node is None:
        raise LookupError(f"{path} has no {name}")
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno]), first


def _find(tree: ast.AST, names: list[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == names[0]:
            return node if len(names) == 1 else _find(node, names[1:])
    return None


def show_code(*references: str) -> None:
    """The named functions and classes as they are on disk now, each with its file and line; several side by side."""
    named = list(dict.fromkeys(references))
    for reference, place in zip(named, st.tabs([_short(one) for one in named]), strict=True):
        path, _, name = reference.partition(":")
        source, line = excerpt(reference, (ROOT / path).stat().st_mtime)
        with place:
            st.caption(tr("`{path}`, line {line}", path=path, line=line) if name else f"`{path}`")
            st.code(source, language="python")


def _short(reference: str) -> str:
    path, _, name = reference.partition(":")
    return name or path.rpartition("/")[2]
