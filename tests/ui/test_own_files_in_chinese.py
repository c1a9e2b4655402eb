"""What is wrong with a learner's own file is told wholly in Chinese, line numbers, columns and all."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import ui.words
from core.data.contract import TextError
from core.data.labels.own import OwnClasses, OwnLabels, OwnTags, examples, open_labels
from core.data.labels.tables import APART, CSV_TROUBLES, read_table
from core.data.pairs.columns import LONGEST, read_pairs
from core.data.pairs.own import Pairs, open_pairs
from core.fields import SpecError
from tests.ui.chinese import ENGLISH, NO_WORDS
from ui.catalogue.entries import GAP, catalogue
from ui.panels import own_pairs

ROWS = "text,label\n" + "".join(f"I think it is film {n},{'good' if n % 2 else 'bad'}\n" for n in range(40))
TAGS = "Ann\tB-per\nsmiles\tO\n\n" * 40
PAIRS = "".join(f"good morning {n};buenos días {n}\n" for n in range(30))
LONG = "a" * (LONGEST + 1)


def english(told: str, *names: str) -> list[str]:
    found = re.findall(r"[a-z]{2,}", " ".join(ENGLISH.findall(NO_WORDS.sub(" ", told))).lower())
    return [word for word in found if word not in names]


def refused(do: Callable[[], object]) -> str:
    with pytest.raises((TextError, SpecError)) as error:
        do()
    return catalogue("zh").said(getattr(error.value, "reason", str(error.value)))


BAD_PAIRS = {
    "a workbook": (b"PK\3\4", "工作簿"),
    "one column": ("good morning\n" * 30, "只有一列"),
    "an open quotation mark": (PAIRS + '"open; end', "从第 31 行开始"),
    "none": ("good;buenos\n", "只有一对可以使用"),
    "a few": (PAIRS[:100], "至少需要 20 对"),
    "one line without a second column": ("a;b\nc\nd;e\n", "第 2 行只有一列（缺少分号）"),
    "many such lines": ("a\tb\n" * 9 + "c\n" * 6, "第 10, 11, 12, 13 行等（另有 2 行）都只有一列（缺少制表符）"),
    "a comma too many": ("a,b\nc,d,e\nf,g\n", "第 2 行超过 2 列（句子里含有逗号时，请把句子放在引号中）"),
    "an empty cell": ("a;b\n;c\nd;e\n", "第 2 行在第 1 列没有内容"),
    "a long sentence": (f"a;b\nc;{LONG}\nd;{LONG}\n", "第 2, 3 行都有超过 400 个字符的句子"),
    "all of it": (f"a;b\nc\n;d\ne;f;g\nh;{LONG}\ni;j\n", "；第 4 行超过 2 列"),
}


@pytest.mark.parametrize("name", BAD_PAIRS)
def test_tables_of_pairs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, words = BAD_PAIRS[name]
    with pytest.raises(TextError) as error:
        read_pairs(given)
    assert own_pairs.told(own_pairs.parts_of(error.value)) == str(error.value)
    monkeypatch.setattr(ui.words, "language", lambda: "zh")
    told = own_pairs.told(own_pairs.parts_of(error.value))
    assert words in told
    assert english(told, "good", "morning", "buenos", "días", "he", "said", "yes") == []


def test_what_is_left_out_of_a_table_that_can_be_used() -> None:
    rows = PAIRS.replace(";", "\t") + f"c\n\td\ne\tf\tg\nh\t{LONG}\n"
    told = [catalogue("zh").said(one) for one in read_pairs(rows).left_out]
    assert [one[:7] for one in told] == ["第 31 行只", "第 32 行在", "第 33 行超", "第 34 行有"]
    assert english(" ".join(told)) == []
    wide = refused(lambda: read_pairs("a;b;c\n" * 30, columns=(1, 1)))
    assert wide == "表格有 3 列。请从中选两个不同的列。"


def test_pairs_that_are_too_long_for_the_settings_and_sentences_for_the_model() -> None:
    text = PAIRS.replace(";", "\t")
    source = open_pairs(Pairs(text="kept", source_length=5), lambda name: text)
    told = [
        refused(lambda: open_pairs(Pairs(text="kept", source_length=4, tokenizer="character"), lambda name: text)),
        refused(lambda: source.encode(" ")),
        refused(lambda: source.encode("good " * 9)),
        refused(lambda: Pairs(tokenizer="byte", vocabulary=100)),
    ]
    assert english(" ".join(told)) == []
    assert "在 30 对中，只有 0 对" in told[0]


BAD_LABELS: dict[str, tuple[str, OwnLabels, str]] = {
    "one column": ("one column\nonly\n", OwnClasses(text="x"), "第一行只有一列"),
    "a column too many": (
        "text;label\na;b\nc;d;e\n",
        OwnClasses(text="x"),
        "第 3 行有 3 列，但第一行有 2 列。含有分号的",
    ),
    "an open quotation mark": ('text,label\n"a,b\n', OwnClasses(text="x"), "数据意外结束"),
    "a quotation mark within": ('text,label\n"a"c,b\n', OwnClasses(text="x"), "之后应当是 ,"),
    "one class": ("text,label\n" + "words,same\n" * 20, OwnClasses(text="x"), "“label”这一列只有“same”"),
    "as many classes as texts": (
        "text,label\n" + "".join(f"the text number {n},{n}\n" for n in range(30)),
        OwnClasses(text="x"),
        "“label”这一列的 30 行中有 30 种",
    ),
    "two rows": ("text,label\na text,yes\na text,no\n", OwnClasses(text="x"), "只有 2 个带标签的句子"),
    "one row": ("text,label\na text,yes\n", OwnClasses(text="x"), "只有 1 个带标签的句子"),
    "no such column": (ROWS, OwnClasses(text="x", label_column="mood"), "没有“mood”这一列。这个文件有：text, label。"),
    "the same column": (ROWS, OwnClasses(text="x", text_column="label", label_column="label"), "“label”这一列"),
    "a word without a tag": ("word\n\n", OwnTags(text="x"), "第 1 行有词，但没有标记"),
    "a tag too many": ("a\tO\nb\tO\tx\n", OwnTags(text="x"), "第 2 行有 3 列，但前面的行有 2 列"),
    "an empty tag": ("a\tO\nb\t\n", OwnTags(text="x"), "第 2 行的词或标记是空的"),
    "nothing": ("\n\n", OwnTags(text="x"), "没有词"),
    "one tag": ("a\tO\n\n" * 20, OwnTags(text="x"), "第 2 列只有“O”"),
    "no such column of tags": (TAGS, OwnTags(text="x", tag_column=7), "标记所在的第 7 列不存在"),
    "no such column of words": (TAGS, OwnTags(text="x", token_column=7), "词所在的第 7 列不存在"),
    "words as tags": (TAGS, OwnTags(text="x", tag_column=1), "不能都在第 1 列"),
}


@pytest.mark.parametrize("name", BAD_LABELS)
def test_labelled_files(name: str) -> None:
    given, settings, words = BAD_LABELS[name]
    told = refused(lambda: examples(given, settings))
    assert words in told
    assert english(told, "text", "label") == []


def test_what_was_left_out_or_repaired() -> None:
    bare = examples(ROWS + "no class,\n", OwnClasses(text="x")).notes
    more = examples(ROWS + "no class,\n,good\nonce,odd\n", OwnClasses(text="x")).notes
    begun = examples(TAGS + "Cy\tI-per\n", OwnTags(text="x")).notes
    both = examples(TAGS + "Cy\tI-per\n\n" * 2, OwnTags(text="x")).notes
    told = [catalogue("zh").said(one) for one in (*bare, *more, *begun, *both)]
    assert "1 行缺少文本或类别，即第 42 行" in told[0]
    assert "2 行缺少" in told[1]
    assert told[2].endswith("：odd。")
    assert "从第 121 行开始" in told[3]
    assert english(" ".join(told), "odd", "conlleval") == []


def test_files_with_too_few_examples_and_vocabularies_that_are_too_small() -> None:
    rare = "text,label\n" + "".join(f"text {n},{'ab'[n % 2]}{n // 2 * 0}\n" for n in range(10))
    told = refused(lambda: open_labels(OwnClasses(text="x", test_share=0.05), lambda _: rare))
    assert english(told) == []
    assert english(refused(lambda: OwnTags(tokenizer="bpe", vocabulary=99))) == []


def test_every_mark_that_errors_name_and_all_that_csv_can_say_has_a_chinese_name() -> None:
    for words in (*APART.values(), *CSV_TROUBLES):
        assert english(GAP.sub("", catalogue("zh").said(words))) == []
    large = refused(lambda: read_table(f"text,label\n{'a' * 140_000},b\n", True))
    assert "超过了 131072 个字符" in large


def test_the_games_of_pairs_say_what_they_do_not_know() -> None:
    source = open_pairs(Pairs())
    assert english(refused(lambda: source.encode("the " * 99))) == []
    assert np.array(source.encode("the red house")).size
