"""Labelled files of a learner's own: read the same by two readers, and told in words where they can't be used."""

from __future__ import annotations

import csv
import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.contract import IGNORE, TextError
from core.data.labels import through_datasets
from core.data.labels.own import OwnClasses, OwnTags, apart, examples, examples_through_datasets, guess, open_labels
from core.data.labels.tables import read_table, read_words

ROWS = "text,label\n" + "".join(f"this is {word} number {n},{word}\n" for n in range(20) for word in ("good", "bad"))
WORDS = "".join(f"Ann\tB-per\nmeets\tO\nBob{n}\tB-per\nRoe\tI-per\n.\tO\n\n" for n in range(20))

cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cs", "Cc"]), max_size=8)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(cells.map(lambda c: "x" + c), cells), min_size=2, max_size=6), st.sampled_from([",", "\t", ";"])
)
def test_tables_are_the_same_through_datasets(rows: list[tuple[str, str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([("text", "label"), *rows])
    ours = read_table(out.getvalue(), True)
    assert ours.columns == ("text", "label")
    assert ours.rows == rows
    assert through_datasets.table(out.getvalue(), ours, True).rows == rows


@pytest.mark.parametrize(("text", "own"), [(ROWS, OwnClasses(text="x")), (WORDS, OwnTags(text="x"))])
def test_a_worker_reads_what_the_page_has_checked(text: str, own: OwnClasses | OwnTags) -> None:
    ours, theirs = examples(text, own), examples_through_datasets(text, own)
    assert (ours.texts, ours.labels) == (theirs.texts, theirs.labels)
    assert os.environ["HF_DATASETS_OFFLINE"] == os.environ["HF_HUB_OFFLINE"] == "1"


def test_cells_may_hold_delimiters_quotes_new_lines_and_the_word_null() -> None:
    text = 'text\tlabel\n"a ""b"", c\td"\t1\nNA\tnull\n"two\nlines"\tnan\n'
    table = read_table(text, True)
    assert table.rows == [('a "b", c\td', "1"), ("NA", "null"), ("two\nlines", "nan")]
    assert table.lines == [2, 3, 4]
    assert through_datasets.table(text, table, True).rows == table.rows
    plain = read_table('text\tlabel\n6" nails\tgood\n"open\tbad\n', True)  # marks that quote nothing
    assert plain.rows == [('6" nails', "good"), ('"open', "bad")]
    assert through_datasets.table('text\tlabel\n6" nails\tgood\n"open\tbad\n', plain, True).rows == plain.rows


def test_words_with_comments_numbers_and_documents() -> None:
    conllu = "# text = The cats\n1-2\tThecats\t_\t_\n1\tThe\tthe\tDET\n2\tcats\tcat\tNOUN\n\n1\tGo\tgo\tVERB\n"
    found = read_words(conllu)
    assert [[cells[1] for cells in one] for one in found.sentences] == [["The", "cats"], ["Go"]]
    assert found.numbered
    old = "-DOCSTART- -X- O\n\nEU NNP B-ORG\n# NN O\n\n# NN O\n1 CD O\n"
    found = read_words(old)
    assert [[cells[0] for cells in one] for one in found.sentences] == [["EU", "#"], ["#", "1"]]
    assert found.lines == [3, 6]
    assert through_datasets.words(old).sentences == found.sentences


BAD = [
    ("one column\nonly\n", OwnClasses, "only one column"),
    ("text,label\na,b\nc,d,e\n", OwnClasses, "Line 3 has 3 columns"),
    ('text,label\n"a,b\n', OwnClasses, "quotation mark"),
    ("text,label\n" + "some words,same\n" * 20, OwnClasses, "only “same”"),
    ("text,label\n" + "".join(f"the text number {n},{n}\n" for n in range(30)), OwnClasses, "right column"),
    ("text,label\na text,yes\na text,no\n", OwnClasses, "only 2 labelled sentences"),
    ("word\n\n", OwnTags, "Line 1 has a word but no tag"),
    ("a\tO\nb\tO\tx\n", OwnTags, "Line 2 has 3 columns"),
    ("\n\n", OwnTags, "no word"),
    ("a\tO\n\n" * 20, OwnTags, "only “O”"),
]


@pytest.mark.parametrize(("text", "cls", "words"), BAD)
def test_what_is_wrong_is_said_in_words(text: str, cls: type, words: str) -> None:
    with pytest.raises(TextError, match=words):
        examples(text, cls(text="x"))


def test_columns_that_are_not_there_or_the_same() -> None:
    with pytest.raises(TextError, match=r"no column “sentiment”. This file has: text, label"):
        examples(ROWS, OwnClasses(text="x", label_column="sentiment"))
    with pytest.raises(TextError, match="can't both"):
        examples(ROWS, OwnClasses(text="x", text_column="label", label_column="label"))
    with pytest.raises(TextError, match="no column 7 for the tags"):
        examples(WORDS, OwnTags(text="x", tag_column=7))


def test_columns_are_guessed() -> None:
    text = "id,verdict,review\n" + "".join(
        f"{n},{'ok' if n % 3 else 'bad'},I think it is number {n}\n" for n in range(20)
    )
    assert guess(read_table(text, True), OwnClasses(text="x")) == ("review", "verdict")
    headless = "".join(f"I think so {n};{'ok' if n % 3 else 'bad'}\n" for n in range(20))
    found = examples(headless, OwnClasses(text="x", header=False))
    assert len(found.texts) == 20
    assert found.counts == {"ok": 13, "bad": 7}


def test_rows_without_a_class_are_left_out_and_told() -> None:
    found = examples(ROWS + "no class,\n", OwnClasses(text="x"))
    assert len(found.texts) == 40
    assert "1 row without a text or a class" in found.notes[0]
    assert "line 42" in found.notes[0]


def test_tags_that_go_on_with_nothing_are_repaired_and_told() -> None:
    found = examples(WORDS + "Cy\tI-per\nsaw\tO\nit\tO\n", OwnTags(text="x"))
    assert found.labels[-1] == ("B-per", "O", "O")
    assert "line 121" in found.notes[0]


@given(st.lists(st.sampled_from("aaaabbbc"), min_size=12, max_size=80), st.sampled_from([0.1, 0.2, 0.5]))
def test_the_split_keeps_shares_and_hides_no_label(labels: list[str], share: float) -> None:
    rows = [(label,) for label in labels]
    train, test = apart(rows, share)
    assert sorted([*train, *test]) == list(range(len(rows)))
    assert {labels[row] for row in test} <= {labels[row] for row in train}
    for label in set(labels):
        held = sum(labels[row] == label for row in test)
        assert abs(held - share * labels.count(label)) <= 1
    assert (apart(rows, share)[1] == test).all()


@pytest.mark.parametrize("tokenizer", ["word", "character", "bpe"])
def test_the_first_piece_of_a_word_carries_its_tag(tokenizer: str) -> None:
    source = open_labels(OwnTags(text="x", tokenizer=tokenizer, vocabulary=400), lambda _: WORDS)
    batch = source.held_out(3)
    assert batch.lengths is not None
    for row in range(3):
        said = [source.classes[label] for label in batch.labels[row] if label != IGNORE]
        assert said == ["B-per", "O", "B-per", "I-per", "O"]
    assert batch.tokens.shape[1] == batch.lengths.max()


def test_classes_are_answers_of_rows_and_long_texts_are_cut() -> None:
    source = open_labels(OwnClasses(text="x", length=4), lambda _: ROWS)
    batch = source.sample(np.random.default_rng(0), 16)
    assert batch.answers is not None
    assert (batch.labels == IGNORE).all()
    assert set(source.classes) == {"good", "bad"}
    assert batch.tokens.shape[1] == 4
    assert source.cut == 40
    assert len(source.held_out(500).tokens) == 8
