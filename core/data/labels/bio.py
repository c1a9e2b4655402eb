"""Names as tags: B- begins one, I- goes on, O is outside (IOB2; Ramshaw & Marcus 1995, Tjong Kim Sang & Veenstra 1999).

Nothing here is learned: there is no CRF (Lafferty et al. 2001). A model's tags are its likeliest ones word by word,
made legal afterwards; or the likeliest legal row, by Viterbi under the scheme's hard rules alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

TAG = re.compile(r"O|[BI]-.+")
Span = tuple[str, int, int]  # type, first word, first word after it


def is_bio(tags: Sequence[str]) -> bool:
    """Do these tags name spans? At least one begins or goes on, and none is of another scheme."""
    return all(TAG.fullmatch(tag) for tag in tags) and any(tag != "O" for tag in tags)


def goes_on(before: str, tag: str) -> bool:
    """May this tag follow that one? Only I- asks for something: the same type before it."""
    return not tag.startswith("I-") or (before[:2] in ("B-", "I-") and before[2:] == tag[2:])


def repaired(tags: Sequence[str]) -> list[str]:
    """The same tags with every I- that continues nothing made to begin, as conlleval reads it."""
    legal: list[str] = []
    for tag in tags:
        legal.append(tag if goes_on(legal[-1] if legal else "O", tag) else f"B-{tag[2:]}")
    return legal


def spans(tags: Sequence[str]) -> list[Span]:
    """The names in a row of tags, legal or not."""
    found: list[Span] = []
    for t, tag in enumerate(repaired(tags)):
        if tag.startswith("B-"):
            found.append((tag[2:], t, t + 1))
        elif tag.startswith("I-"):
            found[-1] = (*found[-1][:2], t + 1)
    return found


def span_scores(truth: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> dict[str, float]:
    """Precision, recall and F1 of whole names over all sentences: type and both ends must be right (conlleval)."""
    right = wanted = found = 0
    for true, given in zip(truth, said, strict=True):
        theirs, ours = set(spans(true)), set(spans(given))
        right, wanted, found = right + len(theirs & ours), wanted + len(theirs), found + len(ours)
    precision, recall = right / found if found else 0.0, right / wanted if wanted else 0.0
    f1 = 2 * right / (wanted + found) if wanted + found else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def steps(tags: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(K, K) may tag j follow tag i, and (K,) may tag j come first."""
    follows = np.array([[goes_on(before, tag) for tag in tags] for before in tags])
    return follows, np.array([goes_on("O", tag) for tag in tags])


def likeliest(scores: np.ndarray, tags: Sequence[str]) -> np.ndarray:
    """(T,) the legal row of tags with the largest sum of scores (T, K): Viterbi (1967), with nothing learned."""
    follows, first = steps(tags)
    hard = np.where(follows, 0.0, -np.inf)
    best, came = scores[0] + np.where(first, 0.0, -np.inf), np.zeros(scores.shape, dtype=np.int64)
    for t in range(1, len(scores)):
        ways = best[:, None] + hard  # (K, K)
        came[t] = ways.argmax(0)
        best = ways.max(0) + scores[t]
    row = [int(best.argmax())]
    for t in range(len(scores) - 1, 0, -1):
        row.append(int(came[t, row[-1]]))
    return np.array(row[::-1])


def decoded(scores: np.ndarray, tags: Sequence[str], way: str) -> list[str]:
    """A sentence's tags from its scores (T, K). `way`: the likeliest tags "repaired", or the "likeliest legal" row."""
    if not is_bio(tags):
        return [tags[k] for k in scores.argmax(1)]
    if way == "likeliest legal":
        return [tags[k] for k in likeliest(scores, tags)]
    return repaired([tags[k] for k in scores.argmax(1)])
