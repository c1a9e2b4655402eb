"""A glimpse of any data: its vocabulary and a few sequences. Opening a text takes a second, so glimpses are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.corpora import built_in, joints_of, marks_of
from core.data.registry import open_source
from core.data.whole_words import Joints
from core.parts.objective import OF_PAIRS, PAIRED
from core.spec import DataSpec, ObjectiveSpec
from ui import backend
from ui.canvas.sentence import Row, Word
from ui.words import tr

EXAMPLES = 60  # sequences in a glimpse; "another example" goes round them
FITS = 24  # words of a sequence that are shown


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What a page needs to know of a source; small, whatever the size of the text."""

    words: tuple[str, ...]
    classes: tuple[str, ...]
    batch: Batch  # (EXAMPLES, T) or, for text, (EXAMPLES, T + 1)
    joints: Joints | None = None  # which tokens are pieces of one word
    marks: int = 0  # that a checkpoint's tokenizer puts around a sentence
    source_words: tuple[str, ...] = ()  # what an encoder reads

    @property
    def reads(self) -> int | None:
        """How many words an encoder tells apart; None where nothing is read but what is written."""
        return len(self.source_words) or None

    def tokens(self, example: int) -> list[str]:
        """The words of one sequence, as many as fit."""
        return [self.words[token] for token in self.batch.real(example % EXAMPLES)[:FITS]]

    def pair(self, example: int) -> tuple[list[str], list[str]]:
        """A source sentence and its translation, in words."""
        one = self.one(example % EXAMPLES)
        assert one.source is not None
        read = one.source[0, : None if one.source_lengths is None else int(one.source_lengths[0])]
        return [self.source_words[token] for token in read], [self.words[token] for token in one.real(0)[:-1]]

    def row(self, example: int, objective: ObjectiveSpec) -> Row:
        """One sequence as a row of words: what is asked with its answer, and the cue."""
        at = example % EXAMPLES
        if objective.name in PAIRED:
            source, target = self.pair(example)
            return Row("", [*map(Word, source), Word("→"), *(Word(word, "asked") for word in target)])
        asked = frame(objective, self.one(at), np.random.default_rng(at), len(self.words), self.marks, self.joints)
        notes, cues = self.notes(objective, asked), asked.cues
        tokens = asked.real(0)
        if objective.name == "permutation-lm":  # each word, or the blank at its place
            first, second = np.split(tokens, 2)
            tokens = np.where(np.isin(np.arange(len(first)), list(notes)), second, first)
        unseen = max(notes, default=FITS) if objective.name == "prefix-lm" else FITS
        words = []
        for t, token in enumerate(tokens[:FITS]):
            mark = (
                "asked" if t in notes else "cue" if cues is not None and cues[0, t] else "hidden" if t > unseen else ""
            )
            words.append(Word(self.words[token], mark, notes.get(t, "")))
        if asked.answers is not None:
            words.append(
                Word(
                    self.classes[asked.answers[0]],
                    "asked",
                    tr("the verdict") if objective.name in OF_PAIRS else tr("the sentence’s class"),
                )
            )
        return Row("", words)

    def notes(self, objective: ObjectiveSpec, asked: Batch) -> dict[int, str]:
        """What stands under each asked word of a framed sequence: its answer, and how it is guessed."""
        labels, said = asked.labels[0], self.words if objective.name in OF_PAIRS else self.classes
        T = len(labels)
        match objective.name:
            case "next-word":  # asked everywhere; one place is enough to show
                last = min(T, FITS) - 1
                return {last: tr("then: {word}", word=said[labels[last]])}
            case "previous-word":
                return {0: tr("before: {word}", word=said[labels[0]])}
            case "two-way-lm":
                T //= 2
                middle = min(T, FITS) // 2
                before, then = said[labels[T + middle]], said[labels[middle]]
                return {middle: tr("before: {before}, then: {then}", before=before, then=then)}
            case "prefix-lm":
                end = int((labels != IGNORE).argmax())
                return {end: tr("then: {word}", word=said[labels[end]])}
            case "permutation-lm":
                T, sees = T // 2, asked.sees
                assert sees is not None
                turns = sees[0, T:, :T].sum(1) + 1
                told = {t: said[labels[T + t]] for t in range(T) if labels[T + t] != IGNORE}
                return {t: tr("turn {n}: {word}", n=turns[t], word=word) for t, word in told.items()}
        return {t: said[label] for t, label in enumerate(labels) if label != IGNORE}

    def one(self, at: int) -> Batch:
        return self.batch.rows(slice(at, at + 1))


def glimpse(data: DataSpec, checkpoint: str = "") -> Glimpse:
    """A glimpse of the data, cut by a `checkpoint`'s tokenizer. TextError in plain words where it can't be opened."""
    return _glimpse(data.settings, checkpoint)


@lru_cache(maxsize=32)
def _glimpse(settings: Any, checkpoint: str) -> Glimpse:
    source = open_source(settings, backend.store().read_text, checkpoint)
    some = source.sample(np.random.default_rng(0), EXAMPLES)
    read = getattr(source, "source_words", ())
    return Glimpse(source.words, source.classes, some, joints_of(source), marks_of(source), read)


@lru_cache(maxsize=8)
def beginning(reference: str, letters: int = 600) -> str:
    """The first lines of a text: of the built-in one, or of a kept one by its name."""
    text = backend.store().read_text(reference) if reference else built_in()
    return text[:letters].rsplit(" ", 1)[0] + " …" if len(text) > letters else text
