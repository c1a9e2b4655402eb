"""Sentences to pretrain on and questions about them: halves, pools, floors and ceilings are exact."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from core.data import grammar
from core.data.batches import END, FIRST, frame
from core.data.contract import IGNORE, Batch, TextError
from core.data.grammar import CAUSES, STRAY
from core.data.transfer.floor import least_loss
from core.data.transfer.language import (
    BEFORE,
    LENGTH,
    PATTERNS,
    SHOWN,
    UNSEEN,
    causes,
    groups,
    halves,
    language,
)
from core.data.transfer.questions import QUESTIONS, Transfer
from core.data.transfer.sentences import Sentences
from core.spec import ObjectiveSpec
from core.text import MASK

N = 20_000


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def beliefs(tokens: np.ndarray, half: int) -> np.ndarray:
    """(n, causes) probability of each hidden cause, given a sentence of one half of the words; blanks tell nothing."""
    table = grammar.emissions(PATTERNS, half)
    told = np.ones((len(tokens), len(CAUSES)))
    for place in range(LENGTH - 2):
        token = tokens[:, place + 1]
        told *= np.where((token == MASK)[:, None], 1, table[:, place, np.maximum(token - BEFORE, 0)].T)
    return np.asarray(told / told.sum(1, keepdims=True))


def best(task: Transfer, batch: Batch, half: int) -> tuple[np.ndarray, np.ndarray]:
    """What a reader who knows every probability says, and the truth; ties are broken at random."""
    belief, of = beliefs(batch.tokens, half), causes()
    if task.question == "odd":
        asked = np.argwhere(batch.labels != IGNORE)
        topic = groups()["topic"][batch.tokens[tuple(asked.T)]]
        fits = np.array([belief[row, of["topic"] == t].sum() for (row, _), t in zip(asked, topic, strict=True)])
        return (fits < 0.5).astype(int), batch.labels[tuple(asked.T)]
    answer = {"topic": of["topic"], "xor": of["mood"] ^ of["number"]}.get(task.question, of["mood"])
    chances = np.stack([belief[:, answer == k].sum(1) for k in range(len(task.classes))], axis=1)
    said = (np.round(chances, 9) + 1e-10 * rng(9).random(chances.shape)).argmax(1)
    truth = batch.labels[batch.labels != IGNORE] if batch.answers is None else batch.answers
    return said, truth


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("half", [SHOWN, UNSEEN])
def test_a_bayes_reader_reaches_the_ceiling_and_never_passes_it(question: str, half: int) -> None:
    task = Transfer(question=question)
    batch = task.held_out(N) if half == SHOWN else task.shifted(N)
    said, truth = best(task, batch, half)
    ceiling = task.ceilings().both
    chance = math.sqrt(ceiling * (1 - ceiling) / len(truth))
    assert (said == truth).mean() == pytest.approx(ceiling, abs=3 * chance)


def test_ceilings_are_those_of_enumeration_and_the_known_figures() -> None:
    """Over all rows of groups that a sentence's words can be of, drawn with their probabilities."""

    def right(words: int, groups: int, tags: bool = False) -> float:
        total = 0.0
        for row in product(range(groups), repeat=words):
            by = [
                math.prod(1 - STRAY if g == cause else STRAY / (groups - 1) for g in row) / groups
                for cause in range(groups)
            ]
            total += max(by[row[-1]], sum(by) - by[row[-1]]) if tags else max(by)
        return total

    known = {name: Transfer(question=name).ceilings() for name in QUESTIONS}
    assert known["mood"].both == known["xor"].left == pytest.approx(right(3, 2)) == pytest.approx(0.972)
    assert known["topic"].right == pytest.approx(right(4, 6)) == pytest.approx(0.9919, abs=5e-5)
    assert known["slot"].both == pytest.approx((1 - STRAY) ** 2 + STRAY * (1 - STRAY)) == pytest.approx(right(2, 2))
    assert (known["slot"].left, known["slot"].right) == pytest.approx((0.8, 0.9))
    assert known["odd"].both == pytest.approx(right(4, 6, tags=True)) == pytest.approx(0.9932, abs=5e-5)
    assert known["odd"].left == known["odd"].right == pytest.approx(np.mean([right(n, 6, True) for n in (1, 2, 3, 4)]))
    assert (known["mood"].first, known["topic"].last) == (0.5, pytest.approx(1 / 6))


