"""The words of the pages in other languages: each is there, fits, and is known again when filled in."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ui.catalogue.__main__ import languages, wrong
from ui.catalogue.entries import Catalogue
from ui.catalogue.messages import ROOT, calls, of_engine, of_page

PAGES = sorted(path for path in (ROOT / "ui").rglob("*.py") if path.name != "app.py")
ENTRIES = {
    "Delete": "删除",
    "{name} must be at least {low}.": "{name}不能小于 {low}。",
    "{name} must be a whole number.": "{name}必须是整数。",
    "Steps": "步数",
    "Choose a smaller size.": "请选小一点的尺寸。",
    "{a} of {b}": "{b} 中的 {a}",
}


def retold(words: str) -> str:
    return Catalogue(ENTRIES).said(words)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Delete", "删除"),
        (" Delete\n", " 删除\n"),
        ("Steps must be at least 3.", "步数不能小于 3。"),
        ("Seed must be a whole number.", "Seed必须是整数。"),  # a gap whose words nobody translated
        ("Steps must be at least 3. Choose a smaller size.", "步数不能小于 3。请选小一点的尺寸。"),
        ("Steps must be at least 3. Nobody said this.", "步数不能小于 3。Nobody said this."),
        ("Nobody said this. Choose a smaller size.", "Nobody said this. 请选小一点的尺寸。"),
        ("Nobody said this.", "Nobody said this."),
        ("3 of 4", "3 of 4"),  # too few letters to be known again
        ("", ""),
    ],
)
def test_words_are_known_alone_filled_in_and_side_by_side(english: str, chinese: str) -> None:
    assert retold(english) == chinese


def test_a_page_fills_its_own_gaps_so_they_are_left_open() -> None:
    assert Catalogue(ENTRIES).said("{a} of {b}", exact=True) == "{b} 中的 {a}"


def test_messages_are_read_from_pages_and_from_what_the_engine_raises_and_declares() -> None:
    page = ast.parse(
        'def show():\n    tr("Go on" if ready else "Wait {n} s", n=3)\n    print("no message")\nT = later("Runs")'
    )
    assert sorted(of_page(page, "")) == ["Go on", "Runs", "Wait {n} s"]
    engine = ast.parse(
        'title = "Word senses"\nkind = "no message at all"\nclass S:\n    """Doc string."""\n'
        '    n = setting(3, "Seed", "Draws it anew.")\n\n\n'
        'def f(n):\n    raise SpecError("data.n", n, f"Has {n} words{\'\' if n else n}.")'
    )
    assert sorted(of_engine(engine, "core/x.py")) == ["Draws it anew.", "Has {n} words{3}.", "Seed", "Word senses"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_say_whole_messages_and_only_when_a_learner_is_there(path: Path) -> None:
    """An f-string is another message for each value, and at import nobody's language is known."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in calls(tree, "tr", "later"):
        assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), f"line {call.lineno}"
    inside = {
        id(call)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for part in (function.body if isinstance(function.body, list) else [function.body])
        for call in calls(part, "tr")
    }
    assert {call.lineno for call in calls(tree, "tr") if id(call) not in inside} == set()


@pytest.mark.parametrize("language", languages())
def test_every_message_is_translated_and_no_translation_is_stale(language: str) -> None:
    assert [one for one in wrong(language) if not one.startswith("not translated")] == []
