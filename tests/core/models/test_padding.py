"""Rows of different lengths in one batch: padding is never read, and each row gives what it gives alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.data.batches import parts_of
from core.data.contract import IGNORE, Batch
from core.models.build import Model, build, initialise
from core.models.direction import visible_prefix
from core.models.tap import tapped
from core.objectives import answer, ask, evaluate
from core.optimiser import AdamW
from core.spec import Experiment, ModelSpec, TrainSpec
from tests.core.models.zoo import CLASSES, WORDS, ZOO, T, grown, sentence, spec

CPU = torch.device("cpu")
LENGTHS = torch.tensor([T, 4, 1, 6])
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
@pytest.mark.parametrize("looks", [False, True], ids=["fast", "tapped"])
@torch.no_grad()
def test_a_padded_row_gives_what_it_gives_alone(one: ModelSpec, looks: bool) -> None:
    model, tokens = grown(one), sentence(rows=len(LENGTHS))
    if looks:
        with tapped(model):
            states = model(tokens, lengths=LENGTHS).states
    else:
        states = model(tokens, lengths=LENGTHS).states
    for row, length in enumerate(LENGTHS):
        alone = model(tokens[row : row + 1, :length]).states[0]
        torch.testing.assert_close(states[row, :length], alone, **CLOSE)


@pytest.mark.parametrize("one", ZOO.values(), ids=ZOO)
def test_learning_is_not_touched_by_padding(one: ModelSpec) -> None:
    """No gradient is nan, and none reaches a word that stands only in the padding."""
    model, tokens = build(Experiment(model=one), WORDS, CLASSES), sentence(rows=len(LENGTHS))
    padded = torch.arange(T) >= LENGTHS[:, None]
    tokens = torch.where(padded, WORDS - 1, tokens % (WORDS - 1))
    states = model(tokens, lengths=LENGTHS).states
    states[~padded].square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
    assert model.words.weight.grad is not None
    assert not model.words.weight.grad[WORDS - 1].any()


def rounded(one: ModelSpec) -> Model:
    """The model with its layers in bfloat16, as a CPU trains it."""
    model = build(Experiment(model=one), WORDS, CLASSES)
    AdamW(model, TrainSpec(), True)
    return model


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
@torch.no_grad()
def test_rounded_attention_reads_no_padding_either(direction: str) -> None:
    model, tokens = rounded(spec(direction=direction)), sentence(rows=len(LENGTHS))
    states = model(tokens, lengths=LENGTHS).states
    padded = torch.arange(T) >= LENGTHS[:, None]
    other = torch.where(padded, (tokens + 1) % WORDS, tokens)
    torch.testing.assert_close(model(other, lengths=LENGTHS).states[~padded], states[~padded], rtol=0, atol=0)
    alone = model(tokens[1:2, : LENGTHS[1]]).states[0]
    torch.testing.assert_close(states[1, : LENGTHS[1]], alone, rtol=0.05, atol=0.05)


@torch.no_grad()
def test_rows_may_differ_in_who_sees_whom() -> None:
    """A two-way model under a prefix's mask: words before its end are read both ways, later ones from the left."""
    model, tokens = grown(spec(direction="both")), sentence(rows=2)
    sees = torch.from_numpy(np.stack([visible_prefix(T, 3), visible_prefix(T, 0)]))
    states = model(tokens, sees=sees).states
    one_way = grown(spec(direction="left-to-right"))
    torch.testing.assert_close(states[1], one_way(tokens).states[1], **CLOSE)
    changed = tokens.clone()
    changed[0, 5] = (changed[0, 5] + 1) % WORDS
    moved = (model(changed, sees=sees).states[0] - states[0]).abs().amax(-1) > 0
    assert moved.tolist() == [False] * 5 + [True, True]


@pytest.mark.parametrize("pool", ["mean", "first", "last"])
@torch.no_grad()
def test_the_state_of_a_sentence_is_of_its_real_words(pool: str) -> None:
    model, states = grown(spec(pool=pool)), torch.randn(len(LENGTHS), T, 8, dtype=torch.float64)
    wanted = {"mean": lambda row: row.mean(0), "first": lambda row: row[0], "last": lambda row: row[-1]}[pool]
    pooled = model.pool(states, LENGTHS)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(pooled[row], wanted(states[row, :length]))
    torch.testing.assert_close(model.pool(states), torch.stack([wanted(row) for row in states]))


def test_whole_rows_are_asked_for_their_class() -> None:
    rng, rows = np.random.default_rng(0), 7
    lengths = rng.integers(1, T + 1, rows)
    tokens, answers = rng.integers(0, WORDS, (rows, T)), rng.integers(0, CLASSES, rows)
    given = Batch(tokens, np.full_like(tokens, IGNORE), lengths=lengths, answers=answers)
    model = build(Experiment(model=spec(direction="both")), WORDS, CLASSES)
    loss, right = answer(model, ask(given, CPU))
    states = model(torch.from_numpy(tokens), lengths=torch.from_numpy(lengths)).states
    logits = model.read_out(model.pool(states, torch.from_numpy(lengths)))
    target = torch.from_numpy(answers)
    torch.testing.assert_close(loss, F.cross_entropy(logits, target))
    assert int(right) == int((logits.argmax(-1) == target).sum())
    measured = evaluate(model, given, CPU)
    assert (measured["n"], measured["loss"]) == (rows, pytest.approx(loss.item(), rel=1e-5))
    parts = parts_of(given, 3)
    assert np.concatenate([part.answers for part in parts if part.answers is not None]).tolist() == answers.tolist()


@torch.no_grad()
def test_kinds_of_tokens_tell_a_first_from_a_second_sentence() -> None:
    model = Model(spec(direction="both"), WORDS, CLASSES, T, kinds=2).double()
    initialise(model, 0)
    tokens, kinds = sentence(), (torch.arange(T) > 3).long().expand(2, T)
    torch.testing.assert_close(model(tokens).states, model(tokens, kinds=torch.zeros_like(kinds)).states)
    assert not torch.allclose(model(tokens).states, model(tokens, kinds=kinds).states)
