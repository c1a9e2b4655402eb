"""Scores of written sentences: by hand, by property, and equal to sacrebleu's own."""

from __future__ import annotations

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from core.measures import bleu, by_length, score, words_right

SENTENCE = st.lists(st.sampled_from(["a", "b", "c", ".", ",", "gato", "#3", "Ａ", "猫"]), max_size=9)
CORPUS = st.lists(st.tuples(SENTENCE, SENTENCE), min_size=1, max_size=8)


@given(CORPUS)
def test_bleu_is_sacrebleus(pairs: list[tuple[list[str], list[str]]]) -> None:
    written, truth = [one for one, _ in pairs], [other for _, other in pairs]
    ours = bleu(written, truth)
    theirs = sacrebleu.corpus_bleu([" ".join(w) for w in written], [[" ".join(t) for t in truth]], tokenize="none")
    assert ours == (theirs.score if max(map(len, truth)) >= 4 else None)


def test_bleu_by_hand() -> None:
    """Papineni et al. 2002, §2: precisions 5/6, 3/5, 1/4 and, smoothed, 1/6; no brevity penalty."""
    written, truth = ["the", "cat", "is", "on", "the", "mat"], ["the", "cat", "sat", "on", "the", "mat"]
    assert bleu([written], [truth]) == pytest.approx(100 * (5 / 6 * 3 / 5 * 1 / 4 * 1 / 6) ** 0.25)
    assert bleu([truth], [truth]) == pytest.approx(100)
    assert bleu([["cat"]], [["cat"]]) is None


def test_exact_match_and_words_at_their_place() -> None:
    truth = [["a", "b", "c", "d"], ["a", "b"]]
    told = score([["a", "b", "x", "d"], ["a", "b"]], truth)
    assert (told.n, told.exact, told.words) == (2, 0.5, pytest.approx(5 / 6))
    assert words_right([["a", "b", "c"]], [["a"]]) == pytest.approx(1 / 3)  # what is too much is wrong
    assert words_right([[]], [["a"]]) == 0
    with pytest.raises(ValueError, match="nothing"):
        score([], [])


@given(CORPUS)
def test_scores_keep_their_range_and_agree(pairs: list[tuple[list[str], list[str]]]) -> None:
    written, truth = [one for one, _ in pairs], [other for _, other in pairs]
    told = score(written, truth)
    assert 0 <= told.exact <= 1
    assert told.exact < 1 or told.words == 1
    assert score(truth, truth).exact == score(truth, truth).words == 1


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_every_sentence_is_in_one_length_group(lengths: list[int]) -> None:
    truth = [["w"] * n for n in lengths]
    groups = by_length(truth, truth)
    assert sum(one.n for one in groups.values()) == len(lengths)
    assert len(groups) <= 8
    ends = [end for group in groups for end in group]
    assert ends == sorted(ends)
    assert all(one.exact == 1 for one in groups.values())
