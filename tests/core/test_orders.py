"""Objectives with an order of their own: nothing forbidden is seen, and each equals a readable computation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.cheating import honest, leak
from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.corpora import open_text
from core.events import Evaluated, Sampled
from core.generation import continue_text, fill_blanks
from core.insight import can_know
from core.looking.look import look
from core.models.build import Model, build
from core.models.counts import count
from core.models.direction import visible, visible_in_order
from core.objectives import answer, ask, evaluate
from core.spec import Experiment, SpecError, from_json
from core.text import MASK
from core.training import train

CPU, WORDS, T = torch.device("cpu"), 12, 7
SMALL = {"width": 8, "layers": 2, "heads": 2, "feed_forward": 12, "direction": "both"}


def asked(objective: str, **changes: object) -> Experiment:
    model = {**SMALL, **({"join": "concat"} if objective == "two-way-lm" else {}), **changes}
    return from_json({"data": {"task": "text", "length": T}, "model": model, "objective": {"name": objective}})


def grown(experiment: Experiment) -> Model:
    model = build(experiment, WORDS, WORDS).double().eval()
    with torch.no_grad():
        for number, weight in enumerate(model.parameters()):
            draw = torch.Generator().manual_seed(number)
            weight += 0.3 * torch.randn(weight.shape, generator=draw, dtype=weight.dtype)
    return model


def framed(experiment: Experiment, rows: int = 4, seed: int = 0) -> Batch:
    tokens = np.random.default_rng(seed).integers(3, WORDS, (rows, T + 1))
    return frame(experiment.objective, Batch(tokens, tokens), np.random.default_rng(seed), WORDS)


def states(model: Model, batch: Batch) -> torch.Tensor:
    question = ask(batch, CPU)
    with torch.no_grad():
        return model.encode(model.embed(question.tokens, places=question.places), sees=question.sees)


@pytest.mark.parametrize("objective", ["prefix-lm", "permutation-lm"])
def test_changing_a_word_that_must_not_be_seen_moves_nothing(objective: str) -> None:
    experiment = asked(objective)
    model, batch = grown(experiment), framed(experiment, rows=1)
    assert batch.sees is not None
    before, allowed = states(model, batch), batch.sees[0].copy()
    reach = allowed
    for _ in range(len(allowed)):  # what is seen through others, layer by layer
        reach = reach | (reach.astype(int) @ allowed.astype(int) > 0)
    for s in range(T):
        changed = batch.tokens.copy()
        changed[0, s] = 3 + (changed[0, s] - 2) % (WORDS - 3)
        moved = (states(model, Batch(changed, batch.labels, sees=batch.sees, places=batch.places)) - before).abs()
        for t in range(len(allowed)):
            assert (moved[0, t].max() > 1e-9) == bool(reach[t, s]), (t, s)
    answers = np.flatnonzero(batch.labels[0] != IGNORE)
    for t in answers:  # no answer is in sight of the place that is asked for it
        assert not reach[t, t - T if objective == "permutation-lm" else t + 1 : t - T + 1 if t >= T else t + 2].any()


def test_two_streams_equal_the_plain_model_word_by_word() -> None:
    """XLNet's query stream at t is the plain model on the words of earlier turn, with a blank at t."""
    experiment = asked("permutation-lm")
    model, batch = grown(experiment), framed(experiment, rows=3)
    assert batch.sees is not None
    streams = states(model, batch)
    for row in range(3):
        order = batch.sees[row, T:, :T].sum(1)
        for t in range(T):
            tokens = batch.tokens[row : row + 1, :T].copy()
            tokens[0, t] = MASK
            sees = (order[None, :] <= order[:, None]) & (np.arange(T)[None, :] != t)  # nobody sees the blank
            sees[t] = (order < order[t]) | (np.arange(T) == t)
            with torch.no_grad():
                plain = model.encode(model.embed(torch.from_numpy(tokens)), sees=torch.from_numpy(sees)[None])
            assert streams[row, T + t].numpy() == pytest.approx(plain[0, t].numpy(), abs=1e-9)


def test_an_order_from_left_to_right_is_a_next_word_model() -> None:
    sees = visible_in_order(np.arange(T)[None])[0]
    assert (sees[:T, :T] == visible("left-to-right", T)).all()
    assert (sees[T:, :T] == np.tril(np.ones((T, T)), -1)).all()


