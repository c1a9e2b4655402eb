"""The tokenizer that a checkpoint brings, renumbered so that its special tokens stand where ours do.

Everywhere in Bothways token 0 is padding, 1 an unknown word and 2 a blank; after them come the marks that a tokenizer
puts around a sentence ([CLS] and [SEP], <s> and </s>), then all others in their order. Words keep their vectors: the
checkpoint's tables are renumbered alike when they are read, and back when they are saved.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.hub import CheckpointError, Folder
from core.loading import NO_TOKENIZER, vocabulary_of
from core.text import BLANK, SPECIAL, Tokenizer

if TYPE_CHECKING:
    import tokenizers

MEANINGS = ("pad_token", "unk_token", "mask_token")  # in the order of our special tokens
NAMES: dict[str, dict[str, str]] = {  # what they are called where the files don't say
    "bert": {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "mask_token": "[MASK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    },
    "roberta": {
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
        "cls_token": "<s>",
        "sep_token": "</s>",
    },
    "gpt2": {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"},
}
NAMES["distilbert"] = NAMES["bert"]
NEVER = [*range(0xF5, 0x100), 0xC0, 0xC1]  # bytes that no text in UTF-8 has


class Borrowed(Tokenizer):
    """A checkpoint's tokenizer. `order` (V,): their id of each of our ids; `before`, `after`: marks of a sentence."""

    def __init__(self, engine: tokenizers.Tokenizer, special: dict[str, str], vocabulary: int) -> None:
        spelled = json.loads(engine.to_str())
        super().__init__("bpe" if "ByteLevel" in json.dumps(spelled["pre_tokenizer"]) else "wordpiece", engine)
        engine.no_padding()
        engine.no_truncation()
        self.special, self.vocabulary = special, vocabulary
        if (size := engine.get_vocab_size()) > vocabulary:
            raise CheckpointError(
                f"The tokenizer has {size:,} tokens and the model only {vocabulary:,}. "
                "Get both from the same checkpoint."
            )
        plain, marked = (engine.encode("a", add_special_tokens=wanted).ids for wanted in (False, True))
        start = next(n for n in range(len(marked) + 1) if marked[n : n + len(plain)] == plain)
        before, after = marked[:start], marked[start + len(plain) :]
        self.order = self._order([*before, *after])
        self.ours = np.argsort(self.order)  # (V,) our id of each of theirs
        self.before, self.after = self._renumbered(before), self._renumbered(after)
        self.marks = len({*before, *after})

    @cached_property
    def words(self) -> tuple[str, ...]:
        """(V,) every token as a learner can read it."""
        names = {index: token for token, index in self.engine.get_vocab().items()}
        special = set(self.special.values())
        words = [f"[row {index}]" for index in self.order]
        for ours, theirs in enumerate(self.order.tolist()):
            if theirs in names:
                name = names[theirs]
                words[ours] = name if name in special else self.readable(name)
        return (*SPECIAL, *words[len(SPECIAL) :])

    def encode_sentence(self, text: str) -> np.ndarray:
        """(T',) int64 ids of a learner's own line with the marks around it; `[mask]` or `____` in it is a blank."""
        self.engine.encode_special_tokens = False
        if blank := self.special.get("mask_token"):
            text = BLANK.sub(blank, text)
        return self._renumbered(self.engine.encode(text).ids)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._renumbered(super()._ids(text)).tolist()
        return ids

    def _renumbered(self, theirs: list[int]) -> np.ndarray:
        return self.ours[np.array(theirs, dtype=np.int64)]

    def _order(self, marks: list[int]) -> np.ndarray:
        """Their ids in our order: padding, unknown, blank, the marks, all others."""
        both = {self.special.get("bos_token"), self.special.get("eos_token")} - {self.special.get("cls_token"), None}
        said = {name: self.special.get(name) for name in MEANINGS}
        ids = [None if token is None or token in both else self.engine.token_to_id(token) for token in said.values()]
        spare = (one for one in self._spare() if one not in ids and one not in marks)
        first = [next(spare, None) if one is None else one for one in ids]
        if None in first:
            raise CheckpointError("The tokenizer has no tokens for padding, unknown words and blanks. Choose another.")
        first += [one for one in dict.fromkeys(marks) if one not in first]
        rest = np.setdiff1d(np.arange(self.vocabulary), np.array(first, dtype=np.int64))
        return np.concatenate([np.array(first, dtype=np.int64), rest])

    def _spare(self) -> list[int]:
        """Their ids that no text ever has: rows without a token, [unused…], bytes that UTF-8 doesn't know."""
        names = self.engine.get_vocab()
        rows = sorted(set(range(self.vocabulary)) - set(names.values()), reverse=True)
        unused = [names[name] for name in names if name.startswith("[unused")]
        never = [chr(byte) for byte in NEVER] if self.kind == "bpe" else []  # these bytes stand for themselves
        return [*rows, *sorted(unused), *(names[name] for name in never if name in names)]


