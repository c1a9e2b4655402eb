"""Two sentences: questions are right and balanced, and the ceilings are those of a reader who knows the language."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.data import grammar
from core.data.batches import END, FIRST, MARKS, frame, paired
from core.data.contract import IGNORE, Batch
from core.data.documents import CARRYING_ON, INTRODUCING, TwoSentences, by_topic, sayings
from core.spec import ObjectiveSpec
from core.text import MASK, SPECIAL

N, L = 4000, grammar.LENGTH


def asked(objective: str, cue: float = 0.9, n: int = N, per_topic: int = 1) -> tuple[Batch, Batch]:
    """Documents and what is asked about them."""
    data = TwoSentences(cue=cue, per_topic=per_topic)
    documents = data.sample(np.random.default_rng(1), n)
    return documents, paired(ObjectiveSpec(objective), documents, np.random.default_rng(2), len(data.words))


def halves(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    return batch.tokens[:, 1 : L + 1], batch.tokens[:, L + 2 : -1]


@pytest.mark.parametrize("objective", ["next-sentence", "sentence-order"])
def test_verdicts_are_true_and_balanced(objective: str) -> None:
    documents, batch = asked(objective)
    first, second, other = np.split(documents.tokens, 3, axis=1)
    assert batch.answers is not None
    wrong = batch.answers.astype(bool)
    assert abs(wrong.mean() - 0.5) < 3 * 0.5 / math.sqrt(N)
    before, after = halves(batch)
    assert (before[~wrong] == first[~wrong]).all()
    assert (after[~wrong] == second[~wrong]).all()
    expected = (first, other) if objective == "next-sentence" else (second, first)
    assert (before[wrong] == expected[0][wrong]).all()
    assert (after[wrong] == expected[1][wrong]).all()


def test_marks_and_kinds_of_a_pair() -> None:
    _, batch = asked("masked-and-next")
    assert (batch.tokens[:, [0, L + 1, 2 * L + 2]] == [FIRST, END, END]).all()
    assert batch.kinds is not None
    assert (batch.kinds == np.repeat([0, 1], [L + 2, L + 1])).all()
    chosen = batch.labels != IGNORE
    assert chosen.any(1).all()
    assert not chosen[:, [0, L + 1, 2 * L + 2]].any()
    assert (batch.tokens[chosen] == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (batch.tokens[~np.isin(np.arange(2 * L + 3), [0, L + 1, 2 * L + 2])[None].repeat(N, 0)] != FIRST).all()


def test_frame_asks_pairs() -> None:
    documents, batch = asked("sentence-order", n=8)
    words = len(TwoSentences().words)
    again = frame(ObjectiveSpec("sentence-order"), documents, np.random.default_rng(2), words)
    assert (again.tokens == batch.tokens).all()


def test_determiners_are_as_often_as_the_cue_says() -> None:
    data = TwoSentences(cue=0.8)
    first, second, other = np.split(data.sample(np.random.default_rng(0), N).tokens, 3, axis=1)
    for sentences, words in ((first, INTRODUCING), (second, CARRYING_ON), (other, CARRYING_ON)):
        has = np.isin(sentences, [data.words.index(word) for word in words]).any(1)
        assert has.mean() == pytest.approx(0.8, abs=0.025)


def chances(batch: Batch, cue: float, per_topic: int) -> dict[str, np.ndarray]:
    """(n, topics) probability of each sentence by its topic, as a first sentence and as a second one."""
    said, causes = sayings(per_topic)[0], np.array([topic for _, topic, _, _ in grammar.CAUSES])
    found = {}
    for half, sentences in zip(("before", "after"), halves(batch), strict=True):
        words = sentences - len(SPECIAL) - len(MARKS)
        spoken = np.ones((2, len(words), len(causes)))
        for place in range(L):
            spoken *= said[:, :, place, :][:, :, words[:, place]].transpose(0, 2, 1)
        by = np.stack([spoken[..., causes == topic].mean(-1) for topic in range(len(grammar.TOPICS))], -1)
        found[f"{half} as first"] = cue * by[0] + (1 - cue) * by[1]
        found[f"{half} as second"] = (1 - cue) * by[0] + cue * by[1]
    return found


@pytest.mark.parametrize(("cue", "per_topic"), [(0.5, 1), (0.8, 1), (0.9, 1), (0.9, 2), (0.9, 5)])
@pytest.mark.parametrize("objective", ["next-sentence", "sentence-order"])
def test_a_reader_who_knows_the_language_reaches_the_ceiling(objective: str, cue: float, per_topic: int) -> None:
    _, batch = asked(objective, cue, per_topic=per_topic)
    told = chances(batch, cue, per_topic)
    yes = (told["before as first"] * told["after as second"]).mean(-1)
    if objective == "next-sentence":
        no = told["before as first"].mean(-1) * told["after as second"].mean(-1)
    else:
        no = (told["before as second"] * told["after as first"]).mean(-1)
    toss = np.isclose(yes, no, rtol=1e-9, atol=0)
    assert batch.answers is not None
    right = np.where(toss, 0.5, (no > yes) == batch.answers).mean()
    ceiling = TwoSentences(cue=cue, per_topic=per_topic).ceilings(objective).both
    assert abs(right - ceiling) < 3 * math.sqrt(ceiling * (1 - ceiling) / N)


@pytest.mark.parametrize("per_topic", [1, 3, 5])
def test_a_topic_has_so_many_words(per_topic: int) -> None:
    data = TwoSentences(per_topic=per_topic)
    said = {data.words[token] for token in np.unique(data.sample(np.random.default_rng(0), N).tokens)}
    for topic in grammar.TOPICS.values():
        for words in topic.values():
            spoken = [word for word in words.split() if {word, f"{word}s"} & said]
            assert spoken == words.split()[:per_topic]


def test_figures_of_the_course() -> None:
    assert by_topic(0.0) == pytest.approx(0.5 + 0.5 * 5 / 6)
    assert by_topic(grammar.STRAY) == pytest.approx(0.9122, abs=5e-5)
    for cue in (0.5, 0.9):
        data = TwoSentences(cue=cue)
        assert data.ceilings("sentence-order").both == pytest.approx(cue * cue + cue * (1 - cue))
        assert data.ceilings("next-sentence").both == by_topic(grammar.STRAY)


def test_hidden_words_can_only_make_it_harder() -> None:
    falls = [by_topic(grammar.STRAY, unseen) for unseen in (0.0, 0.1, 0.3, 0.6, 1.0)]
    assert falls == sorted(falls, reverse=True)
    assert falls[-1] == pytest.approx(0.5)
