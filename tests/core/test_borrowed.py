"""Tokenizers of checkpoints: the ids of transformers, in our order of tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import BertTokenizerFast, GPT2TokenizerFast, PreTrainedTokenizerFast, RobertaTokenizerFast

from core.borrowed import Borrowed, borrow
from core.hub import CheckpointError, Folder
from core.text import MASK, PAD, SPECIAL, UNKNOWN
from tests.core.vocabularies import ROBERTA_MARKS, TRICKY, byte_pairs, size_of, word_pieces

KINDS: dict[str, tuple[str, Any]] = {
    "bert uncased": ("bert", BertTokenizerFast),
    "bert cased": ("bert", BertTokenizerFast),
    "distilbert": ("distilbert", BertTokenizerFast),
    "roberta": ("roberta", RobertaTokenizerFast),
    "gpt2": ("gpt2", GPT2TokenizerFast),
}


def written(kind: str, folder: Path) -> None:
    if kind == "gpt2":
        byte_pairs(folder, ["<|endoftext|>"])
    elif kind == "roberta":
        byte_pairs(folder, ROBERTA_MARKS)
    else:
        word_pieces(folder, lower=kind != "bert cased")


def opened(kind: str, folder: Path, more: int = 0) -> Borrowed:
    """The folder's tokenizer; its model has `more` rows than it has tokens."""
    whole = folder / "tokenizer.json"
    config = {"vocab_size": size_of(folder) + more}
    return borrow(Folder(folder, config, folder / "none", whole if whole.is_file() else None, KINDS[kind][0]))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("whole", [False, True])
def test_text_falls_apart_as_in_transformers(kind: str, whole: bool, tmp_path: Path) -> None:
    written(kind, tmp_path)
    theirs: PreTrainedTokenizerFast = KINDS[kind][1].from_pretrained(tmp_path)
    if whole:
        theirs.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    ours = opened(kind, tmp_path)
    for text in TRICKY:
        assert ours.order[ours.encode_sentence(text)].tolist() == theirs(text)["input_ids"], text
        plain = theirs(text, add_special_tokens=False)["input_ids"]
        assert ours.order[ours.encode(text)].tolist() == plain, text


def test_special_tokens_stand_where_ours_do(kind: str, tmp_path: Path) -> None:
    written(kind, tmp_path)
    ours = opened(kind, tmp_path)
    names = {index: token for token, index in ours.engine.get_vocab().items()}
    assert ours.words[:3] == SPECIAL
    assert sorted(ours.order.tolist()) == list(range(size_of(tmp_path)))
    assert (ours.ours[ours.order] == np.arange(len(ours.order))).all()
    if kind == "gpt2":  # which has none of them: bytes that no text has stand in
        assert ours.marks == len(ours.before) == len(ours.after) == 0
        assert {names[one] for one in ours.order[:3]} <= {chr(byte) for byte in (*range(0xF5, 0x100), 0xC0, 0xC1)}
        return
    expected = ["<pad>", "<unk>", "<mask>", "<s>", "</s>"]
    if kind != "roberta":
        expected = ["[PAD]", "[UNK]", "[MASK]", "[CLS]", "[SEP]"]
    assert [names[one] for one in ours.order[:5]] == expected
    assert (ours.before.tolist(), ours.after.tolist(), ours.marks) == ([3], [4], 2)
    assert ours.words[3:5] == tuple(expected[3:])


def test_a_blank_is_a_blank(kind: str, tmp_path: Path) -> None:
    written(kind, tmp_path)
    ours = opened(kind, tmp_path)
    for text in ("the ____ by the river", "the [mask] by the river", "the [MASK] by the river"):
        assert (ours.encode_sentence(text) == MASK).sum() == (kind != "gpt2")
    assert MASK not in ours.encode("the [MASK] <mask> by the river")  # in a text to learn from, these are just signs
    assert not np.isin(ours.encode(" ".join(TRICKY)), [PAD]).any()
    if kind.startswith("bert"):
        assert UNKNOWN in ours.encode("𓀀")


def test_rows_without_a_token_are_spare(tmp_path: Path) -> None:
    written("gpt2", tmp_path)
    ours, size = opened("gpt2", tmp_path, more=4), size_of(tmp_path)
    assert ours.order[:3].tolist() == [size + 3, size + 2, size + 1]
    assert len(ours.words) == size + 4


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda folder: (folder / "vocab.txt").unlink(), "there is no tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "The tokenizer can't be read"),
        (lambda folder: (folder / "vocab.txt").write_text("only\nwords\n"), "The tokenizer can't be read"),
    ],
)
def test_a_tokenizer_that_can_not_be_read(break_it: Any, words: str, tmp_path: Path) -> None:
    written("bert uncased", tmp_path)
    vocabulary = size_of(tmp_path)
    break_it(tmp_path)
    whole = tmp_path / "tokenizer.json"
    folder = Folder(tmp_path, {"vocab_size": vocabulary}, whole, whole if whole.is_file() else None, "bert")
    with pytest.raises(CheckpointError, match=words):
        borrow(folder)


def test_a_tokenizer_larger_than_the_model(tmp_path: Path) -> None:
    written("bert uncased", tmp_path)
    with pytest.raises(CheckpointError, match="and the model only"):
        opened("bert uncased", tmp_path, more=-1)


def test_settings_that_are_damaged_are_left_aside(tmp_path: Path) -> None:
    written("bert uncased", tmp_path)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps([1]))
    assert opened("bert uncased", tmp_path).words[2] == SPECIAL[MASK]
