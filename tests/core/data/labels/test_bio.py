"""Names from tags, equal to seqeval (conlleval in Python); legal rows of tags, equal to brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import confusion_matrix
from sklearn.metrics import f1_score as sk_f1

from core.data.labels.bio import decoded, goes_on, is_bio, repaired, span_scores, spans
from core.data.labels.scores import confusion, f1_of, macro_f1

TAGS = ("O", "B-per", "I-per", "B-org", "I-org")
rows = st.lists(st.sampled_from(TAGS), min_size=1, max_size=9)


def legal(tags: list[str]) -> bool:
    return all(goes_on(before, tag) for before, tag in zip(["O", *tags], tags, strict=False))


@given(rows)
def test_spans_are_those_of_seqeval_legal_or_not(tags: list[str]) -> None:
    assert spans(tags) == [(kind, first, last + 1) for kind, first, last in get_entities(tags)]
    assert legal(repaired(tags))
    assert repaired(tags) == tags or not legal(tags)


@given(st.lists(st.tuples(rows, st.randoms()), min_size=1, max_size=6))
def test_scores_are_those_of_seqeval(pairs: list[tuple[list[str], object]]) -> None:
    truth = [tags for tags, _ in pairs]
    said = [[one.choice(TAGS) if one.random() < 0.4 else tag for tag in tags] for tags, one in pairs]  # type: ignore[attr-defined]
    ours = span_scores(truth, said)
    assert ours["precision"] == pytest.approx(precision_score(truth, said, zero_division=0))
    assert ours["recall"] == pytest.approx(recall_score(truth, said, zero_division=0))
    assert ours["f1"] == pytest.approx(f1_score(truth, said, zero_division=0))


@given(st.integers(0, 10_000), st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_the_likeliest_legal_rows_are_those_of_brute_force(seed: int, lengths: list[int]) -> None:
    scores = np.random.default_rng(seed).normal(size=(len(lengths), 4, len(TAGS)))
    said = decoded(scores, np.array(lengths), TAGS, "likeliest legal")
    for row, T, tags in zip(scores, lengths, said, strict=True):
        ways = [way for way in product(range(len(TAGS)), repeat=T) if legal([TAGS[k] for k in way])]
        best = max(ways, key=lambda way: sum(row[t, k] for t, k in enumerate(way)))
        assert tags == [TAGS[k] for k in best]
    assert all(legal(tags) for tags in decoded(scores, np.array(lengths), TAGS, "repaired"))


def test_other_tags_are_left_as_they_are() -> None:
    assert not is_bio(("noun", "verb"))
    assert not is_bio(("O",))
    for way in ("repaired", "likeliest legal"):
        assert decoded(np.eye(2)[None], np.array([2]), ("noun", "verb"), way) == [["noun", "verb"]]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_macro_f1_and_the_table_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, said = (np.array(column) for column in zip(*pairs, strict=True))
    table = confusion(truth, said, 5)
    assert (table == confusion_matrix(truth, said, labels=range(5))).all()
    assert macro_f1(table) == pytest.approx(sk_f1(truth, said, average="macro", zero_division=0))
    assert f1_of(table, 1) == pytest.approx(sk_f1(truth == 1, said == 1, zero_division=0))
