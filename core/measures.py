"""How good written sentences are: exact match, words at their place, and BLEU, on the whole and by length.

BLEU (Papineni et al. 2002) is computed by `sacrebleu` (Post 2018), imported on first use, so that our figures are the
field's. Sentences arrive as words; nothing is cut again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Sentences = Sequence[Sequence[str]]
ORDER = 4  # BLEU counts runs of one to four words
MOST_GROUPS = 8  # lengths that are told apart


@dataclass(frozen=True)
class Score:
    """`exact` and `words` in 0…1, `bleu` in 0…100; None where no sentence has the four words that it counts."""

    n: int  # sentences
    exact: float
    words: float
    bleu: float | None


def score(written: Sentences, truth: Sentences) -> Score:
    """How good `written` is beside the `truth`, sentence by sentence."""
    pairs = list(zip(written, truth, strict=True))
    if not pairs:
        raise ValueError("there is nothing to score")
    exact = sum(list(one) == list(other) for one, other in pairs) / len(pairs)
    return Score(len(pairs), exact, words_right(written, truth), bleu(written, truth))


def words_right(written: Sentences, truth: Sentences) -> float:
    """Share of places with the right word, 0…1; where one of the two goes on alone, its words count as wrong."""
    pairs = list(zip(written, truth, strict=True))
    right = sum(one == other for pair in pairs for one, other in zip(*pair, strict=False))
    places = sum(max(map(len, pair)) for pair in pairs)
    return right / places if places else 1.0


def bleu(written: Sentences, truth: Sentences) -> float | None:
    """Corpus BLEU in 0…100, one reference each; None where no true sentence is long enough for it."""
    if max(map(len, truth), default=0) < ORDER:
        return None
    from sacrebleu.metrics.bleu import BLEU

    lines, references = [" ".join(one) for one in written], [" ".join(one) for one in truth]
    return float(BLEU(tokenize="none", force=True).corpus_score(lines, [references]).score)


def by_length(written: Sentences, truth: Sentences) -> dict[tuple[int, int], Score]:
    """Scores by the length of the true sentence, as (shortest, longest) of each group; few groups, about as large."""
    groups = _groups([len(one) for one in truth])
    found = {}
    for low, high in groups:
        inside = [at for at, one in enumerate(truth) if low <= len(one) <= high]
        found[low, high] = score([written[at] for at in inside], [truth[at] for at in inside])
    return found


def _groups(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of lengths that hold all: every length by itself where there are few, else neighbours together."""
    there = sorted(set(lengths))
    each = -(-len(there) // MOST_GROUPS)
    return [(there[at], there[min(at + each, len(there)) - 1]) for at in range(0, len(there), each)]
