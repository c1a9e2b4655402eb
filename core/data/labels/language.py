"""A small language whose labels have exact ceilings: sentence forms are enumerated, words are drawn within kinds.

A form is a row of slots; a slot has a tag and says with which probability a word of which kind stands there. Within a
kind all words are as likely wherever it stands, so they tell nothing beyond their kind: reading kinds is reading all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from core.data.contract import Ceilings

PAD = "[pad]"
Slot = tuple[str, dict[str, float]]  # tag, probability of each kind
Forms = list[tuple[float, tuple[Slot, ...]]]  # alternatives with their probabilities


def slot(tag: str, **kinds: float) -> Forms:
    """One word: its tag, and how likely each kind is; 0 leaves a kind out."""
    return [(1.0, ((tag, {kind: share for kind, share in kinds.items() if share > 0}),))]


def maybe(share: float, forms: Forms) -> Forms:
    """These words with probability `share`, else none."""
    return either((share, forms), (1 - share, [(1.0, ())]))


def either(*ways: tuple[float, Forms]) -> Forms:
    """One of several, each with its probability."""
    return [(share * p, slots) for share, forms in ways if share > 0 for p, slots in forms]


def joined(*parts: Forms) -> Forms:
    """Parts one after the other, chosen independently."""
    return [(prod(p for p, _ in ways), sum((slots for _, slots in ways), ())) for ways in product(*parts)]


@dataclass(frozen=True)
class Kind:
    """Words that stand in the same places. Of several groups the sentence's `cause` picks one (its topic, its mood)."""

    groups: tuple[tuple[str, ...], ...]
    cause: str = ""


