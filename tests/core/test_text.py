"""Checking a learner's text, and tokenizers trained on it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.contract import TextError
from core.text import (
    LARGEST,
    MASK,
    SMALLEST,
    SPECIAL,
    TOKENIZERS,
    UNKNOWN,
    check_text,
    join_words,
    read_file,
    train_tokenizer,
)

STORY = "The cat sat on the mat. Then the cat, very slowly, ate a naïve fish!\nWas it 好吃? Yes: 2 times.\n" * 6
PLAIN = "the cat sat on the mat. then it ate a fish.\n" * 6
LOSSLESS = ("byte", "bpe")


@pytest.mark.parametrize("given_text", [STORY, STORY.encode(), b"\xef\xbb\xbf" + STORY.encode(), "\ufeff" + STORY])
def test_good_text_comes_back_unchanged(given_text: str | bytes) -> None:
    assert check_text(given_text, 16) == STORY


def test_new_lines_are_made_equal() -> None:
    assert check_text("one two\r\nthree\rfour\n" * 9, 8) == "one two\nthree\nfour\n" * 9


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no text in it. Paste a few paragraphs"),
        (" \n\t ", "no text in it"),
        (b"\xef\xbb\xbf", "no text in it"),
        (STORY.encode("utf-16"), "saved as UTF-16"),
        (b"%PDF-1.7\0\x01\x02" * 50, "isn't plain text"),
        (bytes(range(1, 9)) * 50, "isn't plain text"),
        ("half \ud800 a character " * 20, "isn't plain text"),
        (b"first line\ncaf\xe9 au lait\n" * 20, "isn't UTF-8: line 2"),
        (b"a" * (LARGEST + 1), r"5\.0 MB; 5 MB is the most"),
        ("é" * (LARGEST // 2 + 1), "5 MB is the most"),
        ("short", "only 5 tokens; a context of 16 needs at least 34. Add more text.$"),
        ("a text of thirty letters or so", "choose a context of 14 or less"),
    ],
)
def test_bad_text_is_refused_in_words(raw: str | bytes, words: str) -> None:
    with pytest.raises(TextError, match=words):
        check_text(raw, 16)


def test_words_are_counted_where_words_are_read() -> None:
    text = "seven words make a very short text " * 4
    assert check_text(text, 16, "character") == text
    with pytest.raises(TextError, match=r"only 28 tokens; a context of 16 .* choose a context of 13 or less"):
        check_text(text, 16, "word")
    assert check_text(text, 13, "word") == text


def test_files_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY, encoding="utf-8")
    assert read_file(str(tmp_path / "story.txt"), 8) == STORY
    with pytest.raises(TextError, match=r"“.*none\.txt” can't be read \(No such file or directory\)"):
        read_file(str(tmp_path / "none.txt"), 8)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_special_tokens_come_first_and_words_are_readable(kind: str) -> None:
    tokenizer = train_tokenizer(kind, 400, STORY)
    assert tokenizer.words[: len(SPECIAL)] == SPECIAL
    assert len(tokenizer.words) <= 400
    assert not [word for word in tokenizer.words if "Ġ" in word or "Ċ" in word or " " in word or "\n" in word]
    ids = tokenizer.encode(STORY)
    assert ids.max() < len(tokenizer.words)
    assert UNKNOWN not in ids


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_the_vocabulary_is_capped(kind: str) -> None:
    cap = SMALLEST.get(kind, 16)
    tokenizer = train_tokenizer(kind, cap, STORY)
    assert len(tokenizer.words) <= cap
    assert (UNKNOWN in tokenizer.encode(STORY)) == (kind not in LOSSLESS)


@pytest.mark.parametrize("kind", [kind for kind in TOKENIZERS if kind not in LOSSLESS])
@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80), cap=st.integers(32, 60))
def test_no_text_goes_beyond_the_vocabulary(kind: str, text: str, cap: int) -> None:
    tokenizer = train_tokenizer(kind, cap, text)
    assert len(tokenizer.words) <= cap
    assert tokenizer.encode(text).max(initial=0) < len(tokenizer.words)


@pytest.mark.parametrize("kind", LOSSLESS)
@settings(max_examples=50)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="␣⏎⇥‹"), max_size=60))
def test_bytes_lose_nothing_of_any_text(kind: str, text: str) -> None:
    assert join_words([TRAINED[kind].words[i] for i in TRAINED[kind].encode(text)], kind) == text
    assert UNKNOWN not in TRAINED[kind].encode(text)


@pytest.mark.parametrize("kind", ["character", "unigram"])
@settings(max_examples=50)
@given(text=st.text(st.sampled_from(sorted(set(STORY))), max_size=60))
def test_known_characters_are_never_lost(kind: str, text: str) -> None:
    assert join_words([TRAINED[kind].words[i] for i in TRAINED[kind].encode(text)], kind) == text


@pytest.mark.parametrize("kind", ["word", "wordpiece"])
def test_words_come_back_without_capitals_and_spaces(kind: str) -> None:
    tokens = [TRAINED[kind].words[i] for i in TRAINED[kind].encode("The  cat, Then\n好吃?")]
    assert join_words(tokens, kind) == "the cat , then 好 吃 ?"


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_what_was_never_seen_is_unknown_unless_bytes_write_it(kind: str) -> None:
    tokens = [TRAINED[kind].words[i] for i in TRAINED[kind].encode("∑")]
    assert tokens == (["‹E2›", "‹88›", "‹91›"] if kind in LOSSLESS else ["[unknown]"])


TRAINED = {kind: train_tokenizer(kind, 400, STORY) for kind in TOKENIZERS}


def test_words_are_lower_case_and_chinese_stands_apart() -> None:
    tokens = [TRAINED["word"].words[i] for i in TRAINED["word"].encode("The CAT, 好吃!")]
    assert tokens == ["the", "cat", ",", "好", "吃", "!"]


def test_long_texts_are_cut_without_a_seam() -> None:
    text = ("The cat sat on the mat. " * 4000).strip()
    for tokenizer in TRAINED.values():
        ids = tokenizer.encode(text)
        beginning = len(tokenizer.encode("The cat sat on the mat."))
        rest = tokenizer.encode(" The cat sat on the mat.")
        assert (ids[beginning:] == np.tile(rest, 3999)).all()


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_nothing_typed_is_no_token(kind: str) -> None:
    assert not len(TRAINED[kind].encode_sentence(""))
    assert not len(TRAINED[kind].encode(""))


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_special_names_in_a_text_are_just_text(kind: str) -> None:
    tokenizer = train_tokenizer(kind, 400, STORY + "[mask] [pad]")
    assert not {0, MASK} & set(tokenizer.encode("the [mask] [pad]").tolist())


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [
        ("word", ["the", "[mask]", "sat", "[mask]", "."]),
        ("bpe", ["the", "[mask]", "␣sat", "[mask]", "."]),
        ("wordpiece", ["the", "[mask]", "sat", "[mask]", "."]),
        ("unigram", ["␣the", "[mask]", "␣sat", "[mask]", "."]),
        ("character", [*"the␣", "[mask]", "[mask]", "[mask]", *"␣sat␣", "[mask]", "."]),
        ("byte", [*"the␣", "[mask]", "[mask]", "[mask]", *"␣sat␣", "[mask]", "."]),
    ],
)
def test_blanks_in_a_sentence_become_masks(kind: str, tokens: list[str]) -> None:
    tokenizer = train_tokenizer(kind, 400, PLAIN)
    assert [tokenizer.words[i] for i in tokenizer.encode_sentence("The ___ SAT [MASK].")] == tokens


def fingerprints() -> dict[str, str]:
    """Of each kind's tokens, ids of a text, and all that its engine holds."""
    text = STORY + " ".join(f"{a}{b}er {b}{a}ing" for a in "abcdefgh" for b in "mnopqrst")
    trained = {kind: train_tokenizer(kind, SMALLEST.get(kind, 90), text) for kind in TOKENIZERS}
    held = {kind: (one.words, one.encode(text).tolist(), one.engine.to_str()) for kind, one in trained.items()}
    return {kind: hashlib.sha256(repr(one).encode()).hexdigest() for kind, one in held.items()}


def test_the_same_text_gives_the_same_tokens_in_every_process() -> None:
    ask = "import json; from tests.core.test_text import fingerprints; print(json.dumps(fingerprints()))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        told = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
        assert json.loads(told.stdout) == fingerprints()
