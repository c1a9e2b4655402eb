"""Text as a source: the built-in corpus and a learner's own."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.data.contract import IGNORE, TextError
from core.data.corpora import Text, built_in, open_text
from core.data.registry import open_source
from core.text import SPECIAL, TOKENIZERS, UNKNOWN

STORY = "".join(f"line {i} tells of cat number {i % 7} and its friend.\n" for i in range(200))


def test_the_built_in_corpus_is_large_and_readable() -> None:
    text = built_in()
    assert len(text.split()) >= 200_000
    lines = text.splitlines()
    assert all(line.endswith(".") and line.isascii() and len(line.split()) == 10 for line in lines)
    assert len(set(lines)) > 0.99 * len(lines)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_windows_come_from_their_own_part(tokenizer: str) -> None:
    source = open_source(Text(text="own", tokenizer=tokenizer, length=20), lambda _: STORY)
    assert len(source.test) == pytest.approx(0.1 * (len(source.train) + len(source.test)), rel=0.15)
    for batch, ids in ((source.sample(np.random.default_rng(0), 40), source.train), (source.held_out(40), source.test)):
        assert batch.tokens.shape == (40, 21)
        assert batch.tokens.dtype == np.int64
        assert (batch.labels == IGNORE).all()
        home = {tuple(window) for window in np.lib.stride_tricks.sliding_window_view(ids, 21).tolist()}
        assert all(tuple(row) in home for row in batch.tokens.tolist())


def test_the_source_of_the_built_in_text() -> None:
    source = open_source(Text(length=20))
    assert len(source.test) == pytest.approx(0.1 * (len(source.train) + len(source.test)), rel=0.01)
    assert source.words[: len(SPECIAL)] == SPECIAL
    assert len(source.words) == len(SPECIAL) + 250
    assert source.classes == source.words
    assert source.length == 20
    assert source.ceilings() is None


def test_every_place_of_the_training_part_can_be_drawn() -> None:
    source = open_text(Text(text="own", length=4, tokenizer="word"), lambda name: "one two three four five six. " * 3)
    starts = {tuple(row) for row in source.sample(np.random.default_rng(0), 2000).tokens.tolist()}
    assert starts == {tuple(row) for row in np.lib.stride_tricks.sliding_window_view(source.train, 5).tolist()}


def test_same_generator_same_windows_and_held_out_fixed() -> None:
    source, again = open_source(Text(length=9)), open_source(Text(length=9))
    first = source.sample(np.random.default_rng(5), 16).tokens
    assert (again.sample(np.random.default_rng(5), 16).tokens == first).all()
    assert (source.held_out(50).tokens == again.held_out(50).tokens).all()
    starts = source.held_out(50).tokens
    assert len({tuple(row) for row in starts.tolist()}) == 50


def test_own_text_is_read_by_its_name() -> None:
    asked: list[str] = []

    def kept(name: str) -> str:
        asked.append(name)
        return STORY

    source = open_source(Text(text="text:abc", tokenizer="word", length=8), kept)
    assert asked == ["text:abc"]
    assert "cat" in source.words
    seen_in_training = {source.words[i] for i in source.train}
    assert seen_in_training >= set(source.words) - set(SPECIAL)  # learned from the training part only


def test_words_of_the_test_part_only_are_unknown() -> None:
    source = open_source(
        Text(text="x", tokenizer="word", length=8), lambda _: "the cat sat on a mat. " * 90 + "zebra " * 30
    )
    assert "zebra" not in source.words
    assert (source.test == UNKNOWN).sum() == 30


def test_a_path_is_read_only_without_a_store(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text(STORY)
    assert "friend" in open_source(Text(text=str(path), length=8)).words

    def refuse(name: str) -> str:
        raise TextError(f"no text {name}")

    with pytest.raises(TextError, match="no text"):
        open_source(Text(text=str(path), length=8), refuse)


def test_short_texts_keep_one_window_to_test_on() -> None:
    source = open_source(Text(text="x", tokenizer="word", length=10), lambda _: "a b c d e f g h. " * 4)
    assert len(source.test) == 11
    assert source.held_out(3).tokens.shape == (3, 11)
    with pytest.raises(TextError, match="only 18 tokens; a context of 10 needs at least 22"):
        open_source(Text(text="x", tokenizer="word", length=10), lambda _: "a b c d e f g h. " * 2)


def test_byte_pairs_that_swallow_a_short_text_are_noticed() -> None:
    text = "over and over again " * 12
    with pytest.raises(TextError, match="choose a context of"):
        open_source(Text(text="x", tokenizer="bpe", length=40), lambda _: text)


def test_sentences_of_a_learner() -> None:
    source = open_source(Text(length=8))
    ids = source.encode("The lovely cook ____ every zeppelin.")
    assert [source.words[i] for i in ids] == ["the", "lovely", "cook", "[mask]", "every", "[unknown]", "."]
    with pytest.raises(TextError, match="at least one word"):
        source.encode("   ")
    with pytest.raises(TextError, match="8 tokens at most; yours has 9"):
        source.encode("the " * 9)


def test_context_lengths_share_one_vocabulary() -> None:
    assert all(a == b for a, b in pairwise(open_source(Text(length=n)).words for n in (8, 16, 32)))
