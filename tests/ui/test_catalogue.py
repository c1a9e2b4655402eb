"""The words of the pages in other languages: each is there, fits, and is known again when filled in."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import polib
import pytest

from ui.catalogue.__main__ import languages, wrong
from ui.catalogue.entries import GAP, LEAST, MARKS, Catalogue, catalogue, path_of
from ui.catalogue.messages import ROOT, calls, messages, of_engine, of_page

PAGES = sorted(path for path in (ROOT / "ui").rglob("*.py") if path.name != "app.py")
ENTRIES = {
    "Delete": "删除",
    "{name} must be at least {low}.": "{name}不能小于 {low}。",
    "{name} must be a whole number.": "{name}必须是整数。",
    "Steps": "步数",
    "Choose a smaller size.": "请选小一点的尺寸。",
    "{a} of {b}": "{b} 中的 {a}",
    "There is no column “{name}”. Use {other}.": "没有 “{name}” 这一列。请用{other}。",
    "{where}, {lacks}, so it must guess.": "{where}，{lacks}，所以只能猜。",
    "At the blank": "在空白处",
    "This goes": "删去它",
    "Its columns: {names}.": "有这些列：{names}。",
    "it has read half. The rest is hidden": "它只读了一半；其余的看不见",
    "word {n}": "第 {n} 个词",
    "word {n}’s state": "第 {n} 个词的状态",
    "It reads {what}: {told}.": "它读到{what}：{told}。",
    "{unit}s stand before other {unit}s here": "这里{unit}在别的{unit}之前",
}


def retold(words: str) -> str:
    return Catalogue(ENTRIES, MARKS["zh"]).said(words)


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
        ("Delete; Seed must be a whole number.", "Delete; Seed必须是整数。"),
        ("This goes; Seed must be a whole number.", "删去它；Seed必须是整数。"),
        ("This goes.", "删去它。"),
        ("Its columns: Steps, Seed.", "有这些列：Steps, Seed。"),
        ("Use Steps.", "Use Steps."),
        ("There is no column “Steps”. Use Steps.", "没有 “Steps” 这一列。请用步数。"),  # a name is somebody's own
        ("There is no column “a. b”. Use Delete.", "没有 “a. b” 这一列。请用删除。"),
        (
            "At the blank, it has read half. The rest is hidden, so it must guess. Delete.",
            "在空白处，它只读了一半；其余的看不见，所以只能猜。删除。",
        ),
        ("It reads word 4: word 4 → word 3’s state.", "它读到第 4 个词：第 4 个词 → 第 3 个词的状态。"),
        ("Stepss stand before other Stepss here", "这里步数在别的步数之前"),
        ("Stepss stand before other words here", "Stepss stand before other words here"),  # one gap, two values
        ("Somebody’s “own words” stay. Delete.", "Somebody’s “own words” stay. 删除。"),
        ("Steps must be at least {low}.", "步数不能小于 {low}。"),  # filled in once, not twice
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


@pytest.mark.parametrize("words", ["a, " * 3000, "Nobody. " * 200, "it, so, " * 12 + "it must guess.", "{" * 500])
def test_words_that_nobody_here_wrote_cost_little(words: str) -> None:
    """Neither a deep recursion nor a search without end."""
    started = time.process_time()
    retold(words)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("language", languages())
def test_what_the_engine_says_is_known_again_with_its_gaps_filled(language: str) -> None:
    told = {one.msgid: one.msgstr for one in polib.pofile(str(path_of(language))) if one.msgstr}
    engine = {words for words, files in messages().items() if GAP.search(words) and files[0].startswith("core/")}
    for words in sorted(engine & told.keys()):
        values = {gap: str(number + 7) for number, gap in enumerate(dict.fromkeys(GAP.findall(words)))}
        english, expected = (GAP.sub(lambda gap: values[gap[0]], one) for one in (words, told[words]))  # noqa: B023
        if sum(map(str.isalpha, GAP.sub("", words))) >= LEAST:
            assert catalogue(language).said(english) == expected


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
    assert wrong(language) == []
