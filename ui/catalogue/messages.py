"""Which English words can reach a learner: read from the source, so that none is forgotten.

Of the pages it is what stands in `tr("…")` and `later("…")`. Of the engine it is every error, every setting's label,
help and unit, what is named or returned as the tables below say, and all words of the files in SPEAKING. An f-string
becomes a template: each expression in it is a {gap}.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = {"title", "story", "label", "help", "reason", "formula"}  # by these names words are assigned or passed
NAMED |= {"BUSY", "CRASHED", "CUTS", "DISK_FULL", "FULL", "HALTS", "MEMORY", "NOT_STARTED", "NO_TOKENIZER", "NO_WORDS"}
NAMED |= {"DIED", "SLOW", "TAKEN_OUT", "TOKENIZERS", "_NOT_PLAIN"}
NOUNS = {"UNITS"}  # tables whose values are words one by one
RETURNED = {"in_words", "refuses", "_advice", "_unfit"}  # functions that return words
TOLD = {"Need", "Phase", "Unreachable"}  # what is made with words, as every …Error is: raised, returned or yielded
WORDS = re.compile(r"[A-Z]|[a-z]\S* \S")  # what a person would read, not a name in the code
NAME = re.compile(r"[a-z_]+\.\w+")
GAPS = re.compile(r"\{[^{}]*\}")
TERMINAL = ("core/__main__.py", "core/terminal.py")  # the command line speaks English
SPEAKING = (  # files of the engine whose words are all for learners
    "core/cheating.py",
    "core/data/labels/own.py",
    "core/data/labels/tables.py",
    "core/data/pairs/columns.py",
    "core/data/transfer/questions.py",
    "core/decoding/registry.py",
    "core/fields.py",
    "core/insight.py",
    "core/insight_of_pairs.py",
    "core/looking/saliency.py",
    "core/picture.py",
    "core/told.py",
)


def messages() -> dict[str, list[str]]:
    """Every message with the files that say it, in the order of the source."""
    found: dict[str, list[str]] = {}
    for folder, of in (("ui", of_page), ("core", of_engine), ("lessons", of_page)):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for words in of(ast.parse(path.read_text(encoding="utf-8")), name):
                if name not in (files := found.setdefault(words, [])):
                    files.append(name)
    return found


def of_page(tree: ast.Module, _name: str) -> Iterator[str]:
    """The literal words of each call of `tr` and `later`."""
    for call in calls(tree, "tr", "later"):
        yield from (node.value for node in _choices(call.args[0]) if isinstance(node, ast.Constant) and node.value)


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield node


def _choices(node: ast.expr) -> list[ast.expr]:
    """What an argument can be: both sides of an `a if … else b`."""
    if isinstance(node, ast.IfExp):
        return [*_choices(node.body), *_choices(node.orelse)]
    return [node]


def of_engine(tree: ast.Module, name: str) -> Iterator[str]:
    """What is raised, declared as a setting, called a title or a story, or stands in a file that speaks to learners."""
    if name in TERMINAL:
        return
    roots: list[ast.AST] = [tree] if name in SPEAKING else list(_telling(tree))
    pieces = {id(part) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for part in one.values}
    silent = _docstrings(tree) | pieces
    seen = set[int]()
    for node in (node for root in roots for node in ast.walk(root)):
        if id(node) in silent or id(node) in seen:
            continue
        seen.add(id(node))
        words = template(node).strip()
        if WORDS.search(GAPS.sub("0", words)) and not NAME.fullmatch(words):
            yield words
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and _names(node.targets) & NOUNS:
            yield from filter(None, map(template, node.value.values))


def _telling(tree: ast.Module) -> Iterator[ast.AST]:
    """Where the engine speaks to people: errors, settings, and what is named or returned as words."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call() as call):
                yield call
            case ast.Call(func=ast.Name(id=kind)) if kind.endswith("Error") or kind in TOLD:
                yield node
            case ast.Call(func=ast.Name(id="setting")):
                yield from node.args[1:]
                yield from (one.value for one in node.keywords if one.arg in {"label", "help", "unit"})
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in NAMED:
                yield value
            case ast.Assign(targets=[ast.Name(id=name)]) if name in NAMED:
                yield node.value
            case ast.keyword(arg=name) if name in NAMED:
                yield node.value
            case ast.FunctionDef(name=name) if name in RETURNED:
                yield from (
                    one.value for one in ast.walk(node) if isinstance(one, ast.Assign | ast.Return) and one.value
                )


def _names(targets: list[ast.expr]) -> set[str]:
    return {target.id for target in targets if isinstance(target, ast.Name)}


def template(node: ast.AST) -> str:
    """A string with a {gap} for each expression; "" for what is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = []
    for number, part in enumerate(node.values):
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            written = ast.unparse(part.value)
            parts.append("{" + (written if re.fullmatch(r"[\w.]{1,30}", written) else str(number)) + "}")
    return "".join(parts)


def _docstrings(tree: ast.Module) -> set[int]:
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
