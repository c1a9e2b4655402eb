"""Labelled sentences told in the words of a pretrained model, so that it can be fine-tuned on them.

Words are looked up by name, or cut by the model's own tokenizer; then the first piece of each carries its tag (Devlin
et al. 2019, §5.3). Whatever marks the model knows around a sentence stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from core.data.batches import MARKS
from core.data.contract import IGNORE, Batch, Ceilings, Source, TextError
from core.data.labels.source import LabelledSource, spelled
from core.data.registry import open_source
from core.data.transfer.questions import Transfer, hidden
from core.fields import SpecError
from core.parts.tune import BUILT_IN, FREE
from core.prompting import Prompted, prompting
from core.spec import Experiment, ModelSpec
from core.spelling import Spelling, spelling_of
from core.starts import Runs, Start, open_start
from core.text import MASK, PAD, SPECIAL, UNKNOWN, words_of

LOOKED_THROUGH = 1000  # sentences whose words are counted
NOT_SPOKEN = {*MARKS, SPECIAL[PAD]}


@dataclass(frozen=True, eq=False)
class Retold:
    """`told` in the start's words. `most`: tokens that the start can read at once; None: any number."""

    told: Any  # a generated source of labelled sentences
    spelling: Spelling
    most: int | None

    @property
    def words(self) -> tuple[str, ...]:
        return self.spelling.words

    @property
    def classes(self) -> tuple[str, ...]:
        classes: tuple[str, ...] = self.told.classes
        return classes

    @property
    def objectives(self) -> tuple[str, ...]:
        objectives: tuple[str, ...] = self.told.objectives
        return objectives

    @cached_property
    def length(self) -> int:
        """T of the longest of many sentences."""
        batch = self._in_words(self.told.held_out(LOOKED_THROUGH))
        return int(batch.tokens.shape[1])

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        return self._in_words(self.told.sample(rng, n))

    def held_out(self, n: int) -> Batch:
        return self._in_words(self.told.held_out(n))

    def pool(self, rng: np.random.Generator, n: int) -> Batch:
        """n labelled sentences to learn from, stratified."""
        return self._in_words(self.told.pool(rng, n))

    def encode(self, text: str) -> np.ndarray:
        """(T',) ids of a learner's own sentence."""
        ids = self.spelling.encode_sentence(text.strip())
        if len(ids) <= len(self.spelling.before) + len(self.spelling.after):
            raise TextError("Type at least one word.")
        if self.most is not None and len(ids) > self.most:
            raise TextError(f"The model reads {self.most} tokens at most; yours has {len(ids)}. Shorten it.")
        return ids

    def ceilings(self) -> Ceilings | None:
        """Those of the sentences: who lacks some of their words can do no better."""
        ceilings: Ceilings | None = self.told.ceilings()
        return ceilings

    def _in_words(self, batch: Batch) -> Batch:
        """A batch with every word spelled anew; tags, cues and classes stay with their words."""
        spoken = [self._spoken(batch, row) for row in range(len(batch.tokens))]
        lengths = np.array([len(ids) for ids, _ in spoken])
        T = int(lengths.max()) if self.most is None else min(int(lengths.max()), self.most)
        tokens, at = np.full((len(spoken), T), PAD), np.full((len(spoken), T), -1)
        for row, (ids, places) in enumerate(spoken):
            tokens[row, : len(ids)], at[row, : len(ids)] = ids[:T], places[:T]
        rows = np.arange(len(tokens))[:, None]
        labels = np.where(at >= 0, batch.labels[rows, at], IGNORE)
        cues = None if batch.cues is None else (at >= 0) & batch.cues[rows, at]
        return replace(batch, tokens=tokens, labels=labels, cues=cues, lengths=np.minimum(lengths, T))

    def _spoken(self, batch: Batch, row: int) -> tuple[np.ndarray, np.ndarray]:
        """(T',) ids of one sentence, and (T',) the place of the word that begins there, −1 elsewhere."""
        real = batch.real(row)
        places = np.flatnonzero(~self._silent[real])
        ids, begins = self.spelling.sentence([self.told.words[token] for token in real[places]])
        return ids, np.where(begins >= 0, places[begins], -1)

    @cached_property
    def _silent(self) -> np.ndarray:
        """(V,) which of the told tokens are no words: marks and padding."""
        return np.array([word in NOT_SPOKEN for word in self.told.words])


class RetoldTransfer(Retold):
    """Sentences with a second test, and with words that may stand for their classes."""

    def shifted(self, n: int) -> Batch:
        return self._in_words(self.told.shifted(n))

    @property
    def rare(self) -> int | None:
        found: int | None = self.told.rare
        return found

    @property
    def verbaliser(self) -> tuple[tuple[str, ...], ...] | None:
        """As the source's, where the model has all of its words as single tokens."""
        asked: tuple[tuple[str, ...], ...] | None = self.told.verbaliser
        return asked if {word for some in asked or () for word in some} <= set(self.words) else None

    def prompted(self, batch: Batch) -> Batch:
        """One telling word hidden in each sentence, its place asked for the class."""
        return batch if self.told.question == "slot" else hidden(batch, self.words, self.verbaliser)


@dataclass(frozen=True)
class Known:
    """How many of a target's words a start knows; `lacks` are some that it doesn't, the most frequent first."""

    share: float
    lacks: tuple[str, ...]