@dataclass(frozen=True, eq=False)
class Language:
    """Kinds of words and the forms of sentences. F forms, T the longest one's words, C kinds in a slot at most."""

    kinds: dict[str, Kind]
    forms: Forms
    tags: tuple[str, ...] = ("",)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """(V,) padding, then every kind's words, group by group."""
        found = (PAD, *(word for kind in self.kinds.values() for group in kind.groups for word in group))
        if len(set(found)) != len(found):
            raise ValueError("a word must belong to one group of one kind")
        return found

    @cached_property
    def shares(self) -> np.ndarray:
        """(F,) probability of each form."""
        return np.array([share for share, _ in self.forms])

    @cached_property
    def lengths(self) -> np.ndarray:
        """(F,) words of each form."""
        return np.array([len(slots) for _, slots in self.forms])

    @cached_property
    def table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tags (F, T), −1 where a form has ended; kinds (F, T, C) and their probabilities (F, T, C), 0 where unused."""
        F, T = len(self.forms), int(self.lengths.max())
        C = max(len(kinds) for _, slots in self.forms for _, kinds in slots)
        tags, kinds, chances = np.full((F, T), -1), np.zeros((F, T, C), np.int64), np.zeros((F, T, C))
        number = {kind: index for index, kind in enumerate(self.kinds)}
        for f, (_, slots) in enumerate(self.forms):
            for t, (tag, options) in enumerate(slots):
                tags[f, t] = self.tags.index(tag)
                for c, (kind, share) in enumerate(options.items()):
                    kinds[f, t, c], chances[f, t, c] = number[kind], share
        return tags, kinds, chances

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """(kinds, groups) first word's number and how many words there are; a kind of one group repeats it."""
        most = max(len(kind.groups) for kind in self.kinds.values())
        first, size, at = np.zeros((len(self.kinds), most), np.int64), np.zeros((len(self.kinds), most), np.int64), 1
        for k, kind in enumerate(self.kinds.values()):
            for g in range(most):
                if g < len(kind.groups):
                    first[k, g], size[k, g] = at, len(kind.groups[g])
                    at += len(kind.groups[g])
                else:
                    first[k, g], size[k, g] = first[k, 0], size[k, 0]
        return first, size

    def draw(self, rng: np.random.Generator, causes: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """Tokens, tags (−1 in padding) and kinds, all (B, T), and lengths (B,). `causes` (B, T): group by cause."""
        tags, kinds, chances = self.table
        B, T = next(iter(causes.values())).shape
        form = np.searchsorted(self.shares.cumsum()[:-1], rng.random(B), side="right")
        option = (rng.random((B, T, 1)) >= chances[form].cumsum(2)[..., :-1]).sum(2)
        kind = np.take_along_axis(kinds[form], option[..., None], 2)[..., 0]  # (B, T)
        group = np.zeros_like(kind)
        for cause, chosen in causes.items():
            follows = np.array([one.cause == cause for one in self.kinds.values()])
            group = np.where(follows[kind], chosen, group)
        first, size = self.places
        word = first[kind, group] + (rng.random((B, T)) * size[kind, group]).astype(np.int64)
        real = np.arange(T) < self.lengths[form][:, None]
        return np.where(real, word, 0), tags[form], np.where(real, kind, -1), self.lengths[form]

    def counted(self, cause: str) -> np.ndarray:
        """(T+1,) probability that a sentence has so many words that follow this cause."""
        names = [name for name, kind in self.kinds.items() if kind.cause == cause]
        count = [sum(any(k in names for k in kinds) for _, kinds in slots) for _, slots in self.forms]
        return np.bincount(count, weights=self.shares, minlength=int(self.lengths.max()) + 1)

    def first_follows(self, cause: str) -> float:
        """Probability that a sentence's first word follows this cause."""
        names = [name for name, kind in self.kinds.items() if kind.cause == cause]
        return sum(share for share, slots in self.forms if any(k in names for k in slots[0][1]))

    def sentences(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every row of kinds (N, T), −1 after its end, with its form's tags (N, T), and the chance of each (N,)."""
        tags, kinds, chances = self.table
        form, rows, chance = np.arange(len(self.forms)), np.zeros((len(self.forms), 0), np.int64), self.shares
        for t in range(tags.shape[1]):
            ended = tags[form, t] < 0
            here = np.where(ended[:, None], np.arange(kinds.shape[2]) == 0, chances[form, t])  # (N, C)
            row, option = np.nonzero(here)
            kind = np.where(ended[row], -1, kinds[form[row], t, option])
            rows = np.column_stack([rows[row], kind])
            form, chance = form[row], chance[row] * here[row, option]
        return rows, tags[form], chance

    def tagging(self) -> Ceilings:
        """Best share of words that are tagged right by a reader of what precedes, of what follows, and of everything.

        Each reader bets on the likeliest tag given what it sees. `placed`: reads what follows and knows, besides, how
        many words precede, as absolute positions tell.
        """
        rows, tags, chance = self.sentences()
        lengths, T = (rows >= 0).sum(1), rows.shape[1]
        left, right, both = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64), _joint(*rows.T)
        found = dict.fromkeys(("left", "right", "both", "placed"), 0.0)
        for t in range(T):
            left = _joint(left, rows[:, t])
            back = np.maximum(lengths - 1 - t, 0)  # the word that stands t before the last
            right = _joint(right, np.take_along_axis(rows, back[:, None], 1)[:, 0])
            real = lengths > t
            for side, seen in (("left", left), ("both", both)):
                found[side] += _best(seen[real], tags[real, t], chance[real], len(self.tags))
            behind = tags[real, back[real]]
            for side, seen in (("right", right), ("placed", _joint(right, lengths))):
                found[side] += _best(seen[real], behind, chance[real], len(self.tags))
        words = float(chance @ lengths)
        return Ceilings(**{side: round(share / words, 12) for side, share in found.items()})  # 1 where it is 1


def _joint(*columns: np.ndarray) -> np.ndarray:
    """(N,) a number for each row of the columns, the same for equal rows; values are −1 or more."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = np.unique(code * (int(column.max()) + 2) + column + 1, return_inverse=True)[1]
    return code


def _best(seen: np.ndarray, tags: np.ndarray, chance: np.ndarray, K: int) -> float:
    """Probability that the likeliest tag given what is seen is the true one."""
    if not len(seen):
        return 0.0
    joint = np.bincount(seen * K + tags, weights=chance, minlength=(int(seen.max()) + 1) * K)
    return float(joint.reshape(-1, K).max(1).sum())
