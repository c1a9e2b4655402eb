"""What a model says of labelled sentences, beside the truth: scores, a table of mistakes, sentences to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.contract import IGNORE, Batch
from core.data.labels.bio import decoded, is_bio, span_scores
from core.data.labels.scores import confusion, macro_f1

LARGEST_TABLE = 30  # classes in a table of mistakes
SHOWN = 4  # sentences to read


@dataclass(frozen=True)
class Judged:
    """Of N answers, in the order of their words: the truth and what was said, by class; and whole sentences."""

    classes: tuple[str, ...]
    truth: np.ndarray  # (N,)
    said: np.ndarray  # (N,) the likeliest class by itself
    sure: np.ndarray  # (N,) its probability
    rows: list[tuple[list[str], list[str]]]  # true tags and decoded ones of each sentence; empty for whole sentences

    def scores(self) -> dict[str, float]:
        """F1 of names where tags name spans; else F1 over classes that count alike."""
        if self.rows and is_bio(self.classes):
            return span_scores([true for true, _ in self.rows], [said for _, said in self.rows])
        return {"macro_f1": macro_f1(confusion(self.truth, self.said, len(self.classes)))}

    def table(self) -> list[list[int]]:
        """How often each class was taken for each; empty where there are too many to read."""
        K = len(self.classes)
        return confusion(self.truth, self.said, K).tolist() if K <= LARGEST_TABLE else []

    def sentences(self, words: Sequence[str], batch: Batch) -> list[dict[str, Any]]:
        """The first few sentences with their true and said labels; a class stands for the whole sentence."""
        found, at = [], 0
        for row in range(min(SHOWN, len(batch.tokens))):
            shown = [words[token] for token in batch.real(row)]
            if not self.rows:
                true, said, sure = [self.classes[self.truth[row]]], [self.classes[self.said[row]]], [self.sure[row]]
                places: list[int] = []
            else:
                places = np.flatnonzero(batch.labels[row] != IGNORE).tolist()
                true, said = self.rows[row]
                sure = list(self.sure[at : at + len(places)])
                at += len(places)
            found.append(
                {"words": shown, "places": places, "truth": true, "said": said, "sure": list(map(float, sure))}
            )
        return found


def judge(way: str, classes: tuple[str, ...], batch: Batch, scores: np.ndarray) -> Judged:
    """Judge log-probabilities (N, K) of all answers of a batch, row by row; `way`: how spans come from tags."""
    truth = batch.answers if batch.answers is not None else batch.labels[batch.labels != IGNORE]
    said, rows = scores.argmax(1), []
    if batch.answers is None:
        lengths = (batch.labels != IGNORE).sum(1)
        padded = np.zeros((len(lengths), int(lengths.max()), len(classes)))
        padded[np.arange(padded.shape[1]) < lengths[:, None]] = scores
        true = [[classes[k] for k in labels[labels != IGNORE]] for labels in batch.labels]
        rows = list(zip(true, decoded(padded, lengths, classes, way), strict=True))
    return Judged(classes, truth, said, np.exp(scores.max(1)), rows)
