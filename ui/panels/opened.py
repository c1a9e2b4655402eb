"""A glimpse of any data: its vocabulary and a few sequences. Opening a text takes a second, so glimpses are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.corpora import built_in
from core.data.registry import open_source
from core.spec import DataSpec, ObjectiveSpec
from ui import backend
from ui.canvas.sentence import Row, Word

EXAMPLES = 60  # sequences in a glimpse; "another example" goes round them
FITS = 24  # words of a sequence that are shown


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What a page needs to know of a source; small, whatever the size of the text."""

    words: tuple[str, ...]
    classes: tuple[str, ...]
    batch: Batch  # (EXAMPLES, T) or, for text, (EXAMPLES, T + 1)

    def tokens(self, example: int) -> list[str]:
        """The words of one sequence, as many as fit."""
        return [self.words[token] for token in self.batch.real(example % EXAMPLES)[:FITS]]

    def row(self, example: int, objective: ObjectiveSpec) -> Row:
        """One sequence as a row of words: what is asked with its answer, and the cue."""
        at = example % EXAMPLES
        asked = frame(objective, self.one(at), np.random.default_rng(at), len(self.words))
        tokens, labels = asked.real(0)[:FITS], asked.labels[0][:FITS]
        if objective.name in ("next-word", "previous-word"):  # asked everywhere; one place is enough to show
            place = len(tokens) - 1 if objective.name == "next-word" else 0
            labels = np.where(np.arange(len(tokens)) == place, labels, IGNORE)
        words = []
        for t, token in enumerate(tokens):
            if labels[t] != IGNORE:
                words.append(Word(self.words[token], "asked", self.answer(objective, labels[t])))
            else:
                words.append(Word(self.words[token], "cue" if asked.cues is not None and asked.cues[0, t] else ""))
        if asked.answers is not None:
            words.append(Word(self.classes[asked.answers[0]], "asked", "the sentence’s class"))
        return Row("", words)

    def one(self, at: int) -> Batch:
        return self.batch.rows(slice(at, at + 1))

    def answer(self, objective: ObjectiveSpec, label: int) -> str:
        """What stands under the asked word: the answer, and for text from which side it is guessed."""
        arrow = {"next-word": "then: ", "previous-word": "before: "}.get(objective.name or "", "")
        return arrow + self.classes[label]


def glimpse(data: DataSpec) -> Glimpse:
    """A glimpse of the data. Raises TextError in plain words where a text can't be opened."""
    return _glimpse(data.settings)


@lru_cache(maxsize=32)
def _glimpse(settings: Any) -> Glimpse:
    source = open_source(settings, backend.store().read_text)
    return Glimpse(source.words, source.classes, source.sample(np.random.default_rng(0), EXAMPLES))


@lru_cache(maxsize=8)
def beginning(reference: str, letters: int = 600) -> str:
    """The first lines of a text: of the built-in one, or of a kept one by its name."""
    text = backend.store().read_text(reference) if reference else built_in()
    return text[:letters].rsplit(" ", 1)[0] + " …" if len(text) > letters else text