def borrow(folder: Folder) -> Borrowed:
    """The tokenizer of a checkpoint. Raises CheckpointError where it has none that can be read."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads would not survive a fork
    settings = _settings(folder.path)
    special = {**NAMES[folder.architecture], **_special(settings)}
    try:
        engine = _engine(folder, settings, special)
        return Borrowed(engine, special, vocabulary_of(folder))
    except CheckpointError:
        raise
    except Exception as error:  # the library raises bare Exception
        raise CheckpointError(f"The tokenizer can't be read ({error}). Get the checkpoint once more.") from None


def _engine(folder: Folder, settings: dict[str, Any], special: dict[str, str]) -> tokenizers.Tokenizer:
    """From tokenizer.json, or built from a list of words (WordPiece), or from byte pairs and their merges."""
    from tokenizers import Tokenizer as Engine

    if folder.tokenizer:
        whole: tokenizers.Tokenizer = Engine.from_file(str(folder.tokenizer))
        return whole
    if (folder.path / "vocab.txt").is_file():
        return _word_pieces(folder.path / "vocab.txt", settings, special)
    vocabulary, merges = folder.path / "vocab.json", folder.path / "merges.txt"
    if vocabulary.is_file() and merges.is_file():
        return _byte_pairs(vocabulary, merges, settings, special)
    raise CheckpointError(NO_TOKENIZER)


def _word_pieces(path: Path, settings: dict[str, Any], special: dict[str, str]) -> tokenizers.Tokenizer:
    """BERT's: normalised words, cut into the longest pieces of the list; one token a line."""
    from tokenizers import Tokenizer as Engine
    from tokenizers import models, normalizers, pre_tokenizers, processors

    lines = path.read_text(encoding="utf-8").split("\n")
    ids = {token.removesuffix("\r"): index for index, token in enumerate(lines[:-1] if lines[-1] == "" else lines)}
    engine = Engine(models.WordPiece(ids, unk_token=special["unk_token"]))
    engine.normalizer = normalizers.BertNormalizer(
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
        strip_accents=settings.get("strip_accents"),
        lowercase=settings.get("do_lower_case", True),
    )
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.add_special_tokens([token for token in special.values() if token in ids])
    first, last = special["cls_token"], special["sep_token"]
    engine.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B:1 {last}:1",
        special_tokens=[(first, ids[first]), (last, ids[last])],
    )
    return engine


def _byte_pairs(
    vocabulary: Path, merges: Path, settings: dict[str, Any], special: dict[str, str]
) -> tokenizers.Tokenizer:
    """GPT-2's bytes, merged pair by pair; RoBERTa puts marks around."""
    from tokenizers import AddedToken, models, pre_tokenizers, processors
    from tokenizers import Tokenizer as Engine

    spaced = bool(settings.get("add_prefix_space", False))
    engine = Engine(models.BPE.from_file(str(vocabulary), str(merges)))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=spaced)
    known = [token for name, token in special.items() if name != "mask_token" and engine.token_to_id(token) is not None]
    engine.add_special_tokens(known)
    if "mask_token" in special:
        engine.add_special_tokens([AddedToken(special["mask_token"], lstrip=True)])
    if "cls_token" in special and "sep_token" in special:
        last, first = ((special[name], engine.token_to_id(special[name]) or 0) for name in ("sep_token", "cls_token"))
        engine.post_processor = processors.RobertaProcessing(last, first, add_prefix_space=spaced)
    return engine


def _settings(folder: Path) -> dict[str, Any]:
    """What tokenizer_config.json says; nothing where it isn't there."""
    try:
        told = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _special(settings: dict[str, Any]) -> dict[str, str]:
    """Special tokens by their meaning, such as mask_token; each is text, or an object with its content."""
    found = {}
    for name, value in settings.items():
        content = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(content, str):
            found[name] = content
    return found
