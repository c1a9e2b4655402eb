"""Languages of labelled sentences: what they draw is what they enumerate, and ceilings are those of enumeration."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from core.data.contract import IGNORE
from core.data.grammar import TOPICS
from core.data.labels.causes import told
from core.data.labels.labelled import Labelled
from core.data.labels.language import Kind, Language, either, joined, maybe, slot
from core.data.labels.names import Names
from core.data.labels.sentiment import Sentiment
from core.data.labels.speech import Speech
from core.data.labels.topic import Topic
from core.data.registry import LABELLED


def tiny() -> Language:
    """“a” may be x or y, “b” y or x; how long a sentence is and what stands beside tells."""
    kinds = {name: Kind(((name, f"{name}'"),)) for name in "abc"}
    head = either((0.3, slot("x", a=0.6, b=0.4)), (0.7, slot("y", a=1.0)))
    return Language(kinds, joined(maybe(0.5, slot("y", c=1.0)), head, maybe(0.4, slot("x", b=0.5, c=0.5))), ("x", "y"))


def by_words(language: Language) -> dict[tuple[tuple[str, str], ...], float]:
    """Probability of every sentence of (word, tag), word by word."""
    found: dict[tuple[tuple[str, str], ...], float] = defaultdict(float)
    for share, slots in language.forms:
        ways = [
            [
                ((word, tag), p / len(language.kinds[kind].groups[0]))
                for kind, p in kinds.items()
                for word in language.kinds[kind].groups[0]
            ]
            for tag, kinds in slots
        ]
        for row in product(*ways):
            found[tuple(one for one, _ in row)] += share * float(np.prod([p for _, p in row]))
    return found


@pytest.mark.parametrize("side", ["left", "right", "placed", "both"])
def test_ceilings_are_those_of_enumeration(side: str) -> None:
    language, seen, words = tiny(), defaultdict(lambda: defaultdict(float)), 0.0  # type: ignore[var-annotated]
    for sentence, chance in by_words(language).items():
        row = [word for word, _ in sentence]
        for t, (_, tag) in enumerate(sentence):
            view = {"left": row[: t + 1], "right": row[t:], "placed": [t, *row[t:]], "both": [t, *row]}[side]
            seen[tuple(view)][tag] += chance
            words += chance
    best = sum(max(tags.values()) for tags in seen.values()) / words
    assert getattr(language.tagging(), side) == pytest.approx(best)
    assert best < 1 or side == "both"


@pytest.mark.parametrize("name", ["names", "speech"])
def test_what_is_drawn_is_what_is_enumerated(name: str) -> None:
    game: Labelled = LABELLED[name]()
    rows, tags, chance = game.language.sentences()
    batch = game.sample(np.random.default_rng(1), 20_000)
    assert chance.sum() == pytest.approx(1)
    for t in range(game.length):
        for k in range(len(game.classes)):
            expected, found = chance[tags[:, t] == k].sum(), (batch.labels[:, t] == k).mean()
            assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 20_000) + 1e-9)
    assert batch.lengths is not None
    real = np.arange(game.length) < batch.lengths[:, None]
    assert ((batch.labels == IGNORE) == ~real).all()
    assert ((batch.tokens == 0) == ~real).all()
    assert len(set(batch.lengths)) > 3
    assert (rows >= 0).sum(1).max() == game.length


@pytest.mark.parametrize(("game", "causes"), [(Sentiment(), 2), (Sentiment(stray=0.3, rich=0.8), 2), (Topic(), 6)])
def test_counting_words_reaches_the_ceiling_of_a_class(game: Labelled, causes: int) -> None:
    """The best reader counts words by group and bets on the most frequent one; ties are broken at random."""
    batch, rng = game.sample(np.random.default_rng(2), 20_000), np.random.default_rng(3)
    assert batch.cues is not None
    assert batch.answers is not None
    group = np.full(len(game.words), -1)
    for kind, one in enumerate(game.language.kinds.values()):
        if one.cause == ("mood" if causes == 2 else "topic"):
            first, size = game.language.places
            for g in range(causes):
                group[first[kind, g] : first[kind, g] + size[kind, g]] = g
    votes = np.stack([(group[batch.tokens] == g).sum(1) for g in range(causes)], axis=1)
    assert (votes.sum(1) == batch.cues.sum(1)).all()
    said = (votes + 0.5 * rng.random(votes.shape)).argmax(1)
    ceiling = game.ceilings().both
    assert (said == batch.answers).mean() == pytest.approx(ceiling, abs=3 * np.sqrt(ceiling * (1 - ceiling) / 20_000))


def test_figures_of_words_that_stray() -> None:
    assert [told(n, 2, 0.1) for n in (0, 1, 2, 3)] == pytest.approx([0.5, 0.9, 0.9, 0.972])
    assert told(1, 6, 0.1) == pytest.approx(0.9)
    assert told(4, 6, 0.0) == pytest.approx(1)
    assert told(3, 6, 5 / 6) == pytest.approx(1 / 6)


def test_figures_of_the_sets() -> None:
    found = {name: (c.left, c.right, c.both) for name, c in ((n, cls().ceilings()) for n, cls in LABELLED.items())}
    assert found["sentiment"] == pytest.approx((0.9310,) * 3, abs=5e-5)
    assert found["topic"] == pytest.approx((0.9855,) * 3, abs=5e-5)
    assert found["names"] == pytest.approx((0.9437, 0.9240, 1), abs=5e-5)
    assert found["speech"] == pytest.approx((0.9050, 0.9695, 1), abs=5e-5)
    assert Names().ceilings().placed == pytest.approx(0.9697, abs=5e-5)
    assert Sentiment().ceilings().first == pytest.approx(0.7098, abs=5e-5)
    assert Topic().ceilings().first == Topic().ceilings().last == 1 / len(TOPICS)


def test_without_two_readings_every_side_tells() -> None:
    easy = Speech(twofold=0.0).ceilings()
    assert (easy.left, easy.right, easy.both) == (1, 1, 1)


@pytest.mark.parametrize("name", LABELLED)
def test_a_set_is_the_same_for_the_same_seed_and_reads_its_own_sentences(name: str) -> None:
    game = LABELLED[name]()
    one, other = (game.sample(np.random.default_rng(5), 50) for _ in range(2))
    assert (one.tokens == other.tokens).all()
    text = " ".join(game.words[token] for token in one.real(0))
    assert (game.encode(text) == one.real(0)).all()
