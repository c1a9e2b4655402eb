"""Labelled sentences asked by a prompt: a blank in each, and words of the pretrained vocabulary that stand for classes.

Where the data has a telling word to hide, it is hidden. Elsewhere a blank stands after the sentence, with no pattern
around it (a “null prompt”: Logan et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.data.contract import IGNORE, Batch, Source
from core.fields import SpecError
from core.starts import Start
from core.text import MASK, SPECIAL

Verbaliser = tuple[tuple[str, ...], ...]  # words of each class
NO_WORDS = "No word of the language stands for these classes, so there is nothing to prompt for."


@dataclass(frozen=True, eq=False)
class Prompted:
    """`told` with a `verbaliser`; all else is as it was. `after`: marks that close each of its sentences."""

    told: Any
    verbaliser: Verbaliser
    after: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.told, name)

    def prompted(self, batch: Batch) -> Batch:
        """Each sentence with a blank, whose place is asked for the class."""
        if getattr(self.told, "verbaliser", None) is not None:
            asked: Batch = self.told.prompted(batch)
            return asked
        return with_blank(batch, self.after)


def with_blank(batch: Batch, after: int) -> Batch:
    """A blank behind the last word of each row, before the marks that close it."""
    assert batch.answers is not None
    n, T = batch.tokens.shape
    lengths = np.full(n, T) if batch.lengths is None else batch.lengths
    row, place, at = np.arange(n), lengths - after, np.arange(T + 1)
    wider = np.pad(batch.tokens, ((0, 0), (0, 1)))
    behind = np.take_along_axis(wider, np.maximum(at - 1, 0)[None].repeat(n, 0), axis=1)
    tokens = np.where(at < place[:, None], wider, behind)
    tokens[row, place] = MASK
    labels = np.full_like(tokens, IGNORE)
    labels[row, place] = batch.answers
    return replace(batch, tokens=tokens, labels=labels, cues=None, lengths=lengths + 1, answers=None)


def prompting(source: Source, start: Start, said: str, after: int) -> Prompted:
    """The source with its own verbaliser, or the one that a learner `said`: “good fine | bad poor”.

    Raises SpecError where that doesn't work, with a repair.
    """
    own: Verbaliser | None = getattr(source, "verbaliser", None)
    works: dict[str, Any] = {"tune.strategy": "head"} if own is None else {"tune.verbaliser": ""}
    if getattr(source, "objectives", ()) != ("classify",) and own is None:
        raise SpecError("tune.strategy", "zero-shot", "A prompt asks for one class of each sentence.", works)
    if SPECIAL[MASK] not in start.words:
        raise SpecError("tune.strategy", "zero-shot", "This start has no token for a blank.", {"tune.strategy": "head"})
    if own is None:
        _check_room(source, start, works)
    if not said.strip():
        if own is None:
            raise SpecError("tune.strategy", "zero-shot", NO_WORDS, works)
        return Prompted(source, own, after)
    groups = [part.split() for part in said.split("|")]
    if len(groups) != len(source.classes) or not all(groups):
        wanted = " | ".join(source.classes)
        reason = f"Each of the {len(source.classes)} classes needs words of its own, in this order: {wanted}."
        raise SpecError("tune.verbaliser", said, reason, works)
    return Prompted(source, tuple(_known(some, start, said, works) for some in groups), after)


def _check_room(source: Source, start: Start, works: dict[str, Any]) -> None:
    """A place for the blank beside the longest sentence."""
    rows = getattr(source, "rows", None)
    longest = source.length if rows is None else max(len(ids) for ids, _ in rows)
    if start.most is not None and longest + 1 > start.most:
        reason = f"Some sentences fill all {start.most} places of this start, so there is none for a blank."
        raise SpecError("tune.strategy", "zero-shot", reason, works)


def _known(some: Sequence[str], start: Start, said: str, works: dict[str, Any]) -> tuple[str, ...]:
    """The start's own tokens for these words; one that follows a space, where its tokens hold their spaces."""
    found = [next((one for one in (f"␣{word}", word, word.casefold()) if one in start.words), None) for word in some]
    if None in found:
        reason = f"The model knows no “{some[found.index(None)]}” as one token. Take another word."
        raise SpecError("tune.verbaliser", said, reason, works)
    return tuple(one for one in found if one is not None)
