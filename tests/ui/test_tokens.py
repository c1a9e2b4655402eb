"""How text falls apart, on the Build page: six tokenizers on one sentence, and what a vocabulary costs."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.text import TOKENIZERS
from tests.ui.test_build import choose, healthy, labelled, opened, own_text, page, press, told
from ui.panels.code import excerpt
from ui.panels.tokens import CODE

pytestmark = pytest.mark.usefixtures("store")


def rows(at: AppTest, header: str) -> list[list[str]]:
    """Cells of the table with this header."""
    table = next(one.value for one in at.markdown if one.value.startswith(f"| {header} |"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_six_tokenizers_cut_the_sentence_that_is_typed() -> None:
    at = opened(press(page(), "Write on"), "text-falls-apart")
    assert [row[0] for row in rows(at, "Tokenizer")] == ["character", "word", "byte", "BPE", "WordPiece", "Unigram"]
    labelled(at, "text_input", "A sentence to cut").set_value("the cook 🦊")
    found = {row[0]: row[1:] for row in rows(healthy(at.run()), "Tokenizer")}
    assert found["character"][:2] == ["10", "3.33"]
    assert found["word"][:3] == ["3", "1.00", "33.3\u00a0%"]
    assert found["byte"][:4] == ["13", "4.33", "0.0\u00a0%", "259"]
    assert found["BPE"][2] == "0.0\u00a0%"
    labelled(at, "text_input", "A sentence to cut").set_value(" ")
    assert [one.value for one in healthy(at.run()).info] == ["Type at least one word."]


def test_the_vocabulary_and_the_model_set_the_cost() -> None:
    at = opened(press(page(), "Write on"), "text-falls-apart", "open-data")
    before = {row[0]: row[4:] for row in rows(at, "Tokenizer")}
    labelled(at, "number_input", "Vocabulary (tokens)").set_value(320)
    after = {row[0]: row[4:] for row in rows(healthy(at.run()), "Tokenizer")}
    assert int(before["BPE"][0].replace(",", "")) > 320 == int(after["BPE"][0])
    larger = {row[0]: row[4:] for row in rows(choose(at, "Size", "medium"), "Tokenizer")}
    assert larger["BPE"][0] == after["BPE"][0]
    assert int(larger["BPE"][1].replace(",", "")) > int(after["BPE"][1].replace(",", ""))


def test_the_chosen_tokenizer_is_measured_at_several_vocabularies() -> None:
    at = choose(opened(press(page(), "Write on"), "text-falls-apart"), "Tokenizer", "bpe")
    measured = rows(at, "Allowed")
    assert [row[0] for row in measured] == ["300", "1,000"]  # the built-in text has no more to learn
    assert float(measured[0][1]) > float(measured[1][1]) > 1
    assert "a larger vocabulary changes nothing" in told(at)


def test_games_have_no_tokenizer() -> None:
    assert not [one for one in opened(page(), "text-falls-apart").expander if one.label == "How text falls apart"]


def test_a_learners_own_text_is_learned_from() -> None:
    at = own_text(press(page(), "Write on"))
    labelled(at, "text_area", "Paste your text").set_value("我喜欢学习语言。 " * 60)
    at = opened(healthy(at.run()), "text-falls-apart")
    labelled(at, "text_input", "A sentence to cut").set_value("我喜欢学习语言")
    found = {row[0]: row[1:] for row in rows(healthy(at.run()), "Tokenizer")}
    assert found["character"][:3] == found["word"][:3] == ["7", "1.00", "0.0\u00a0%"]
    assert found["byte"][0] == "21"
    assert found["Unigram"][0] == "1"  # the only word of this text


def test_each_tokenizer_shows_its_code() -> None:
    assert set(CODE) == set(TOKENIZERS)
    assert all(excerpt(place)[0].startswith("def ") for place in CODE.values())
    at = opened(press(page(), "Write on"), "text-falls-apart")
    labelled(at, "toggle", "Show the code").set_value(True)
    assert "Kudo 2018" in "".join(one.value for one in healthy(at.run()).code) + excerpt("core/unigram.py")[0]
