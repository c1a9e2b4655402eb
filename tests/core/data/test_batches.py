"""Framing: what is read and what is asked."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.registry import GAMES
from core.spec import ObjectiveSpec
from core.text import MASK, SPECIAL

WORDS = 50
WINDOWS = Batch(np.random.default_rng(0).integers(len(SPECIAL), WORDS, (4000, 13)), np.full((4000, 13), IGNORE))


def masked(rate: float = 0.15, seed: int = 0) -> Batch:
    return frame(ObjectiveSpec("masked-word", rate), WINDOWS, np.random.default_rng(seed), WORDS)


def test_next_word_asks_for_the_word_after() -> None:
    batch = frame(ObjectiveSpec("next-word"), WINDOWS, np.random.default_rng(0), WORDS)
    assert batch.tokens.shape == batch.labels.shape == (4000, 12)
    assert (batch.labels[:, :-1] == batch.tokens[:, 1:]).all()
    assert (batch.labels[:, -1] == WINDOWS.tokens[:, -1]).all()


def test_previous_word_asks_for_the_word_before() -> None:
    batch = frame(ObjectiveSpec("previous-word"), WINDOWS, np.random.default_rng(0), WORDS)
    assert (batch.labels[:, 1:] == batch.tokens[:, :-1]).all()
    assert (batch.labels[:, 0] == WINDOWS.tokens[:, 0]).all()


def test_games_stay_as_they_are() -> None:
    batch = GAMES["sense"]().held_out(8)
    assert frame(ObjectiveSpec("answer"), batch, np.random.default_rng(0), WORDS) is batch


@pytest.mark.parametrize("rate", [0.01, 0.15, 0.9])
def test_only_chosen_words_are_asked_for_and_at_least_one(rate: float) -> None:
    batch = masked(rate)
    chosen, truth = batch.labels != IGNORE, WINDOWS.tokens[:, :-1]
    assert chosen.any(1).all()
    assert (batch.labels[chosen] == truth[chosen]).all()
    assert (batch.tokens[~chosen] == truth[~chosen]).all()
    extra = (1 - rate) ** 12 / 12  # one is chosen where none was
    assert chosen.mean() == pytest.approx(rate + extra, abs=0.01)


def test_chosen_words_are_hidden_swapped_or_kept_in_berts_shares() -> None:
    batch = masked()
    chosen = batch.labels != IGNORE
    shown, truth = batch.tokens[chosen], batch.labels[chosen]
    assert (shown == MASK).mean() == pytest.approx(0.8, abs=0.02)
    by_chance = 1 / (WORDS - len(SPECIAL))  # a random word may be the true one
    assert (shown == truth).mean() == pytest.approx(0.1 + 0.1 * by_chance, abs=0.02)
    swapped = shown[(shown != MASK) & (shown != truth)]
    assert swapped.min() >= len(SPECIAL)
    assert len(set(swapped.tolist())) == WORDS - len(SPECIAL)


def test_masks_depend_on_their_generator_only() -> None:
    assert (masked(seed=1).tokens == masked(seed=1).tokens).all()
    assert (masked(seed=1).tokens != masked(seed=2).tokens).any()


def test_windows_are_left_untouched() -> None:
    before = WINDOWS.tokens.copy()
    masked()
    assert (WINDOWS.tokens == before).all()
