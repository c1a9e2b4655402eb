"""The loop of fine-tuning: who moves and who doesn't, the same numbers after a pause, and what is told of the past."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.checkpoints import TrainingState, load_model
from core.data.registry import open_source
from core.events import Compared, Evaluated, Event, Failed, Finished, Snapshot
from core.objectives import ask, log_chances
from core.spec import Experiment, SpecError
from core.training import Control, train
from core.tuning import changes, loop, past
from core.tuning.loop import Tuning, weights_of
from core.tuning.plan import plan
from core.tuning.registry import STRATEGIES
from core.tuning.terms import Closeness
from tests.core.tuning.pretrained import small_start, tuned


@pytest.fixture(autouse=True)
def few_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured beside is measured on few."""
    for module, names in ((past, ("SENTENCES", "PART")), (loop, ("VALIDATED",)), (changes, ("SENTENCES", "PROBED"))):
        for name in names:
            monkeypatch.setattr(module, name, 120)


def carried_out(experiment: Experiment, state: TrainingState | None = None) -> list[Event]:
    source = open_source(experiment.data.settings)
    events = list(train(experiment, source, state=state, control=Control(report_seconds=0), start=small_start()))
    assert not isinstance(events[-1], Failed), events[-1]
    return events


def the(kind: type, events: list[Event]) -> Any:
    return [event for event in events if isinstance(event, kind)][-1]


def question_of(name: str) -> str:
    return "slot" if name == "zero-shot" else "xor"


@pytest.mark.parametrize("name", STRATEGIES)
def test_exactly_the_promised_parameters_move(name: str) -> None:
    experiment = tuned(name, question_of(name), steps=12 if name == "gradual" else 6)
    start = small_start()
    snapshots = [event for event in carried_out(experiment) if isinstance(event, Snapshot)]
    before, after = snapshots[0].state.weights, snapshots[-1].state.weights
    promised = plan(experiment, len(start.words), 2, start.past)
    learn = {name for names in promised.groups.values() for name in names}
    moved = {name for name, one in after.items() if not torch.equal(one, before[name])}
    assert moved <= learn
    asleep = learn - moved
    assert all("words.weight" in one or "key" in one or "bias" in one for one in asleep), asleep  # no gradient there


@pytest.mark.parametrize("name", ["alternating", "alignment", "rehearsal", "l2-sp", "head"])
def test_a_run_that_was_put_aside_ends_with_the_same_numbers(name: str) -> None:
    experiment = tuned(name, rehearsal=0.5) if "rehearsal" in name or name == "alignment" else tuned(name)
    experiment = replace(experiment, train=replace(experiment.train, snapshots=2))
    whole = carried_out(experiment)
    middle = next(e.state for e in whole if isinstance(e, Snapshot) and 0 < e.step < 6)
    again = carried_out(experiment, middle)
    a, b = the(Snapshot, whole).state.weights, the(Snapshot, again).state.weights
    assert all(torch.equal(a[one], b[one]) for one in a)
    assert the(Finished, whole).metrics == the(Finished, again).metrics


def test_kept_states_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = the(Snapshot, carried_out(tuned("head"))).state.weights
    monkeypatch.setattr(Tuning, "still", None)
    fresh = the(Snapshot, carried_out(tuned("head"))).state.weights
    assert all(torch.allclose(kept[one], fresh[one], atol=1e-6) for one in kept)


@pytest.mark.parametrize("name", STRATEGIES)
def test_before_the_first_step_the_body_is_the_pretrained_one(name: str) -> None:
    events = carried_out(tuned(name, question_of(name)))
    first = next(event for event in events if isinstance(event, Evaluated))
    scratch = STRATEGIES[name].fresh
    assert first.step == 0
    assert ("pretraining" in first.more) is not scratch
    assert {"validation", "shifted"} <= set(first.more)
    compared = the(Compared, events)
    if name in ("head", "zero-shot"):
        assert first.more["pretraining"] == the(Finished, events).metrics["pretraining"]
        assert min(compared.cka) > 1 - 1e-6
        assert not any(moved for row, moved in compared.moved.items() if row != "head")
    if name == "alignment":
        assert first.more["partner"]["loss"] == pytest.approx(first.more["pretraining"]["loss"], abs=1e-6)
        assert {"start", "tuned", "partner"} == set(compared.known)


def test_all_strategies_begin_with_the_same_head_and_labels() -> None:
    firsts = []
    for name in ("full", "head", "alternating"):
        experiment = tuned(name).resolved()
        run = Tuning(experiment, open_source(experiment.data.settings), None, Control(), small_start())
        assert run.pool is not None
        firsts.append((run.tuned.read_out.scores.weight.detach().clone(), run.pool.tokens, run.drawn().tokens))
    for weights, pool, drawn in firsts[1:]:
        assert torch.equal(weights, firsts[0][0])
        assert np.array_equal(pool, firsts[0][1])
        assert np.array_equal(drawn, firsts[0][2])


