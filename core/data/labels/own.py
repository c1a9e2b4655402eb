"""Labelled sentences of a learner's own: a table of texts with their classes, or words with their tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from core.data.contract import IGNORE, Ceilings, Recipe, TextError
from core.data.labels import example
from core.data.labels.bio import is_bio, repaired
from core.data.labels.source import Examples, LabelledSource, pieces, spelled
from core.data.labels.tables import Table, Words, read_table, read_words
from core.fields import SpecError, check, setting
from core.text import SMALLEST, TOKENIZERS, check_text, read_file, train_tokenizer

MOST_CLASSES, FEWEST_ROWS = 200, 10
FILE = "Your own file; empty means a small built-in example."
SHARE = "Share of the sentences that is never trained on; each class gives its part."


@dataclass(frozen=True)
class OwnLabels:
    """What both kinds of file share. `text`: empty for the built-in example, else a kept file's name."""

    title: ClassVar[str] = ""
    story: ClassVar[str] = ""
    kinds: ClassVar[int] = 0
    recipe: ClassVar[Recipe] = Recipe(steps=400, batch=32, held_out=1000)

    text: str = setting("", "File", FILE)
    test_share: float = setting(0.2, "Held out", SHARE, low=0.05, high=0.5, deeper=True)
    tokenizer: str = setting("word", "Tokenizer", "How text falls apart.", choices=tuple(TOKENIZERS), deeper=True)
    vocabulary: int = setting(
        5000, "Vocabulary", "Most tokens that the tokenizer may learn.", unit="tokens", low=32, high=32_000, deeper=True
    )
    length: int = setting(
        64,
        "Longest sentence",
        "Tokens of a sentence that are read; what follows is left out.",
        low=4,
        high=512,
        deeper=True,
    )

    def __post_init__(self) -> None:
        check(self, "data")
        least = SMALLEST.get(self.tokenizer, 0)
        if self.vocabulary < least:
            reason = f"Single bytes come first, so this vocabulary needs at least {least}."
            raise SpecError("data.vocabulary", self.vocabulary, reason, {"data.vocabulary": least})

    def ceilings(self) -> Ceilings | None:
        return None

    def floors(self) -> Ceilings | None:
        return None


@dataclass(frozen=True)
class OwnClasses(OwnLabels):
    """A CSV or TSV file with a column of texts and one of their classes; a column left empty is guessed."""

    title: ClassVar[str] = "Your own classes"
    story: ClassVar[str] = (
        "A table of yours (CSV or TSV) with a text and its class in each row: reviews with their verdict, questions "
        "with their subject. The model learns to tell the class of a text."
    )
    objectives: ClassVar[tuple[str, ...]] = ("classify",)

    header: bool = setting(True, "First row has the names", "The first row names the columns and is no example.")
    text_column: str = setting("", "Text", "The column with the texts. Empty: the one with the longest cells.")
    label_column: str = setting("", "Class", "The column with the classes. Empty: the one with the fewest values.")


@dataclass(frozen=True)
class OwnTags(OwnLabels):
    """A CoNLL file: a word a line with its columns, a blank line after each sentence. Columns: 0 means a guess."""

    title: ClassVar[str] = "Your own tags"
    story: ClassVar[str] = (
        "Sentences of yours with a tag for each word (CoNLL: a word and its tag on each line, a blank line after each "
        "sentence): names as B-, I- and O, or parts of speech. The model learns to tag words."
    )
    objectives: ClassVar[tuple[str, ...]] = ("tag",)

    token_column: int = setting(
        0, "Word in column", "Counted from 1; 0: the first (in CoNLL-U the second).", low=0, high=50
    )
    tag_column: int = setting(
        0, "Tag in column", "Counted from 1; 0: the last (in CoNLL-U the fourth).", low=0, high=50
    )


def guess(table: Table, settings: OwnClasses) -> tuple[str, str]:
    """The columns of texts and classes: as chosen, else the longest cells, and of the rest the fewest values."""
    sizes = {name: sum(len(cell) for cell in table.column(name)) for name in table.columns}
    text = settings.text_column or max((n for n in table.columns if n != settings.label_column), key=sizes.__getitem__)
    others = [name for name in table.columns if name != text]
    label = settings.label_column or min(others, key=lambda name: len(set(table.column(name))))
    if text == label:
        raise TextError(f"The text and its class can't both be in the column “{text}”. Choose another one.")
    return text, label


def classified(table: Table, settings: OwnClasses) -> Examples:
    """Texts with their classes. Raises TextError where no model could learn from them."""
    text, label = guess(table, settings)
    pairs = list(zip(table.column(text), table.column(label), table.lines, strict=True))
    bare = [line for a, b, line in pairs if not a or not b]
    whole = [(a, b) for a, b, _ in pairs if a and b]
    notes = [_left_out(bare)] if bare else []
    counts = Counter(b for _, b in whole)
    _check_counts(counts, len(whole), f"The column “{label}”")
    if single := [name for name, n in counts.items() if n == 1]:
        names = ", ".join(sorted(single)[:5])
        notes.append(f"Only one example each, so only trained on: {names}.")
    return Examples([(a,) for a, _ in whole], [(b,) for _, b in whole], tuple(notes))


