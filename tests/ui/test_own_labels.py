"""Labelled files in Build: columns are guessed, chosen and checked before training; what is wrong is told, not lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.spec import Experiment, from_json
from ui import links
from ui.panels.foresight import functions_of
from ui.panels.marks import mark_rows, mistakes_table

pytestmark = pytest.mark.usefixtures("store")
CSV = "id,review,verdict\n" + "".join(f"{n},I think it is film {n},{'ok' if n % 3 else 'bad'}\n" for n in range(30))
TAGS = "Ann\tNNP\tI-per\nsmiles\tVBZ\tO\n\n" * 20


def script() -> None:
    from ui.views.build import show

    show()


def page(task: str) -> AppTest:
    at = AppTest.from_function(script, default_timeout=30)
    at.query_params["experiment"] = links.encode(from_json({"data": {"task": task}}))
    at = healthy(at.run())
    which = next(one for one in at.get("button_group") if one.label == "File")
    which.set_value("own file")
    return healthy(at.run())


def healthy(at: AppTest) -> AppTest:
    assert not at.exception, [one.value for one in at.exception]
    return at


def upload(task: str, raw: str | bytes, name: str) -> AppTest:
    at = page(task)
    at.file_uploader(key=f"file {task}").upload(name, raw if isinstance(raw, bytes) else raw.encode())
    return healthy(at.run())


def said(at: AppTest) -> str:
    return "\n".join(one.value for kind in ("markdown", "warning", "error", "caption") for one in at.get(kind))


def draft(at: AppTest) -> Experiment:
    return from_json(json.loads(at.session_state["draft"]))


def can_train(at: AppTest) -> bool:
    return any(one.label == "Train it" and not one.disabled for one in at.button)


def test_a_table_is_shown_with_its_columns_guessed_and_others_can_be_chosen() -> None:
    at = upload("own-classes", CSV, "films.csv")
    columns = {one.label: one for one in at.selectbox if one.label in ("Text", "Class")}
    assert (columns["Text"].value, columns["Class"].value) == ("review", "verdict")
    assert "ok **20**" in said(at)
    assert "**24** sentences to learn from, **6** held out" in said(at)
    assert can_train(at)
    assert draft(at).data.settings.text.startswith("text:")
    columns["Class"].set_value("id")
    at = healthy(at.run())
    assert draft(at).data.settings.label_column == "id"
    assert "right column" in said(at)
    assert not can_train(at)


def test_tags_that_go_on_with_nothing_are_told_before_training() -> None:
    at = upload("own-tags", TAGS, "names.conll")
    assert "as conlleval does" in said(at)
    assert "B-per **20**" in said(at)
    assert can_train(at)


BAD = [
    ("own-classes", "review,verdict\na,b\nc,d,e\n", "Line 3 has 3 columns", False),
    ("own-classes", "Käse,gut\n".encode("latin-1"), "UTF-8", True),
    ("own-tags", "Ann\tO\nsmiles\n", "Line 2 has a word but no tag", False),
]


@pytest.mark.parametrize(("task", "raw", "words", "example"), BAD)
def test_a_file_that_cannot_be_used_says_why(task: str, raw: Any, words: str, example: bool) -> None:
    at = upload(task, raw, "file.csv" if task == "own-classes" else "file.conll")
    assert words in said(at)
    assert can_train(at) == example  # what isn't text at all is not kept, and the example stays in use


@pytest.mark.parametrize("task", ["own-classes", "own-tags", "sentiment", "topic", "names", "speech"])
def test_the_code_of_each_can_be_shown(task: str) -> None:
    from ui.panels.code import excerpt

    for reference in functions_of(from_json({"data": {"task": task}})):
        assert excerpt(reference)[0]


def test_a_link_never_names_a_file_of_labels() -> None:
    with pytest.raises(links.LinkError, match="names a file"):
        links.decode(links.encode(from_json({"data": {"task": "own-tags", "text": "/etc/passwd"}})))


def test_marks_say_right_and_wrong_in_words_too() -> None:
    sentence = {
        "words": ["Ann", "met", "Bo"],
        "places": [0, 1, 2],
        "truth": ["B-per", "O", "B-per"],
        "said": ["B-per", "O", "B-org"],
        "sure": [0.9, 0.9, 0.5],
    }
    (row,) = mark_rows([{"step": 5, "sentences": [sentence]}])
    assert [(word.mark, word.note) for word in row.words] == [
        ("right", "✓ B-per"),
        ("", ""),
        ("wrong", "✗ B-org, truth: B-per"),
    ]
    whole = {**sentence, "places": [], "truth": ["bad"], "said": ["good"], "sure": [0.7]}
    (row,) = mark_rows([{"step": 5, "sentences": [whole]}])
    assert (row.words[-1].text, row.words[-1].note) == ("⇒ good", "✗ truth: bad")
    table = mistakes_table({"classes": ["a", "b"], "table": [[3, 1], [0, 4]]})
    assert "**3**" in table
    assert "75.0" in table
