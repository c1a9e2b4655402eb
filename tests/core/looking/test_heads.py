"""A head made by hand is called what it is, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from core.looking.heads import KINDS, kinds_of
from core.models.direction import visible

WORDS = ("[CLS]", "the", "bank", "the", "river", "[SEP]")
T = len(WORDS)


def head(kind: str) -> np.ndarray:
    """(T, S) all weight where this kind has it; words without such a word look at themselves."""
    where = KINDS[kind].where(WORDS).astype(float)
    where[where.sum(-1) == 0] = np.eye(T)[where.sum(-1) == 0]
    return where / where.sum(-1, keepdims=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pure_head_is_recognised(kind: str) -> None:
    scores, even, found = kinds_of(head(kind)[None, None], visible("both", T)[None], WORDS)
    number = list(KINDS).index(kind)
    assert scores[number, 0, 0] == pytest.approx(1)
    assert 0 < even[number, 0] < 0.5
    assert list(KINDS)[found[0, 0]] == kind


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_an_even_head_scores_as_even_and_is_of_no_kind(direction: str) -> None:
    allowed = visible(direction, T)[None]
    weights = (allowed / allowed.sum(-1, keepdims=True))[:, None]
    scores, even, found = kinds_of(weights, allowed, WORDS)
    assert np.allclose(scores[:, :, 0], even)
    assert (found == -1).all()
    if direction == "left-to-right":
        assert scores[list(KINDS).index("next")] == 0


def test_scores_are_means_over_words_with_a_choice() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(T), (2, 3, T))
    scores, _, _ = kinds_of(weights, np.broadcast_to(visible("both", T), (2, T, T)), WORDS)
    kinds = list(KINDS)
    assert np.allclose(scores[kinds.index("previous")], np.mean([weights[..., t, t - 1] for t in range(1, T)], axis=0))
    assert np.allclose(scores[kinds.index("same")], (weights[..., 1, 3] + weights[..., 3, 1]) / 2)
    marks = [weights[..., t, [s for s in (0, 5) if s != t]].sum(-1) for t in range(T)]
    assert np.allclose(scores[kinds.index("delimiter")], np.mean(marks, axis=0))


def test_what_a_sentence_has_not_got_is_not_scored() -> None:
    weights = np.full((1, 1, 3, 3), 1 / 3)
    scores, _, found = kinds_of(weights, visible("both", 3)[None], ("a", "b", "c"))
    assert np.isnan(scores[[list(KINDS).index(one) for one in ("same", "delimiter")]]).all()
    assert found.tolist() == [[-1]]