def tagged(words: Words, settings: OwnTags) -> Examples:
    """Sentences of words with their tags; I- that goes on with nothing is made to begin, as conlleval reads it."""
    token = settings.token_column or (2 if words.numbered else 1)
    tag = settings.tag_column or (4 if words.numbered else words.width)
    if token > words.width:
        raise TextError(f"There is no column {token} for the words: this file has {words.width}.")
    if tag > words.width:
        raise TextError(f"There is no column {tag} for the tags: this file has {words.width}.")
    if token == tag:
        raise TextError(f"Words and tags can't both be in column {token}. Choose another one.")
    texts = [tuple(cells[token - 1] for cells in one) for one in words.sentences]
    tags = [tuple(cells[tag - 1] for cells in one) for one in words.sentences]
    notes: list[str] = []
    kinds = {one for row in tags for one in row}
    if is_bio(sorted(kinds)):
        legal = [tuple(repaired(row)) for row in tags]
        wrong = [line for line, a, b in zip(words.lines, tags, legal, strict=True) if a != b]
        if wrong:
            notes.append(_begun(wrong))
        tags = legal
    _check_counts(Counter(one for row in tags for one in row), len(texts), f"Column {tag}")
    return Examples(texts, tags, tuple(notes))


def _left_out(lines: list[int]) -> str:
    n, first = len(lines), lines[0]
    if n == 1:
        return f"Left out: 1 row without a text or a class, first line {first}."
    return f"Left out: {n:,} rows without a text or a class, first line {first}."


def _begun(lines: list[int]) -> str:
    """`lines`: where the sentences begin in which a name's tag had no beginning."""
    n, first = len(lines), lines[0]
    if n == 1:
        return (
            f"In 1 sentence an I- tag went on with nothing, first in the sentence from line {first} on: it was read as "
            "B-, as conlleval does."
        )
    return (
        f"In {n:,} sentences an I- tag went on with nothing, first in the sentence from line {first} on: it was read "
        "as B-, as conlleval does."
    )


def _check_counts(counts: Counter[str], rows: int, where: str) -> None:
    if rows == 1:
        raise TextError(f"There are only 1 labelled sentence; at least {FEWEST_ROWS} are needed.")
    if rows < FEWEST_ROWS:
        raise TextError(f"There are only {rows} labelled sentences; at least {FEWEST_ROWS} are needed.")
    if len(counts) < 2:
        raise TextError(f"{where} holds only “{next(iter(counts))}”: with one class there is nothing to tell apart.")
    if 2 * len(counts) > sum(counts.values()) or len(counts) > MOST_CLASSES:
        raise TextError(
            f"{where} holds {len(counts):,} different labels in {sum(counts.values()):,} rows: too many to learn. Is "
            "it the right column?"
        )


def apart(labels: Sequence[tuple[str, ...]], share: float) -> tuple[np.ndarray, np.ndarray]:
    """Which sentences are trained on and which are held out: the same at every call.

    Every label keeps about its share, and none is held out that training never shows.
    """
    left = Counter(label for row in labels for label in row)
    room = {label: share * n for label, n in left.items()}
    held = []
    for row in np.random.default_rng(0).permutation(len(labels)).tolist():
        mine = Counter(labels[row])
        rare = min(mine, key=left.__getitem__)  # its share decides
        if room[rare] >= 0.5 * mine[rare] and all(left[label] > n for label, n in mine.items()):
            held.append(row)
            left.subtract(mine)
            for label, n in mine.items():
                room[label] -= n
    test = np.array(sorted(held), dtype=np.int64)
    return np.setdiff1d(np.arange(len(labels)), test), test


Reader = Callable[[str, OwnLabels], Examples]


def examples(text: str, settings: OwnLabels) -> Examples:
    """The labelled sentences of a checked file's text. Raises TextError in plain words."""
    if isinstance(settings, OwnClasses):
        return classified(read_table(text, settings.header), settings)
    assert isinstance(settings, OwnTags)
    return tagged(read_words(text), settings)


def examples_through_datasets(text: str, settings: OwnLabels) -> Examples:
    """The same by Hugging Face `datasets`, for workers; the file is checked first."""
    from core.data.labels import through_datasets

    if isinstance(settings, OwnClasses):
        like = read_table(text, settings.header)
        return classified(through_datasets.table(text, like, settings.header), settings)
    assert isinstance(settings, OwnTags)
    read_words(text)
    return tagged(through_datasets.words(text), settings)


def file_of(settings: OwnLabels, read_text: Callable[[str], str] | None = None) -> str:
    """The text of the file: the built-in example, a kept one by its name, or (terminal only) a path's."""
    if not settings.text:
        return example.table() if isinstance(settings, OwnClasses) else example.words()
    return check_text(read_text(settings.text), 1) if read_text else read_file(settings.text, 1)


def open_labels(
    settings: OwnLabels, read_text: Callable[[str], str] | None = None, read: Reader = examples
) -> LabelledSource:
    """The source behind the settings. Raises TextError in plain words."""
    return _opened(settings, file_of(settings, read_text), read)


@lru_cache(maxsize=4)
def _opened(settings: Any, text: str, read: Reader) -> LabelledSource:
    found = read(text, settings)
    train, test = apart(found.labels, settings.test_share)
    if not len(test):
        raise TextError("There are too few examples of each class to hold any out. Add some.")
    tokenizer = train_tokenizer(
        settings.tokenizer, settings.vocabulary, "\n".join(" ".join(found.texts[row]) for row in train)
    )
    classes = tuple(sorted(found.counts))
    rows, cut = spelled(
        found, classes, settings.objectives == ("tag",), settings.length, lambda t: pieces(tokenizer, t)
    )
    kept = np.array([len(ids) > 0 and (said != IGNORE).any() for ids, said in rows])
    parts = train[kept[train]], test[kept[test]]
    return LabelledSource(found, tokenizer, classes, rows, *parts, settings.length, settings.objectives, cut)
