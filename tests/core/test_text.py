"""Checking a learner's text, and tokenizers trained on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.contract import TextError
from core.text import LARGEST, MASK, SPECIAL, TOKENIZERS, UNKNOWN, check_text, read_file, train_tokenizer

STORY = "The cat sat on the mat. Then the cat, very slowly, ate a naïve fish!\nWas it 好吃? Yes: 2 times.\n" * 6
PLAIN = "the cat sat on the mat. then it ate a fish.\n" * 6


def spelled(tokens: list[str]) -> str:
    return "".join(tokens).replace("␣", " ").replace("⏎", "\n")


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
    cap = {"character": 12, "word": 12, "bpe": 300}[kind]
    tokenizer = train_tokenizer(kind, cap, STORY)
    assert len(tokenizer.words) <= cap
    assert (UNKNOWN in tokenizer.encode(STORY)) == (kind != "bpe")


@pytest.mark.parametrize("kind", ["character", "bpe"])
@settings(max_examples=50)
@given(text=st.text(st.sampled_from(sorted(set(STORY))), max_size=60))
def test_nothing_is_lost_in_cutting(kind: str, text: str) -> None:
    tokenizer = TRAINED[kind]
    tokens = [tokenizer.words[i] for i in tokenizer.encode(text)]
    raw = b"".join(
        bytes.fromhex(t[1:-1].replace("›‹", "")) if t.startswith("‹") else spelled([t]).encode() for t in tokens
    )
    assert raw.decode() == text


TRAINED = {kind: train_tokenizer(kind, 400, STORY) for kind in TOKENIZERS}


def test_bytes_never_seen_are_still_written() -> None:
    tokens = [TRAINED["bpe"].words[i] for i in TRAINED["bpe"].encode("∑")]
    assert tokens == ["‹E2›", "‹88›", "‹91›"]


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
def test_special_names_in_a_text_are_just_text(kind: str) -> None:
    tokenizer = train_tokenizer(kind, 400, STORY + "[mask] [pad]")
    assert not {0, MASK} & set(tokenizer.encode("the [mask] [pad]").tolist())


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [
        ("word", ["the", "[mask]", "sat", "[mask]", "."]),
        ("bpe", ["the", "[mask]", "␣sat", "[mask]", "."]),
        ("character", [*"the␣", "[mask]", "[mask]", "[mask]", *"␣sat␣", "[mask]", "."]),
    ],
)
def test_blanks_in_a_sentence_become_masks(kind: str, tokens: list[str]) -> None:
    tokenizer = train_tokenizer(kind, 400, PLAIN)
    assert [tokenizer.words[i] for i in tokenizer.encode_sentence("The ___ SAT [MASK].")] == tokens


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_the_same_text_gives_the_same_tokens(kind: str) -> None:
    again = train_tokenizer(kind, 400, STORY)
    assert again.words == TRAINED[kind].words
    assert (again.encode(STORY) == TRAINED[kind].encode(STORY)).all()
