"""Probes are ridge classifiers, and find what is there and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from core.looking.probes import FEWEST, OFFSETS, fit, probe, probe_labels, probe_offsets, probe_places, set_apart

DRAW = np.random.default_rng(0)
B, T, WORDS = 120, 9, 6


def onehot(tokens: np.ndarray) -> np.ndarray:
    return np.asarray(np.eye(WORDS)[tokens])


@pytest.mark.parametrize(("classes", "ridge"), [(2, 1.0), (5, 0.1), (5, 30.0)])
def test_a_probe_is_the_ridge_classifier_of_scikit_learn(classes: int, ridge: float) -> None:
    x = DRAW.normal(size=(90, 8)) + 2
    y = DRAW.permutation(np.repeat(np.arange(classes), 90 // classes + 1)[:90]) * 3
    ours, theirs = fit(x, y, ridge), RidgeClassifier(alpha=ridge).fit(x, y)
    scores = theirs.decision_function(x)
    expected = scores if classes > 2 else np.stack([-scores, scores], axis=1)
    assert np.abs(ours.scores(x) - expected).max() < 1e-8
    assert (ours.guess(x) == theirs.predict(x)).all()


def test_a_state_that_holds_two_words_tells_those_and_no_other() -> None:
    """A state made of the current and the previous word, as a left-to-right reader's might be."""
    tokens = DRAW.integers(0, WORDS, (B, T))
    before = np.concatenate([np.zeros((B, 1, WORDS)), onehot(tokens[:, :-1])], axis=1)
    states = np.concatenate([onehot(tokens), before], axis=2)
    found = {OFFSETS[o]: one for _, o, one in probe_offsets([states], tokens, np.ones((B, T), bool))}
    for offset, one in found.items():
        assert one is not None
        noise = 3 * np.sqrt(1 / WORDS / one.n) + 0.03
        assert one.accuracy == 1 if offset in (0, -1) else one.accuracy < 1 / WORDS + noise
        assert one.n == 36 * (T - abs(offset))
        assert one.chance < 1 / WORDS + noise


def test_padding_is_neither_read_nor_asked_for() -> None:
    tokens = DRAW.integers(0, WORDS, (B, T))
    real = np.arange(T) < np.full((B, 1), 4)
    states = np.where(real[..., None], onehot(tokens), np.nan)
    found = [one for _, _, one in probe_offsets([states], tokens, real, (0, 1, 4))]
    assert found[0] is not None
    assert found[0].accuracy == 1
    assert found[1] is not None
    assert found[1].n == 36 * 3
    assert found[2] is None  # nothing lies four words further


def test_places_show_where_a_sentence_is_known() -> None:
    labels = DRAW.integers(0, 2, B)
    states = DRAW.normal(size=(B, T, 4))
    states[:, 5:, 0] = 4 * labels[:, None] - 2  # known from the sixth word on
    found = [one for _, _, one in probe_places([states], labels, np.ones((B, T), bool))]
    scores = [one.accuracy for one in found if one]
    assert len(scores) == T
    assert max(scores[:5]) < 0.8
    assert scores[5:] == [1.0] * 4


def test_labels_of_asked_words() -> None:
    labels = DRAW.integers(0, 3, (B, T))
    asked = DRAW.random((B, T)) < 0.3
    ((_, _, one),) = probe_labels([np.eye(3)[labels]], labels, asked)
    assert one is not None
    assert one.accuracy == 1
    assert one.n == asked[set_apart(B)].sum()


def test_too_little_to_learn_from_is_no_number() -> None:
    x, y = DRAW.normal(size=(12, 3)), np.arange(12) % 2
    assert probe(x, y, set_apart(12)) is None
    many = FEWEST * 3
    assert probe(DRAW.normal(size=(many, 3)), np.arange(many) % 2, set_apart(many)) is not None
