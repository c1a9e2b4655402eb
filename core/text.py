"""Text and its pieces: checking a learner's text, and tokenizers that are trained on it while the learner waits.

Three ways to cut text: characters; lower-cased words and punctuation; byte-level byte-pair encoding (Sennrich et al.
2016; bytes: Radford et al. 2019). All run in Hugging Face `tokenizers`, which is imported on first use.
"""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.contract import TextError

if TYPE_CHECKING:
    import tokenizers

PAD, UNKNOWN, MASK = 0, 1, 2
SPECIAL = ("[pad]", "[unknown]", "[mask]")
START, END = 3, 4  # where a written sentence begins and ends, in the vocabulary of a model that translates
SPECIAL_WRITTEN = (*SPECIAL, "[start]", "[end]")  # the first tokens of such a vocabulary
LARGEST = 5_000_000  # bytes
TOKENIZERS = ("character", "word", "bpe")
SMALLEST_BPE = len(SPECIAL) + 256 + 41  # every byte, and some room to learn
BLANK = re.compile(r"\[mask\]|_{2,}", re.IGNORECASE)
_PIECE = re.compile(r"[\s\S]{1,4000}(?=\s|$)|[\s\S]{1,4000}")  # cut at white space where there is any
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NOT_PLAIN = "This isn't plain text; it may be a document, a picture or a program. Save it as .txt and try again."
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def check_text(raw: bytes | str, length: int, tokenizer: str = "character") -> str:
    """The text behind an upload or a paste, new lines as \\n. Raises TextError: what is wrong and what to do next.

    `length` is the context T; a text must hold two windows of T + 1 tokens, one to learn from and one to test on.
    """
    size = len(raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace"))
    if size > LARGEST:
        raise TextError(f"This text has {size / 1e6:.1f} MB; {LARGEST / 1e6:g} MB is the most. Use a part of it.")
    text = _decoded(raw) if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise TextError("There is no text in it. Paste a few paragraphs, or choose another .txt file.")
    if "\0" in text or 200 * len(_CONTROL.findall(text)) > len(text) or _half_characters(text):
        raise TextError(_NOT_PLAIN)
    pieces = len(text) if tokenizer == "character" else len(re.findall(r"\w+|[^\w\s]+", text))
    check_size(pieces, length)
    return text


def check_size(pieces: int, length: int) -> None:
    """Raise TextError if so many tokens are too few for windows of length + 1 to learn from and to test on."""
    if pieces < 2 * (length + 1):
        fits = pieces // 2 - 1
        shorter = f" or choose a context of {fits} or less" if fits >= 4 else ""
        raise TextError(
            f"This text has only {pieces} tokens; a context of {length} needs at least {2 * (length + 1)}. "
            f"Add more text{shorter}."
        )


def _half_characters(text: str) -> bool:
    """Lone surrogates: halves of a character that no encoding can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _decoded(raw: bytes) -> str:
    if raw.startswith(_WIDE_MARKS):
        raise TextError("This file is saved as UTF-16. Open it in an editor, save it as UTF-8 and try again.")
    if b"\0" in raw:
        raise TextError(_NOT_PLAIN)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise TextError(
            f"This file isn't UTF-8: line {line} has a character in another encoding. "
            "Open it in an editor, save it as UTF-8 and try again."
        ) from None


def read_file(path: str, length: int, tokenizer: str = "character") -> str:
    """The checked text of a file on this machine, for the terminal and notebooks. Raises TextError."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise TextError(f"“{path}” can't be read ({error.strerror}). Check the name and the folder.") from None
    return check_text(raw, length, tokenizer)


class Tokenizer:
    """Cuts text into tokens: ids 0, 1, 2 are `[pad]`, `[unknown]`, `[mask]`. `engine` is the Hugging Face tokenizer."""

    before = after = np.empty(0, dtype=np.int64)  # marks around a sentence; only checkpoints' tokenizers have some
    marks = 0  # how many different ones; they follow the special tokens

    def __init__(self, kind: str, engine: tokenizers.Tokenizer) -> None:
        self.kind, self.engine = kind, engine

    @cached_property
    def words(self) -> tuple[str, ...]:
        """(V,) every token as a learner can read it: a space is ␣, a new line ⏎, a part of a character its bytes."""
        ids = self.engine.get_vocab()
        return tuple(token if token in SPECIAL else self.readable(token) for token in sorted(ids, key=ids.__getitem__))

    def readable(self, token: str) -> str:
        return _bytes_readable(token) if self.kind == "bpe" else _readable(token)

    def encode(self, text: str) -> np.ndarray:
        """(N,) uint16 ids of a whole text; the names of special tokens in it are just text."""
        self.engine.encode_special_tokens = True
        small = np.uint16 if len(self.words) <= 2**16 else np.uint32
        parts = [np.array(self._ids(piece), dtype=small) for piece in _PIECE.findall(text)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=small)

    def encode_sentence(self, text: str) -> np.ndarray:
        """(T',) int64 ids of a learner's own line; `[mask]` or `____` in it is a blank."""
        self.engine.encode_special_tokens = False
        blank = SPECIAL[MASK]
        if self.kind == "character":
            text = BLANK.sub(lambda found: blank * (found[0].count("_") or 1), text)
        else:
            text = BLANK.sub(blank, text)
        if self.kind == "bpe":
            text = text.replace(" " + blank, blank)  # a token holds the space before its word
        return np.array(self._ids(text), dtype=np.int64)

    def _ids(self, text: str) -> list[int]:
        return self.engine.encode_batch_fast([text], add_special_tokens=False)[0].ids  # type: ignore[no-any-return]


def train_tokenizer(kind: str, vocabulary: int, text: str) -> Tokenizer:
    """Learn at most `vocabulary` tokens from a text: its most frequent characters or words, or byte-pair merges."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads would not survive a fork
    from tokenizers import Regex, models, normalizers, pre_tokenizers, trainers
    from tokenizers import Tokenizer as Engine

    options: dict[str, Any] = {"vocab_size": vocabulary, "special_tokens": list(SPECIAL), "show_progress": False}
    if kind == "character":
        frequent = [c for c, _ in Counter(text).most_common(vocabulary - len(SPECIAL))]
        ids = {token: index for index, token in enumerate((*SPECIAL, *frequent))}
        engine = Engine(models.WordLevel(ids, unk_token=SPECIAL[UNKNOWN]))
        engine.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        engine.add_special_tokens(list(SPECIAL))
    elif kind == "word":
        engine = Engine(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
        engine.normalizer = normalizers.BertNormalizer(strip_accents=False)  # lower case; Chinese characters apart
        engine.pre_tokenizer = pre_tokenizers.Whitespace()
        engine.train_from_iterator(_PIECE.findall(text), trainers.WordLevelTrainer(**options))
    else:
        engine = Engine(models.BPE())
        engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        engine.train_from_iterator(_PIECE.findall(text), trainers.BpeTrainer(initial_alphabet=alphabet, **options))
    if kind != "word" and text == text.lower():
        engine.normalizer = normalizers.Lowercase()  # a learner's capitals then count as the letters it knows
    return Tokenizer(kind, engine)


def _readable(token: str) -> str:
    return token.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")


def _bytes_readable(token: str) -> str:
    """Byte-level tokens name each byte by a stand-in character (Radford et al. 2019); this turns them back."""
    raw = bytes(_STAND_INS[c] for c in token)
    try:
        return _readable(raw.decode())
    except UnicodeDecodeError:
        return "".join(f"‹{byte:02X}›" for byte in raw)


def _stand_ins() -> dict[str, int]:
    """Printable bytes stand for themselves, the others for characters from 256 on."""
    plain = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + index): byte for index, byte in enumerate(others)}


_STAND_INS = _stand_ins()
