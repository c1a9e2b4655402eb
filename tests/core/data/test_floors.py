"""The least possible loss, against plain enumeration in a language small enough to write out."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import log

import numpy as np
import pytest

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.corpora import Text, open_text
from core.data.floors import language, least_loss
from core.spec import ObjectiveSpec
from core.text import MASK, SPECIAL

HIDDEN, SWAPPED = ObjectiveSpec().hidden, ObjectiveSpec().swapped
CAUSES, PLACES, WORDS, T = 2, 3, 3, 4  # windows of T + 1 words over all places of sentences of 3 words
V = len(SPECIAL) + WORDS
RATE = 0.3


def tiny() -> np.ndarray:
    """(causes, places, V) a language of three words; the last word ends every sentence, as a full stop would."""
    table = np.zeros((CAUSES, PLACES, V))
    table[:, :2, 3:] = np.random.default_rng(0).dirichlet(np.ones(WORDS), (CAUSES, 2))
    table[:, 2, 5] = 1
    return table


def windows(size: int) -> dict[tuple[int, ...], float]:
    """Probability of every window of this many words, cut anywhere out of an endless text."""
    table, chances = tiny(), dict[tuple[int, ...], float]()
    for window in product(range(3, V), repeat=size):
        chance = 0.0
        for start in range(PLACES):
            places = [(start + t) % PLACES for t in range(size)]
            sentences = np.cumsum([place == 0 and t > 0 for t, place in enumerate(places)])
            parts = [
                sum(
                    np.prod([table[h, places[t], window[t]] for t in range(size) if sentences[t] == s])
                    for h in range(CAUSES)
                )
                / CAUSES
                for s in range(sentences[-1] + 1)
            ]
            chance += float(np.prod(parts)) / PLACES
        chances[window] = chance
    return chances


def every(size: int) -> tuple[Batch, np.ndarray]:
    """All possible windows as one batch, and the probability of each."""
    chances = {window: chance for window, chance in windows(size).items() if chance > 0}
    tokens = np.array(list(chances))
    return Batch(tokens, np.full_like(tokens, IGNORE)), np.array(list(chances.values()))


@pytest.mark.parametrize("name", ["next-word", "previous-word"])
def test_one_sided_losses_are_those_of_enumeration(name: str) -> None:
    batch, _ = every(T + 1)
    chances = windows(T + 1)
    for window in batch.tokens:
        read = tuple(window) if name == "next-word" else tuple(window)[::-1]
        total = 0.0
        for t in range(1, T + 1):
            seen = known(chances, read[:t], name == "next-word")
            total -= log(known(chances, read[: t + 1], name == "next-word") / seen)
        framed = frame(ObjectiveSpec(name), Batch(window[None], window[None]), np.random.default_rng(0), V)
        assert least_loss(ObjectiveSpec(name), framed, tiny()) == pytest.approx(total / T, rel=1e-4)


def known(chances: dict[tuple[int, ...], float], part: tuple[int, ...], forward: bool) -> float:
    """Probability that a window begins (forward) or, read backwards, ends with these words."""
    n = len(part)
    return sum(c for window, c in chances.items() if (window[:n] if forward else window[::-1][:n]) == part)


def test_masked_losses_are_those_of_enumeration() -> None:
    chances = {window: chance for window, chance in windows(T).items() if chance > 0}
    shown_as: dict[tuple[tuple[int, ...], int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for truth, chance in chances.items():
        for shown in product((MASK, *range(3, V)), repeat=T):
            here = [fate(a, b) for a, b in zip(truth, shown, strict=True)]
            either = [(1 - RATE) * (a == b) + RATE * f for a, b, f in zip(truth, shown, here, strict=True)]
            for t in range(T):
                rest = float(np.prod([either[s] for s in range(T) if s != t]))
                shown_as[shown, t][truth[t]] += chance * here[t] * rest
    rng = np.random.default_rng(1)
    cases = [case for case, row in shown_as.items() if sum(row.values()) > 1e-6]
    for shown, t in [cases[i] for i in rng.choice(len(cases), 80, replace=False)]:
        row = shown_as[shown, t]
        for truth, chance in row.items():
            labels = np.full((1, T), IGNORE)
            labels[0, t] = truth
            if chance > 0:
                loss = least_loss(ObjectiveSpec("masked-word", RATE), Batch(np.array([shown]), labels), tiny())
                assert loss == pytest.approx(-log(chance / sum(row.values())), rel=1e-3, abs=1e-5)


def test_two_way_losses_are_both_one_sided_ones() -> None:
    batch, rng = every(T)[0], np.random.default_rng(0)
    longer = np.hstack([batch.tokens, batch.tokens[:, :1]])
    two_way = frame(ObjectiveSpec("two-way-lm"), Batch(longer, longer), rng, V)
    each = [
        least_loss(ObjectiveSpec(name), frame(ObjectiveSpec(name), batch, np.random.default_rng(0), V), tiny())
        for name in ("next-word", "previous-word")
    ]
    assert least_loss(ObjectiveSpec("two-way-lm"), two_way, tiny()) == pytest.approx(sum(each) / 2, rel=1e-5)


def test_what_follows_a_prefix_is_as_uncertain_as_any_next_word() -> None:
    chances, batch = windows(T + 1), every(T + 1)[0]
    for window in batch.tokens[::7]:
        framed = frame(ObjectiveSpec("prefix-lm"), Batch(window[None], window[None]), np.random.default_rng(1), V)
        asked = np.flatnonzero(framed.labels[0] != IGNORE)
        total = []
        for t in asked + 1:
            seen, longer = tuple(window[:t]), tuple(window[: t + 1])
            total.append(log(known(chances, longer, True) / known(chances, seen, True)))
        assert least_loss(ObjectiveSpec("prefix-lm"), framed, tiny()) == pytest.approx(-np.mean(total), rel=1e-4)


def test_losses_in_a_random_order_are_those_of_enumeration() -> None:
    chances, batch, rng = windows(T), every(T)[0], np.random.default_rng(2)
    objective = ObjectiveSpec("permutation-lm", predicted=1.0)
    for window in batch.tokens[::5]:
        longer = np.append(window, window[:1])[None]
        framed = frame(objective, Batch(longer, longer), rng, V)
        assert framed.sees is not None
        total = 0.0
        for t in range(T):
            seen = [s for s in range(T) if framed.sees[0, T + t, s]]
            total -= log(alike(chances, window, [*seen, t]) / alike(chances, window, seen))
        assert least_loss(objective, framed, tiny()) == pytest.approx(total / T, rel=1e-4)


def alike(chances: dict[tuple[int, ...], float], window: np.ndarray, places: list[int]) -> float:
    """Probability of all windows that have these words at these places."""
    return sum(c for one, c in chances.items() if all(one[t] == window[t] for t in places))


def fate(truth: int, shown: int) -> float:
    """Probability that a chosen word is shown so."""
    return HIDDEN if shown == MASK else SWAPPED / WORDS + (1 - HIDDEN - SWAPPED) * (truth == shown)


def test_the_built_in_language_has_a_floor_and_both_sides_help() -> None:
    source, losses = open_text(Text(length=16)), {}
    for name in ("next-word", "previous-word", "masked-word"):
        objective = ObjectiveSpec(name)
        framed = frame(objective, source.held_out(60), np.random.default_rng(0), len(source.words))
        losses[name] = source.least_loss(objective, framed)
    assert 1.9 < losses["next-word"] < 2.6
    assert 1.9 < losses["previous-word"] < 2.6
    assert losses["masked-word"] < min(losses["next-word"], losses["previous-word"]) - 0.3


def test_what_nobody_knows_is_left_open() -> None:
    objective, own = ObjectiveSpec("next-word"), "the cat sat on the mat. " * 20
    for source in (
        open_text(Text(tokenizer="character", length=8)),
        open_text(Text(vocabulary=100, length=8)),
        open_text(Text(text="own", length=8), lambda _: own),
    ):
        framed = frame(objective, source.held_out(4), np.random.default_rng(0), len(source.words))
        assert source.least_loss(objective, framed) is None


def test_the_language_over_other_words() -> None:
    words = open_text(Text()).words
    table = language(words)
    assert table is not None
    assert table.sum(2) == pytest.approx(1)
    assert (table[:, :, : len(SPECIAL)] == 0).all()
    assert (table[:, -1, words.index(".")] == 1).all()
    assert language(words[:-1]) is None
