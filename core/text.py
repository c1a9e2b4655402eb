"""Text and its pieces: checking a learner's text, and tokenizers that are trained on it while the learner waits.

Six ways to cut text: characters; lower-cased words and punctuation; single bytes; byte-level byte-pair encoding
(Sennrich et al. 2016; bytes: Radford et al. 2019); WordPiece, whose pieces within a word begin with ## (Schuster and
Nakajima 2012); Unigram, which keeps the pieces that make the text most probable (Kudo 2018). All cut in Hugging Face
`tokenizers`, which is imported on first use; all learn there but Unigram. The largest text that is taken, 5 MB, costs
one to five seconds of a processor. What is lost: words and WordPiece forget capitals and white space, and everything
but bytes and byte pairs has characters that it doesn't know.
"""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.contract import TextError
from core.unigram import learn_pieces

if TYPE_CHECKING:
    import tokenizers

PAD, UNKNOWN, MASK = 0, 1, 2
SPECIAL = ("[pad]", "[unknown]", "[mask]")
START, END = 3, 4  # where a written sentence begins and ends, in the vocabulary of a model that translates
SPECIAL_WRITTEN = (*SPECIAL, "[start]", "[end]")  # the first tokens of such a vocabulary
LARGEST = 5_000_000  # bytes
TOKENIZERS = {
    "character": "every character is a token",
    "word": "lower-cased words and punctuation; a rare word is unknown",
    "byte": "the bytes of UTF-8: 256 tokens write any text, nothing is unknown",
    "bpe": "bytes, and the pairs that are most frequent, merged again and again (GPT-2)",
    "wordpiece": "frequent pieces of lower-cased words, ## within a word (BERT)",
    "unigram": "the pieces that make the text most probable (T5, XLNet)",
}
SMALLEST_BYTE = len(SPECIAL) + 256
SMALLEST = {"byte": SMALLEST_BYTE, "bpe": SMALLEST_BYTE + 41}  # every byte; for pairs some room to learn
_BYTES = ("byte", "bpe")  # tokens are bytes, written in stand-in characters
_SPACED = ("word", "wordpiece")  # white space isn't in any token
_SPACE_FIRST = ("bpe", "unigram")  # a token holds the space before its word
BLANK = re.compile(r"\[mask\]|_{2,}", re.IGNORECASE)
_PIECE = re.compile(r"[\s\S]{1,4000}(?=\s|$)|[\s\S]{1,4000}")  # cut at white space where there is any
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ceaf\U0002f800-\U0002fa1f"  # Chinese characters
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|[^\w\s]+")
_SPACED_WORD = re.compile(r" ?\w+| ?[^\w\s]+|\s")
_HEX = re.compile(r"((?:‹[0-9A-F]{2}›)+)")
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
    check_size(_least_pieces(text, tokenizer), length)
    return text