@pytest.mark.parametrize("question", QUESTIONS)
def test_word_halves_never_meet(question: str) -> None:
    task, half = Transfer(question=question), halves()
    content = (groups()["topic"] >= 0) | (groups()["mood"] >= 0)
    assert ((half >= 0) == content).all()
    assert abs((half == SHOWN).sum() - (half == UNSEEN).sum()) == 12  # of five verbs a topic's first half has three
    for batch in (task.sample(rng(1), 3000), task.held_out(3000), task.pool(rng(2), 500)):
        assert not np.isin(half[batch.tokens], UNSEEN).any()
    shifted = task.shifted(3000)
    assert not np.isin(half[shifted.tokens], SHOWN).any()
    assert (shifted.tokens == task.shifted(3000).tokens).all()
    said = np.unique(Sentences().sample(rng(3), 3000).tokens)
    assert set(np.flatnonzero(content)) <= set(said)  # in pretraining every word is read


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("n", [1, 7, 16, 64, 512])
def test_pools_are_balanced(question: str, n: int) -> None:
    task = Transfer(question=question)
    pool = task.pool(rng(n), n)
    counts = np.bincount(task.strata(pool), minlength=len(task.classes))
    assert counts.sum() == len(pool.tokens) == n
    if question == "odd":
        assert counts[1] == pytest.approx(n * (1 - (1 - STRAY) ** 4), abs=1)
    else:
        assert counts.max() - counts.min() <= 1
    assert (pool.tokens == task.pool(rng(n), n).tokens).all()
    assert n < 64 or (np.diff(task.strata(pool)) != 0).sum() > n / 8  # not sorted by class


def test_labels_mean_what_they_say() -> None:
    """Told from the words alone: where no word strays, answers are those of any reader."""
    words, of = Transfer().words, groups()
    for question in ("mood", "xor", "topic", "odd", "slot"):
        task = Transfer(question=question)
        batch = task.sample(rng(4), 2000)
        mood = [set(of["mood"][row][of["mood"][row] >= 0]) for row in batch.tokens]
        topic = [set(of["topic"][row][of["topic"][row] >= 0]) for row in batch.tokens]
        pure = [row for row in range(2000) if len(mood[row]) == len(topic[row]) == 1]
        assert len(pure) > 600
        if question == "odd":
            strays = batch.labels[batch.labels != IGNORE].mean()
            assert strays == pytest.approx(STRAY, abs=3 * math.sqrt(STRAY * (1 - STRAY) / 8000))
            continue
        expected = [min(topic[row] if question == "topic" else mood[row]) for row in pure]
        said = batch.labels.max(1) if batch.answers is None else batch.answers
        if question == "xor":
            plural = [any(words[t] in MANY for t in batch.tokens[row]) for row in pure]
            expected = [a ^ b for a, b in zip(expected, plural, strict=True)]
        assert (np.array(expected) == said[pure]).mean() > 0.95


MANY = {w + "s" for words in grammar.TOPICS.values() for w in words["agent"].split()}


def test_a_slot_hides_the_adverb_and_asks_there() -> None:
    task = Transfer(question="slot")
    batch = task.held_out(500)
    assert ((batch.tokens == MASK) == (batch.labels != IGNORE)).all()
    assert ((batch.tokens == MASK).sum(1) == 1).all()
    assert task.tagged(batch.tokens[0]) == tuple(np.flatnonzero(batch.tokens[0] == MASK))
    adverbs = [task.words.index(word) for some in task.verbaliser or () for word in some]
    assert not np.isin(batch.tokens, adverbs).any()


@pytest.mark.parametrize("question", ["mood", "topic"])
def test_a_prompt_hides_one_telling_word(question: str) -> None:
    task = Transfer(question=question)
    batch = task.held_out(300)
    asked = task.prompted(batch)
    changed = asked.tokens != batch.tokens
    assert (changed.sum(1) == 1).all()
    assert (asked.tokens[changed] == MASK).all()
    assert (asked.labels[changed] == batch.answers).all()
    assert ((asked.labels != IGNORE) == changed).all()
    assert task.verbaliser is not None
    assert len(task.verbaliser) == len(task.classes)
    fits = [
        task.words[t] in task.verbaliser[k] for t, k in zip(batch.tokens[changed], asked.labels[changed], strict=True)
    ]
    assert np.mean(fits) == pytest.approx(1 - STRAY, abs=0.06)
    assert Transfer(question="odd").verbaliser is Transfer(question="xor").verbaliser is None


