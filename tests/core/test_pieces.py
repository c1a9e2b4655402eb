"""Byte pairs, WordPiece and Unigram beside the algorithms of their papers, written out plainly."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import SMALLEST_BYTE, SPECIAL, train_tokenizer
from core.unigram import expected, learn_pieces, ways

LINES = ["the newest and the widest", "the lower and the lowest", "wide and new and low", "a slow show"]
TEXT = "\n".join(LINES * 5)
WORDS = Counter({" lower": 5, " lowest": 2, " newer": 6, " newest": 3, " wider": 3, "ababab": 4, " ": 9})
word = st.text(st.sampled_from("theandwislor"), min_size=1, max_size=9)


def merges(text: str, number: int) -> list[tuple[str, str]]:
    """Sennrich et al. (2016), algorithm 1, on words with the space before them; ties go to the older tokens."""
    counts = Counter(re.findall(r" ?\w+|\s", text))
    cut = {one: list(one.replace(" ", "Ġ").replace("\n", "Ċ")) for one in counts}
    age = {c: n for n, c in enumerate(sorted({c for tokens in cut.values() for c in tokens}))}
    found = []
    for _ in range(number):
        pairs: Counter[tuple[str, str]] = Counter()
        for one, tokens in cut.items():
            for pair in itertools.pairwise(tokens):
                pairs[pair] += counts[one]
        best = min(pairs, key=lambda pair: (-pairs[pair], age[pair[0]], age[pair[1]]))
        found.append(best)
        age[best[0] + best[1]] = len(age)
        for tokens in cut.values():
            for place in range(len(tokens) - 1):
                if tuple(tokens[place : place + 2]) == best:
                    tokens[place : place + 2] = ["".join(best)]
    return found


def test_byte_pairs_merge_as_in_the_paper() -> None:
    tokenizer = train_tokenizer("bpe", SMALLEST_BYTE + 20, TEXT)
    learned = json.loads(tokenizer.engine.to_str())["model"]["merges"]
    assert [tuple(pair) for pair in learned] == merges(TEXT, 20)


@settings(max_examples=100)
@given(word=word)
def test_word_pieces_are_the_longest_that_fit(word: str) -> None:
    known, found, rest = set(PIECES.words), [], word
    while rest is not None and rest:
        inside = "##" if found else ""
        fits = [n for n in range(len(rest), 0, -1) if inside + rest[:n] in known]
        if not fits:
            found, rest = ["[unknown]"], ""
        else:
            found, rest = [*found, inside + rest[: fits[0]]], rest[fits[0] :]
    assert [PIECES.words[i] for i in PIECES.encode(word)] == found


PIECES = train_tokenizer("wordpiece", 60, TEXT)


def cuts(word: str) -> list[list[str]]:
    """All 2^(n-1) ways to cut a word."""
    places = range(1, len(word))
    chosen = itertools.chain.from_iterable(itertools.combinations(places, n) for n in range(len(word)))
    return [[word[a:b] for a, b in itertools.pairwise([0, *inner, len(word)])] for inner in chosen]


@settings(max_examples=50)
@given(word=word)
def test_unigram_cuts_a_word_in_its_most_probable_way(word: str) -> None:
    tokenizer = train_tokenizer("unigram", 60, TEXT)
    score = dict(json.loads(tokenizer.engine.to_str())["model"]["vocab"][len(SPECIAL) :])
    best = max(sum(score.get(piece, -math.inf) for piece in pieces) for pieces in cuts(word))
    found = [tokenizer.words[i] for i in tokenizer.encode(word)]
    assert "".join(found) == word
    assert sum(score[piece] for piece in found) == pytest.approx(best)


def test_the_expected_pieces_are_those_of_all_ways_to_cut() -> None:
    rng = np.random.default_rng(0)
    pieces = sorted({piece for one in WORDS for way in cuts(one) for piece in way})
    p = rng.dirichlet(np.ones(len(pieces)))
    index = {piece: number for number, piece in enumerate(pieces)}
    by_hand = np.zeros(len(pieces))
    for one, times in WORDS.items():
        chances = [math.prod(p[index[piece]] for piece in way) for way in cuts(one)]
        for way, chance in zip(cuts(one), chances, strict=True):
            for piece in way:
                by_hand[index[piece]] += times * chance / sum(chances)
    text = ways(list(WORDS), index)
    assert expected(text, p, np.array(list(WORDS.values()), float)) == pytest.approx(by_hand)
    assert text.total(p) == pytest.approx([sum(math.prod(p[index[x]] for x in way) for way in cuts(w)) for w in WORDS])
    others = ways(list(WORDS), index, whole=False).total(p)
    assert others == pytest.approx(text.total(p) - [p[index[w]] for w in WORDS])


def test_each_step_makes_the_words_more_probable() -> None:
    pieces = sorted({piece for one in WORDS for way in cuts(one) for piece in way})
    text, times = ways(list(WORDS), {piece: n for n, piece in enumerate(pieces)}), np.array(list(WORDS.values()), float)
    p, before = np.full(len(pieces), 1 / len(pieces)), -np.inf
    for _ in range(10):
        likelihood = float(times @ np.log(text.total(p)))
        assert likelihood > before
        seen, before = expected(text, p, times), likelihood
        p = seen / seen.sum()


@pytest.mark.parametrize("size", [12, 14, 18, 30, 1000])
def test_pieces_are_as_many_as_may_be_and_know_every_character(size: int) -> None:
    found = dict(learn_pieces(WORDS, size))
    assert set("".join(WORDS)) <= set(found)
    assert len(found) <= max(size, 13)  # as many characters there are
    assert len(found) > size - 3 or size >= 30
    assert sum(math.exp(score) for score in found.values()) == pytest.approx(1, abs=1e-4)
    assert all(any(piece in one for one in WORDS) for piece in found)


def test_frequent_words_end_up_whole() -> None:
    words = Counter({" the": 900, " cat": 300, " a": 200, "xyz": 1, "xzy": 1, "zyx": 1})
    assert {" the", " cat", " a"} <= set(dict(learn_pieces(words, 18)))


def test_long_words_and_late_characters_are_not_lost() -> None:
    words = Counter({"ab" * 500: 3, "c" * 3 + "é": 1})
    found = dict(learn_pieces(words, 20))
    assert set("abcé") <= set(found)


@pytest.mark.parametrize("size", [100, 300])
def test_fewer_tokens_than_the_trainer_of_the_library_needs(size: int) -> None:
    """Close to it, to be exact: within 5 % on the course's own sentences."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    from core.data.corpora import built_in

    text = built_in()[:200_000].replace(".", "")
    theirs = Tokenizer(models.Unigram())
    theirs.pre_tokenizer = pre_tokenizers.Split(Regex(r" ?\w+|\s"), "isolated")
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), unk_token=SPECIAL[1], show_progress=False
    )
    theirs.train_from_iterator(text.splitlines(keepends=True), trainer)
    assert len(train_tokenizer("unigram", size, text).encode(text)) <= 1.05 * len(theirs.encode(text).ids)