def words_of(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, single Chinese characters, and runs of other signs."""
    return _WORD.findall(text)


def _least_pieces(text: str, tokenizer: str) -> int:
    """About how many tokens a text will have, before its tokenizer is trained."""
    if tokenizer == "byte":
        return len(text.encode("utf-8", "replace"))
    return len(text) if tokenizer == "character" else len(words_of(text))


def check_size(pieces: int, length: int) -> None:
    """Raise TextError if so many tokens are too few for windows of length + 1 to learn from and to test on."""
    if pieces < 2 * (length + 1):
        fits, needed = pieces // 2 - 1, 2 * (length + 1)
        reason = f"This text has only {pieces} tokens; a context of {length} needs at least {needed}."
        if fits < 4:
            raise TextError(reason + " Add more text.")
        raise TextError(f"{reason} Add more text or choose a context of {fits} or less.")


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
        return _bytes_readable(token) if self.kind in _BYTES else _readable(token)

    def encode(self, text: str) -> np.ndarray:
        """(N,) uint16 ids of a whole text; the names of special tokens in it are just text."""
        self.engine.encode_special_tokens = True
        small = np.uint16 if len(self.words) <= 2**16 else np.uint32
        parts = [np.array(self._ids(piece), dtype=small) for piece in _PIECE.findall(text)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=small)

    def encode_sentence(self, text: str) -> np.ndarray:
        """(T',) int64 ids of a learner's own line; `[mask]` or `____` in it is a blank.

        For characters and bytes, each `_` of `____` is a blank of its own. Unigram reads the line as if a space stood
        before it, as SentencePiece does (Kudo and Richardson 2018): most words of a text were learned with theirs.
        """
        self.engine.encode_special_tokens = False
        blank = SPECIAL[MASK]
        if self.kind in ("character", "byte"):
            text = BLANK.sub(lambda found: blank * (found[0].count("_") or 1), text)
        else:
            text = BLANK.sub(blank, text)
        if self.kind in _SPACE_FIRST:
            text = text.replace(" " + blank, blank)
        if self.kind == "unigram" and text and not text.startswith((blank, " ")):
            text = " " + text
        return np.array(self._ids(text), dtype=np.int64)

    def _ids(self, text: str) -> list[int]:
        return self.engine.encode_batch_fast([text], add_special_tokens=False)[0].ids  # type: ignore[no-any-return]


def train_tokenizer(kind: str, vocabulary: int, text: str) -> Tokenizer:
    """Learn at most `vocabulary` tokens from a text; bytes need no learning. The same text gives the same ids."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads would not survive a fork
    from tokenizers import normalizers

    engine = _TRAINERS[kind](vocabulary, text)
    if kind not in _SPACED and text == text.lower():
        engine.normalizer = normalizers.Lowercase()  # a learner's capitals then count as the letters it knows
    engine.add_special_tokens(list(SPECIAL))
    return Tokenizer(kind, engine)


def join_words(words: Sequence[str], kind: str) -> str:
    """Readable tokens put together to a text again, as far as the kind of tokenizer allows."""
    if kind in _SPACED:
        return " ".join(words).replace(" ##", "")
    text = "".join(words).replace("␣", " ").replace("⏎", "\n").replace("⇥", "\t")
    if kind not in _BYTES:
        return text
    parts = _HEX.split(text)  # every second one is written in hexadecimal
    parts[1::2] = [bytes.fromhex(re.sub("[‹›]", "", part)).decode(errors="replace") for part in parts[1::2]]
    return "".join(parts)


def _options(vocabulary: int) -> dict[str, Any]:
    return {"vocab_size": vocabulary, "special_tokens": list(SPECIAL), "show_progress": False}


def _numbered(tokens: Sequence[str]) -> dict[str, int]:
    """Ids of tokens, after the special ones."""
    return {token: index for index, token in enumerate((*SPECIAL, *tokens))}


def _characters(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """The most frequent characters."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    frequent = [c for c, _ in Counter(text).most_common(vocabulary - len(SPECIAL))]
    engine = Tokenizer(models.WordLevel(_numbered(frequent), unk_token=SPECIAL[UNKNOWN]))
    engine.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return engine


def _lower_words(engine: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """Let it see lower-cased words and punctuation, Chinese characters apart."""
    from tokenizers import normalizers, pre_tokenizers

    engine.normalizer = normalizers.BertNormalizer(strip_accents=False)
    engine.pre_tokenizer = pre_tokenizers.Whitespace()
    return engine


def _words(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """The most frequent words."""
    from tokenizers import Tokenizer, models, trainers

    engine = _lower_words(Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN])))
    engine.train_from_iterator(_PIECE.findall(text), trainers.WordLevelTrainer(**_options(vocabulary)))
    return engine


def _single_bytes(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """Each byte of UTF-8: byte pairs without any merge. Token 3 + b is byte b; the text doesn't matter."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    alphabet = sorted(_STAND_INS, key=_STAND_INS.__getitem__)
    engine = Tokenizer(models.BPE(_numbered(alphabet), []))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return engine


def _byte_pairs(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """All bytes, then the most frequent pair of neighbours again and again (Sennrich et al. 2016, algorithm 1)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    engine = Tokenizer(models.BPE())
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(initial_alphabet=alphabet, **_options(vocabulary))
    engine.train_from_iterator(_PIECE.findall(text), trainer)
    return engine


def _word_pieces(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """Characters that begin a word, characters within (##), and merges of them (Schuster and Nakajima 2012).

    The trainer numbers ## characters in an order that changes from process to process; naming them beforehand, sorted,
    keeps the ids.
    """
    from tokenizers import Tokenizer, models, trainers

    engine = _lower_words(Tokenizer(models.WordPiece(unk_token=SPECIAL[UNKNOWN])))
    text = "".join(engine.normalizer.normalize_str(piece) for piece in _PIECE.findall(text))
    text = _frequent_only(text, vocabulary, _within(text))
    options = _options(vocabulary) | {"special_tokens": [*SPECIAL, *(f"##{c}" for c in sorted(_within(text)))]}
    engine.train_from_iterator(_PIECE.findall(text), trainers.WordPieceTrainer(**options))
    learned = models.WordPiece(engine.get_vocab(), unk_token=SPECIAL[UNKNOWN])
    return _lower_words(Tokenizer(learned))  # a fresh one, in which ## characters are not special


def _unigram(vocabulary: int, text: str) -> tokenizers.Tokenizer:
    """Pieces with probabilities, pruned from many until `vocabulary` are left: `core.unigram`."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    words = Counter(_SPACED_WORD.findall(_frequent_only(text, vocabulary)))
    pieces = learn_pieces(words, vocabulary - len(SPECIAL))
    engine = Tokenizer(models.Unigram([*((name, 0.0) for name in SPECIAL), *pieces], unk_id=UNKNOWN))
    engine.pre_tokenizer = pre_tokenizers.Split(Regex(_SPACED_WORD.pattern), "isolated")
    return engine


def _within(text: str) -> frozenset[str]:
    """Characters that stand in a word after its first one."""
    words = {found[0] for found in re.finditer(r"\w+|[^\w\s]+", text)}
    return frozenset(c for word in words for c in word[1:])


def _frequent_only(text: str, vocabulary: int, twice: frozenset[str] = frozenset()) -> str:
    """A text with its most frequent characters, a space for each other one: they take 3/4 of a vocabulary at most.

    Each takes one token, or two if it is in `twice`; the trainers themselves would go beyond the vocabulary, or fail.
    """
    kept, room = set(), 3 * (vocabulary - len(SPECIAL)) // 4
    for c, _ in Counter(text).most_common():
        room -= 2 if c in twice else 1
        if room < 0:
            break
        kept.add(c)
    return text.translate({ord(c): " " for c in set(text) - kept})


_TRAINERS = {
    "character": _characters,
    "word": _words,
    "byte": _single_bytes,
    "bpe": _byte_pairs,
    "wordpiece": _word_pieces,
    "unigram": _unigram,
}


def _readable(token: str) -> str:
    return token.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")


def _bytes_readable(token: str) -> str:
    """Byte-level tokens name each byte by a stand-in character (Radford et al. 2019); this turns them back."""
    raw = bytes(_STAND_INS[c] for c in token)
    text = _readable(raw.decode(errors="ignore"))
    whole = raw == raw.decode(errors="ignore").encode()
    return text if whole and not _CONTROL.search(text) else "".join(f"‹{byte:02X}›" for byte in raw)


def _stand_ins() -> dict[str, int]:
    """Printable bytes stand for themselves, the others for characters from 256 on."""
    plain = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + index): byte for index, byte in enumerate(others)}


_STAND_INS = _stand_ins()