# The least possible loss


def framed(name: str, n: int, seed: int = 5, **more: float) -> tuple[ObjectiveSpec, Batch]:
    objective, data = ObjectiveSpec(name, **more), Sentences()
    return objective, frame(objective, data.held_out(n), rng(seed), len(data.words), data.marks)


def test_masked_losses_are_those_of_enumeration() -> None:
    """Every way in which what is shown can have come about: all causes, all sets of chosen words, one place at a time.

    The truth of other hidden or swapped words is summed over, word by word, as a sentence's places are independent
    given its cause.
    """
    objective, batch = framed("masked-word", 6, mask_rate=0.15)
    table, V, n = language(), len(Sentences().words), LENGTH - 2
    rate, losses = objective.mask_rate, []
    for tokens, labels in zip(batch.tokens, batch.labels, strict=True):
        shown = tokens[1:-1]
        fate = np.zeros((n, V))  # (place, truth): chance that a chosen word is shown so
        for t in range(n):
            fate[t] = objective.hidden if shown[t] == MASK else objective.swapped / (V - BEFORE)
            if shown[t] != MASK:
                fate[t, shown[t]] += 1 - objective.hidden - objective.swapped
        chosen = np.einsum("htv,tv->ht", table[:, 1:-1], fate)  # (causes, places)
        same = np.array([[table[h, t + 1, shown[t]] for t in range(n)] for h in range(len(table))])
        for t in np.flatnonzero(labels[1:-1] != IGNORE):
            weight = np.zeros(len(table))
            others = [s for s in range(n) if s != t]
            for set_ in product((0, 1), repeat=n - 1):
                k = 1 + sum(set_)
                prior = rate**k * (1 - rate) ** (n - k) + (k == 1) * (1 - rate) ** n / n
                picked = np.array(set_, dtype=bool)
                if same[:, np.array(others)[~picked]].any(0).all():
                    weight += prior * np.where(picked, chosen[:, others], same[:, others]).prod(1)
            joint = (weight[:, None] * table[:, t + 1]).sum(0) * fate[t]
            losses.append(-math.log(joint[labels[t + 1]] / joint.sum()))
    assert least_loss(objective, batch) == pytest.approx(np.mean(losses), rel=1e-9)


@pytest.mark.parametrize("name", ["next-word", "previous-word"])
def test_one_sided_losses_add_up_to_the_sentence(name: str) -> None:
    """Whatever the order, the chances of all words one after the other make the chance of the sentence."""
    objective, batch = framed(name, 200)
    table, whole = language(), Sentences().held_out(200).tokens
    chance = np.ones((200, len(table)))
    for place in range(LENGTH):
        chance *= table[:, place, whole[:, place]].T
    sentence = -np.log(chance.mean(1)).mean()
    assert least_loss(objective, batch) == pytest.approx(sentence / (LENGTH - 1), rel=1e-9)


def test_whole_sentences_are_framed_whole() -> None:
    for name, width in (("masked-word", LENGTH), ("next-word", LENGTH - 1), ("previous-word", LENGTH - 1)):
        _, batch = framed(name, 50)
        assert batch.tokens.shape == batch.labels.shape == (50, width)
    _, batch = framed("masked-word", 400, mask_rate=0.4)
    assert (batch.tokens[:, [0, -1]] == [FIRST, END]).all()
    assert (batch.labels[:, [0, -1]] == IGNORE).all()


def test_sentences_can_be_typed() -> None:
    data = Sentences()
    assert [data.words[t] for t in data.encode("The lovely sailor ____ spots this boat.")] == [
        *("[CLS]", "the", "lovely", "sailor", "[mask]", "spots", "this", "boat", ".", "[SEP]")
    ]
    tokens = data.held_out(1).tokens[0]
    assert (data.encode(" ".join(data.words[t] for t in tokens)) == tokens).all()
    assert data.encode("the lovely")[-1] != END
    for text, words in (
        ("", "at least one"),
        ("the sailer", "“sailer” is not a word of this language. Try “sailor”"),
        ("the " * 13, "12 words at most"),
    ):
        with pytest.raises(TextError, match=words):
            data.encode(text)
