"""The language of the built-in corpus says what it promises."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.data import grammar
from core.data.grammar import CAUSES, LENGTH, MOODS, PATTERNS, STRAY, TOPICS, emissions, sentences, vocabulary


def column(word: str) -> int:
    return vocabulary().index(word)


def test_every_word_has_one_part_of_speech() -> None:
    parts: dict[str, set[str]] = {}
    for pattern, topic, mood, numbers in CAUSES:
        for slot in PATTERNS[pattern].split():
            for group, _ in grammar.choices(slot, topic, mood, numbers):
                for word in group:
                    parts.setdefault(word, set()).add(slot.split("-")[0] if slot.startswith("det-") else slot)
    assert {word for word, kinds in parts.items() if len(kinds) > 1} == set()
    assert set(parts) == set(vocabulary())
    assert len(vocabulary()) == 250


def test_sizes_are_those_of_the_plan() -> None:
    assert (len(PATTERNS), len(TOPICS), len(CAUSES)) == (4, 6, 384)
    for words in TOPICS.values():
        assert sum(len(words[part].split()) for part in grammar.PARTS) == 10
        assert len(words["verb"].split()) == 5
    assert [len(words.split()) for words in (*MOODS["mood-adj"], *MOODS["mood-adv"])] == [20, 20, 10, 10]
    assert {len(pattern.split()) for pattern in PATTERNS} == {LENGTH}


def test_probabilities_add_up() -> None:
    assert emissions().sum(2) == pytest.approx(1)
    assert (emissions()[:, -1, column(".")] == 1).all()


def test_verbs_agree_with_their_agent_whatever_stands_between() -> None:
    table = emissions()
    for cause, (pattern, _, _, numbers) in enumerate(CAUSES):
        place = PATTERNS[pattern].split().index("verb")
        one, many = table[cause, place, column("tastes")], table[cause, place, column("taste")]
        assert (one > 0) == (numbers[0] == 0)
        assert (many > 0) == (numbers[0] == 1)


def test_content_words_stray_in_their_share() -> None:
    table = emissions()
    for cause, (pattern, topic, mood, numbers) in enumerate(CAUSES[::17]):
        slots = PATTERNS[pattern].split()
        own = [column(word + "s" * numbers[0]) for word in TOPICS[list(TOPICS)[topic]]["agent"].split()]
        assert table[17 * cause, slots.index("agent"), own].sum() == pytest.approx(1 - STRAY)
        pleasant = [column(word) for word in MOODS["mood-adj"][mood].split()]
        assert table[17 * cause, slots.index("mood-adj"), pleasant].sum() == pytest.approx(1 - STRAY)


def test_sentences_are_drawn_with_these_probabilities() -> None:
    n = 60_000
    drawn, marginal = sentences(np.random.default_rng(0), n), emissions().mean(0)
    for place in range(LENGTH):
        counts = np.bincount(drawn[:, place], minlength=len(vocabulary()))
        assert (abs(counts - n * marginal[place]) <= 6 * np.sqrt(n * marginal[place])).all()


def test_topics_hold_a_sentence_together() -> None:
    pairs = Counter()
    topic_of = {
        w: t
        for t, words in TOPICS.items()
        for part in words
        for base in words[part].split()
        for w in (base, base + "s")
    }
    for line in grammar.write(np.random.default_rng(1), 4000).replace(".", "").splitlines():
        topics = [topic_of[word] for word in line.split() if word in topic_of]
        pairs.update(a == b for i, a in enumerate(topics) for b in topics[:i])
    same = pairs[True] / pairs.total()
    assert same == pytest.approx((1 - STRAY) ** 2 + STRAY**2 / 5, abs=0.01)


def test_the_corpus_is_a_function_of_its_generator() -> None:
    assert grammar.write(np.random.default_rng(3), 50) == grammar.write(np.random.default_rng(3), 50)
    assert grammar.write(np.random.default_rng(3), 50) != grammar.write(np.random.default_rng(4), 50)