def opened(
    experiment: Experiment,
    runs: Runs | None = None,
    read_text: Callable[[str], str] | None = None,
    worker: bool = False,
) -> tuple[Source, Start | None]:
    """What an experiment learns from, and where it starts if it is fine-tuned; then in the start's words.

    Raises SpecError with a repair where the two don't fit, TextError or CheckpointError where a file can't be used.
    """
    source = open_source(experiment.data.settings, read_text, experiment.model.checkpoint, worker)
    if not experiment.tune.wanted:
        return source, None
    start = open_start(experiment.tune.start, runs, read_text)
    _check_model(experiment.model, start)
    _check_labels(source, experiment.tune.labels)
    told = retold(source, start)
    if experiment.tune.strategy == "zero-shot":
        told = prompting(told, start, experiment.tune.verbaliser, len(spelling_of(start.source).after))
    return told, start


def _check_model(model: ModelSpec, start: Start) -> None:
    """The experiment has to name the model that it starts from."""
    given, own = model.resolved(), start.model.resolved()
    for one in fields(ModelSpec):
        if one.name not in FREE and (said := getattr(given, one.name)) != (is_ := getattr(own, one.name)):
            works = {f"model.{n.name}": getattr(own, n.name) for n in fields(ModelSpec) if n.name not in FREE}
            reason = f"The model that it starts from has {is_}."
            raise SpecError(f"model.{one.name}", said, reason, works)


def _check_labels(source: Source, labels: int | None) -> None:
    """Enough labelled sentences that every class can be among them."""
    K = len(source.classes)
    if labels is not None and labels < K:
        reason = f"There are {K} classes, so with fewer sentences some would never be shown."
        raise SpecError("tune.labels", labels, reason, {"tune.labels": K})


def retold(source: Source, start: Start) -> Source:
    """Any labelled source in the start's own token ids. Raises SpecError where it can't be read, with a repair."""
    if isinstance(source, Transfer) and source.words == start.words:
        return source
    spelling, most = spelling_of(start.source), start.most
    _check_blank(source, spelling)
    if isinstance(source, LabelledSource):
        return _recut(source, spelling, most)
    found = (RetoldTransfer if isinstance(source, Transfer) else Retold)(source, spelling, None)
    _check_unknown(found, start)
    if most is not None and found.length > most:
        raise _too_long(found.length, most, start)
    return replace(found, most=most)


def known(source: Source, start: Start) -> Known:
    """What share of a labelled source's words the start knows."""
    spelling = spelling_of(start.source)
    spoken = Counter(word for words in _sentences(source) for word in words)
    lacks = {word: n for word, n in spoken.most_common() if not spelling.knows(word)}
    return Known(1 - sum(lacks.values()) / max(1, spoken.total()), tuple(lacks))


def _sentences(source: Source) -> list[Sequence[str]]:
    """Some of a source's sentences as words; of its own file all."""
    source = source.told if isinstance(source, Prompted) else source
    if isinstance(source, LabelledSource):
        return [words if source.objectives == ("tag",) else words_of(words[0]) for words in source.examples.texts]
    told = source.told if isinstance(source, Retold) else source
    batch = told.held_out(LOOKED_THROUGH)
    silent = {*NOT_SPOKEN, SPECIAL[MASK]}
    return [[w for w in (told.words[t] for t in batch.real(row)) if w not in silent] for row in range(LOOKED_THROUGH)]


def _recut(source: LabelledSource, spelling: Spelling, most: int | None) -> LabelledSource:
    """A learner's own sentences cut by the start's spelling; the same are held out."""
    tags = source.objectives == ("tag",)
    spell = spelling.sentence if tags else partial(_of_text, spelling)
    rows, cut = spelled(source.examples, source.classes, tags, source.length, spell)
    longest = max(len(ids) for ids, _ in rows)
    if most is not None and longest > most:
        reason = f"Some sentences have {longest} tokens in this start's words, and it has places for {most}."
        raise SpecError("data.length", source.length, f"{reason} What follows can be left out.", {"data.length": most})
    around = len(spelling.before) + len(spelling.after)
    kept = np.array([len(ids) > around and (said != IGNORE).any() for ids, said in rows])
    parts = source.train[kept[source.train]], source.test[kept[source.test]]
    return replace(source, tokenizer=spelling, rows=rows, cut=cut, train=parts[0], test=parts[1])


def _of_text(spelling: Spelling, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Ids of a whole text; no tag is asked for, so no word begins anywhere."""
    ids = spelling.encode_sentence(texts[0])
    return ids, np.full(len(ids), -1)


def _too_long(longest: int, most: int, start: Start) -> SpecError:
    reason = f"Sentences have up to {longest} tokens in this start's words, and it has places for {most}."
    return SpecError("tune.start", start.title, reason, {"tune.start": BUILT_IN})


def _check_blank(source: Source, spelling: Spelling) -> None:
    if isinstance(source, Transfer) and source.question == "slot" and SPECIAL[MASK] not in spelling.words:
        reason = "This question hides a word, and the model that it starts from has no token for a blank."
        raise SpecError("data.question", "slot", reason, {"data.question": "mood"})


def _check_unknown(found: Retold, start: Start) -> None:
    """A game's vocabulary has no token for an unknown word."""
    if SPECIAL[UNKNOWN] in found.words[: len(SPECIAL)]:
        return
    if lacks := known(found.told, start).lacks:
        reason = f"This model learned a language without “{lacks[0]}”, and has no token for an unknown word."
        raise SpecError("tune.start", start.title, reason, {"tune.start": BUILT_IN})