def test_a_saved_model_is_the_one_that_was_trained(tmp_path: Path) -> None:
    for name in ("alignment", "zero-shot"):
        experiment = tuned(name, question_of(name))
        state = the(Snapshot, carried_out(experiment)).state
        state.save(tmp_path / "end.safetensors")
        model, source = load_model(tmp_path / "end.safetensors"), open_source(experiment.data.settings)
        run = Tuning(experiment.resolved(), source, state, Control(), small_start())
        batch = STRATEGIES[name].asks(source.held_out(10), source)
        a, b = (log_chances(one, batch, torch.device("cpu")) for one in (model, run.tuned))
        assert np.allclose(a, b, atol=1e-6)


def test_a_prompt_is_the_pretrained_model_asked_for_a_word() -> None:
    experiment = tuned("zero-shot", "slot").resolved()
    source: Any = open_source(experiment.data.settings)
    run = Tuning(experiment, source, None, Control(), small_start())
    batch = source.held_out(30)
    found = log_chances(run.tuned, batch, torch.device("cpu"))
    with run.past.head(run.tuned), torch.no_grad():
        question = ask(batch, torch.device("cpu"))
        logits = run.tuned(question.tokens, question.scored).logits.softmax(-1).numpy()  # (N, V)
    place = {word: index for index, word in enumerate(small_start().words)}
    chances = np.stack([logits[:, [place[w] for w in some]].sum(1) for some in source.verbaliser], 1)
    assert np.allclose(np.exp(found), chances / chances.sum(1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize(("flow", "still"), [("to fine-tuned", "partner"), ("to pretrained", "tuned")])
def test_alignment_holds_fast_whom_it_promises_to(flow: str, still: str) -> None:
    """With a task loss of nothing, only one of the two models gets a gradient."""
    experiment = tuned("alignment", flow=flow).resolved()
    run = Tuning(experiment, open_source(experiment.data.settings), None, Control(), small_start())
    batch = ask(run.drawn(), run.device)
    states = run.tuned.encode(run.tuned.embed(batch.tokens))
    Closeness(1.0, 0.2, "contrast", flow)(run, batch, states).backward()
    assert run.tuned.partner is not None
    tuned_moves = bool(run.tuned.words.weight.grad.abs().sum())
    partner = run.tuned.partner.words.weight.grad
    partner_moves = partner is not None and bool(partner.abs().sum())
    assert (tuned_moves, partner_moves) == ((True, False) if still == "partner" else (False, True))


@pytest.mark.parametrize(("distance", "least"), [("contrast", 0.0), ("squared", 0.0), ("cosine", 0.0)])
def test_distances_are_smallest_where_both_agree(distance: str, least: float) -> None:
    torch.manual_seed(0)
    f = torch.randn(8, 5, dtype=torch.float64)
    near = Closeness(1.0, 0.01, distance, "both")
    assert float(near.apart(f, f.clone())) == pytest.approx(least, abs=1e-6)
    assert float(near.apart(f, f.roll(1, 0))) > 0.1


def test_a_strategy_that_can_not_work_says_why_before_anything_runs() -> None:
    with pytest.raises(SpecError, match="3 layers"):
        tuned("top", layers=4)
    with pytest.raises(SpecError, match="pretrained on"):
        Experiment().with_({"data.task": "text", "model.direction": "both", "tune.strategy": "full"})
    events = list(train(e := tuned("zero-shot", "xor"), open_source(e.data.settings), start=small_start()))
    assert isinstance(events[-1], Failed)
    assert "No word" in events[-1].message


def test_phases_take_their_turns_and_their_shares() -> None:
    experiment = tuned("alternating", steps=12, rounds=2).resolved()
    run = Tuning(experiment, open_source(experiment.data.settings), None, Control(), small_start())
    learned = []
    for step in range(12):
        run.step = step
        run.enter()
        learned.append("".join(sorted(group[0] for group in run.groups.rates)))
    assert learned == ["ht"] * 3 + ["b"] * 3 + ["ht"] * 3 + ["b"] * 3


def test_weights_of_another_size_are_refused_in_words() -> None:
    wide = tuned("full").with_({"model.width": 32})
    events = list(train(wide, open_source(wide.data.settings), start=small_start()))
    assert isinstance(events[-1], Failed)
    assert "don't fit" in events[-1].message
    assert weights_of(small_start())
