from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch

from core.decoding.agreement import agree, judge
from core.decoding.beam import normaliser, search
from core.decoding.choosing import Choice, chances, choose
from core.decoding.greedy import write
from core.decoding.trace import Decoded, Step, from_json, path, to_json
from tests.core.decoding.tables import END, LONGEST, Chain, V, chain, sentences

WAYS = ("left-to-right", "right-to-left")
EVERYTHING = V**LONGEST  # so wide a beam drops nothing
NONE = np.random.default_rng(0)


def result(events: object) -> Decoded:
    *steps, last = list(events)  # type: ignore[call-overload]
    assert isinstance(last, Decoded)
    assert all(isinstance(one, Step) for one in steps)
    return last


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("alpha", [0.0, 0.7, 2.0])
def test_the_widest_beam_finds_what_brute_force_finds(seed: int, way: str, alpha: float) -> None:
    model = chain(seed, way)
    scores = {one: model.log_probability(one) / normaliser(len(one) + 1, alpha) for one in sentences()}
    truth = sorted(scores, key=lambda one: -scores[one])
    found = result(search(model, LONGEST, EVERYTHING, alpha, wanted=5))
    assert [one.tokens for one in (found, *found.others)] == truth[:5]
    assert found.score == pytest.approx(scores[truth[0]])
    assert found.log_probability == pytest.approx(model.log_probability(truth[0]))
    assert found.finished
    assert result(search(model, LONGEST, EVERYTHING, alpha)).tokens == truth[0]  # stopping early loses nothing


@pytest.mark.parametrize("seed", range(8))
def test_a_beam_of_one_is_greedy(seed: int) -> None:
    model = chain(seed)
    greedy = result(write(model, LONGEST, Choice(), NONE))
    narrow = result(search(model, LONGEST, 1))
    assert (narrow.tokens, narrow.finished) == (greedy.tokens, greedy.finished)
    assert narrow.log_probability == pytest.approx(greedy.log_probability)


def test_beam_search_finds_what_greedy_misses() -> None:
    """A good first word with bad ones after it, against a worse first word with a sure one after it."""
    table = np.full((V + 1, V + 1, V), 1e-6)
    table[V, V, :2] = 0.6, 0.4
    table[:, 0, :] = 0.25
    table[:, 1, END] = 1.0
    model = Chain(table)
    assert result(write(model, LONGEST, Choice(), NONE)).tokens[0] == 0
    found = result(search(model, LONGEST, 2))
    assert found.tokens == (1,)
    assert found.log_probability == pytest.approx(np.log(0.4), abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_without_an_end_mark_the_best_text_of_that_length_is_found(seed: int) -> None:
    model = chain(seed, end=None)
    truth = max(itertools.product(range(V), repeat=3), key=lambda one: judge(model, [one])[0])
    found = result(search(model, 3, V**3))
    assert found.tokens == truth
    assert not found.finished


@pytest.mark.parametrize("way", WAYS)
def test_the_trace_tells_every_word_of_the_result(way: str) -> None:
    model = chain(7, way)
    *steps, last = list(search(model, LONGEST, 12, 1.0))
    assert isinstance(last, Decoded)
    assert len(last.tokens) == 3
    order = last.tokens[::-1] if way == "right-to-left" else last.tokens
    matching = []
    for number, step in enumerate(steps):
        assert isinstance(step, Step)
        assert step.number == number
        live = [one for one in step.candidates if not one.finished]
        assert len(live) <= 12
        assert [one.score for one in live] == sorted((one.score for one in live), reverse=True)
        for index, one in enumerate(step.candidates):
            way_here = path(steps[: number + 1], number, index)  # type: ignore[arg-type]
            chance = np.log([word.probability for word in way_here]).sum()
            assert one.log_probability == pytest.approx(chance)
            assert np.argmax(one.attention or ()) == number % 5  # the row of this very word
            if one.finished and [word.token for word in way_here] == [*order, END]:
                matching.append(one)
    assert len(matching) == 1
    assert last.attention is not None
    assert len(last.attention) == len(last.tokens) == len(last.probabilities)
    rows = [int(np.argmax(row)) for row in last.attention]
    assert (rows[::-1] if way == "right-to-left" else rows) == list(range(len(rows)))


@pytest.mark.parametrize("seed", range(8))
def test_agreement_finds_what_brute_force_finds(seed: int) -> None:
    onward, backward = chain(seed), chain(100 + seed, "right-to-left")
    both = {one: onward.log_probability(one) + backward.log_probability(one) for one in sentences()}
    truth = sorted(both, key=lambda one: -both[one])
    found = result(agree(onward, backward, LONGEST, EVERYTHING))
    assert found.tokens == truth[0]
    assert found.score == pytest.approx(both[truth[0]])
    assert set(found.by_direction) == set(WAYS)
    assert found.by_direction["right-to-left"] == pytest.approx(backward.log_probability(truth[0]))
    assert [one.tokens for one in found.others] == truth[1:]


@pytest.mark.parametrize("way", WAYS)
def test_judging_reads_sentences_of_different_lengths_side_by_side(way: str) -> None:
    model, asked = chain(5, way), [(), (0, 1, 2), (2,), (1, 1)]
    np.testing.assert_allclose(judge(model, asked), [model.log_probability(one) for one in asked])
    assert len(judge(model, [])) == 0


@pytest.mark.parametrize(
    "choice", [Choice(0.7), Choice(1.0, 3), Choice(1.3, 3, 0.6), Choice(1.0, None, 0.5), Choice(2.0, 50, 0.95)], ids=str
)
def test_what_may_be_drawn_equals_a_trusted_library(choice: Choice) -> None:
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    scores = torch.from_numpy(np.random.default_rng(1).normal(0, 2, (6, 12)))
    expected = TemperatureLogitsWarper(choice.temperature)(None, scores)
    if choice.top_k:
        expected = TopKLogitsWarper(choice.top_k)(None, expected)
    expected = TopPLogitsWarper(choice.top_p)(None, expected) if choice.top_p < 1 else expected
    found = chances(scores.log_softmax(-1).numpy(), choice)
    np.testing.assert_allclose(found, expected.softmax(-1).numpy(), atol=1e-12)


def test_words_are_drawn_as_often_as_they_should() -> None:
    here, rng = np.log([0.5, 0.3, 0.15, 0.05]), np.random.default_rng(0)
    drawn = np.bincount([choose(here, Choice(1.0), rng) for _ in range(20_000)], minlength=4) / 20_000
    np.testing.assert_allclose(drawn, np.exp(here), atol=0.012)
    assert {choose(here, Choice(1.0, 2), rng) for _ in range(200)} == {0, 1}
    assert choose(here, Choice(0.0), rng) == 0


def test_events_survive_json() -> None:
    onward, backward = chain(1), chain(2, "right-to-left")
    for event in agree(onward, backward, LONGEST, 3):
        assert from_json(json.loads(json.dumps(to_json(event)))) == event
