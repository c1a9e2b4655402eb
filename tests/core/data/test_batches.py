"""Framing: what is read and what is asked."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.corpora import Text, open_text
from core.data.registry import GAMES
from core.data.whole_words import joints, together
from core.spec import ObjectiveSpec, SpecError
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


def test_a_two_way_model_is_asked_for_both_neighbours() -> None:
    batch = frame(ObjectiveSpec("two-way-lm"), WINDOWS, np.random.default_rng(0), WORDS)
    after, before = np.split(batch.labels, 2, axis=1)
    assert (after[:, :-1] == batch.tokens[:, 1:]).all()
    assert (before[:, 1:] == batch.tokens[:, :-1]).all()
    assert (after[:, -1] == IGNORE).all()
    assert (before[:, 0] == IGNORE).all()


def test_a_prefix_is_given_and_the_rest_is_asked_for() -> None:
    batch = frame(ObjectiveSpec("prefix-lm"), WINDOWS, np.random.default_rng(0), WORDS)
    asked = batch.labels != IGNORE
    prefix = asked.argmax(1) + 1
    assert set(prefix) == set(range(1, 12))
    assert (asked == (np.arange(12) >= prefix[:, None] - 1)).all()
    assert (batch.labels[asked] == WINDOWS.tokens[:, 1:][asked]).all()
    assert batch.sees is not None
    for row in range(20):
        for t in range(12):
            assert batch.sees[row, t].sum() == max(prefix[row], t + 1)
            assert batch.sees[row, t, : max(prefix[row], t + 1)].all()


@pytest.mark.parametrize("predicted", [0.01, 0.5, 1.0])
def test_a_random_order_asks_for_its_last_words_and_shows_those_before(predicted: float) -> None:
    batch = frame(ObjectiveSpec("permutation-lm", predicted=predicted), WINDOWS, np.random.default_rng(0), WORDS)
    T = 12
    assert (batch.tokens[:, T:] == MASK).all()
    assert (batch.labels[:, :T] == IGNORE).all()
    assert batch.sees is not None
    assert batch.places is not None
    assert (batch.places[:, :T] == batch.places[:, T:]).all()
    turn = batch.sees[:, T:, :T].sum(2)  # (B, T): how many words come before
    assert (np.sort(turn, axis=1) == np.arange(T)).all()
    asked = batch.labels[:, T:] != IGNORE
    assert (asked == (turn >= T - max(1, round(predicted * T)))).all()
    assert (batch.labels[:, T:][asked] == batch.tokens[:, :T][asked]).all()


@pytest.mark.parametrize("kind", ["bpe", "character"])
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_whole_words_are_hidden_together(kind: str, rate: float) -> None:
    source = open_text(Text(tokenizer=kind, vocabulary=400))
    objective = ObjectiveSpec("masked-word", rate, whole_words=True)
    windows = source.held_out(200)
    batch = frame(objective, windows, np.random.default_rng(0), len(source.words), joints=source.joints)
    chosen = batch.labels != IGNORE
    assert chosen.any(1).all()
    spelled, cut = [source.words[one] for one in windows.tokens[0]], 0
    for row in range(200):
        spelled = [source.words[one] for one in windows.tokens[row, :-1]]
        for t in range(1, len(spelled)):
            if spelled[t - 1][-1].isalpha() and spelled[t][0].isalpha():
                assert chosen[row, t] == chosen[row, t - 1], spelled[t - 1 : t + 1]
                cut += chosen[row, t]
    assert cut > 20


def test_wordpiece_marks_what_continues_a_word() -> None:
    words = (*SPECIAL, "un", "##happi", "##ness", "is", ".")
    found = together(np.array([[3, 4, 5, 6, 4, 7, 2, 4]]), joints(words, "wordpiece"))
    assert found.tolist() == [[0, 0, 0, 3, 3, 5, 6, 7]]
    assert joints(words, "word") is None


def test_shares_of_hidden_and_swapped_words_can_be_chosen() -> None:
    objective = ObjectiveSpec("masked-word", 0.3, hidden=0.5, swapped=0.0)
    batch = frame(objective, WINDOWS, np.random.default_rng(0), WORDS)
    chosen = batch.labels != IGNORE
    assert (batch.tokens[chosen] == MASK).mean() == pytest.approx(0.5, abs=0.02)
    shown = chosen & (batch.tokens != MASK)
    assert (batch.tokens[shown] == batch.labels[shown]).all()
    with pytest.raises(SpecError, match="left to be hidden") as caught:
        ObjectiveSpec("masked-word", swapped=0.4)
    assert caught.value.works == {"objective.hidden": 0.6}