@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_two_way_losses_are_those_of_two_one_way_models(family: str) -> None:
    experiment = asked("two-way-lm", family=family)
    model, batch = grown(experiment).float(), framed(experiment)
    measured, losses = evaluate(model, batch, CPU), []
    for direction, stack, name in (
        ("left-to-right", model.forward_stack, "loss_next"),
        ("right-to-left", model.backward_stack, "loss_previous"),
    ):
        one = build(asked("next-word", direction=direction, family=family), WORDS, WORDS).eval()
        one.load_state_dict(
            {k: v for k, v in model.state_dict().items() if "_stack" not in k}
            | {f"stack.{k}": v for k, v in stack.state_dict().items()}
        )
        half = batch.labels[:, :T] if direction == "left-to-right" else batch.labels[:, T:]
        losses.append(answer(one, ask(Batch(batch.tokens, half), CPU))[0].item())
        assert measured[name] == pytest.approx(losses[-1], rel=1e-5)
    assert measured["loss"] == pytest.approx(sum(losses) / 2, rel=1e-5)
    assert answer(model, ask(batch, CPU))[0].item() == pytest.approx(sum(losses) / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("objective", "model", "works"),
    [
        ("two-way-lm", {"direction": "left-to-right"}, {"model.direction": "both"}),
        ("two-way-lm", {"join": "sum"}, {"model.join": "concat"}),
        ("two-way-lm", {"join": "deep"}, {"model.join": "concat"}),
        ("prefix-lm", {"family": "lstm"}, {"model.family": "transformer"}),
        ("prefix-lm", {"direction": "right-to-left"}, {"model.direction": "both"}),
        ("prefix-lm", {"join": "concat"}, {"model.join": "deep"}),
        ("permutation-lm", {"positions": "rotary"}, {"model.positions": "learned"}),
        ("permutation-lm", {"window": 2}, {"model.window": None}),
        ("permutation-lm", {"family": "lstm"}, {"model.family": "transformer"}),
    ],
)
def test_what_an_objective_needs_is_said_and_repaired(objective: str, model: dict, works: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(SpecError) as caught:
        asked(objective, **model)
    assert caught.value.works == works
    begin = {**SMALL, "join": "concat"} if objective == "two-way-lm" else SMALL
    plain = {"data": {"task": "text"}, "model": {**begin, **model}, "objective": {"name": objective}}
    for name, value in works.items():
        part, _, one = name.partition(".")
        plain[part][one] = value
    assert can_know(from_json(plain))


def test_a_leak_is_found_where_there_is_one() -> None:
    for objective in ("two-way-lm", "prefix-lm", "permutation-lm"):
        assert leak(asked(objective)) is None
    stacked = asked("two-way-lm", family="lstm", join="deep")
    found = leak(stacked)
    assert found is not None
    assert "pass of layer 2" in found.sentence
    bare = asked("prefix-lm").with_({"objective.prefix_mask": False})
    assert leak(bare) is not None
    for cheat in (stacked, bare):
        assert len(honest(cheat)) == 2
        assert all(leak(cheat.with_(changes)) is None for changes in honest(cheat))
    model, batch = grown(stacked), framed(stacked, rows=1)
    before = model.read(states(model, batch))[0]
    changed = batch.tokens.copy()
    changed[0, 4] = 3 + (changed[0, 4] - 2) % (WORDS - 3)
    moved = (model.read(states(model, Batch(changed, batch.labels)))[0] - before).abs().amax(-1)
    assert moved[3] > 1e-9  # the forward half at word 4 is asked for word 5
    assert moved[T + 5] > 1e-9  # and the backward half at word 6 too


@pytest.mark.parametrize("objective", ["two-way-lm", "prefix-lm", "permutation-lm"])
@pytest.mark.parametrize("read_out", ["linear", "mlp"])
def test_parameters_are_counted(objective: str, read_out: str) -> None:
    experiment = asked(objective, read_out=read_out)
    built = sum(weight.numel() for weight in build(experiment, WORDS, WORDS).parameters())
    assert sum(part.parameters for part in count(experiment, WORDS, WORDS)) == built


def test_two_streams_cost_twice() -> None:
    def attention(objective: str, direction: str) -> float:
        parts = count(asked(objective, direction=direction), WORDS, WORDS)
        return next(part.flops for part in parts if part.name == "attention")

    assert attention("permutation-lm", "both") == pytest.approx(2 * attention("next-word", "left-to-right"))
    assert attention("next-word", "left-to-right") < attention("prefix-lm", "both") < attention("masked-word", "both")


def test_a_random_order_fills_and_goes_on_as_it_was_trained() -> None:
    model = grown(asked("permutation-lm"))
    ids = np.array([3, MASK, 5, 6, MASK])
    filled = fill_blanks(model, ids)
    alone = ids.copy()
    alone[4] = 7  # what stands in another blank makes no difference
    sees = visible("left-to-right", 5) & (np.arange(5) != 1) & (np.arange(5) != 4)
    sees[1] = [True, True, True, True, False]
    with torch.no_grad():
        logits = model(torch.from_numpy(alone[None]), sees=torch.from_numpy(sees)[None]).logits[0, 1]
    logits[:3] = -torch.inf
    assert filled[0].token == int(logits.argmax())
    (word,) = continue_text(model, ids[2:4], 1, np.random.default_rng(0), 0.0, "next-word")
    (same,) = fill_blanks(model, np.array([5, 6, MASK]))
    assert word == pytest.approx(same)


@pytest.mark.parametrize("objective", ["two-way-lm", "prefix-lm", "permutation-lm"])
def test_each_learns_and_writes_and_stays_above_its_floor(objective: str) -> None:
    changes = {"train.steps": 60, "train.batch": 16, "train.held_out": 30, "train.evaluate_every": 60}
    experiment = asked(objective, width=32).with_({"data.length": 16, **changes})
    events = list(train(experiment, open_text(experiment.data.settings)))
    measured = [one for one in events if isinstance(one, Evaluated)][-1].held_out
    assert measured["floor"] < measured["loss"] < 4.9  # the vocabulary has e^5.5 words
    (wrote,) = [one for one in events if isinstance(one, Sampled)]
    assert len(wrote.written) == len(wrote.truth) == len(wrote.probabilities) > 0
    assert (wrote.before > 0) == (objective == "two-way-lm")


@pytest.mark.parametrize("objective", ["two-way-lm", "prefix-lm", "permutation-lm"])
def test_each_can_be_looked_into(objective: str) -> None:
    experiment = asked(objective).with_({"data.length": 16})
    source = open_text(experiment.data.settings)
    model, ids = build(experiment, len(source.words), len(source.words)), source.encode("the cook [mask] the soup")
    for what in ("attention", "states", "influence"):
        picture = look(model, source, ids, what)
        assert len(picture.notes["prediction"]) == len(ids) * (2 if objective == "two-way-lm" else 1)
        assert "whole" not in picture.notes
