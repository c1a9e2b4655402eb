"""The loop: what it tells, that it repeats and resumes bit for bit, that it learns, and how it fails."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from core.checkpoints import TrainingState
from core.data.contract import Batch
from core.data.registry import open_source
from core.data.tasks.sense import Sense
from core.events import Evaluated, Event, Failed, Finished, Progress, Sampled, Snapshot, Started, snapshot_steps
from core.limits import ceiling_of
from core.spec import Experiment, from_json
from core.training import Control, Training, train

SMALL = {"width": 16, "layers": 2, "heads": 2, "feed_forward": 24}
SHORT = {"steps": 30, "batch": 8, "held_out": 40, "evaluate_every": 10, "snapshots": 4, "warm_up": 5}


def experiment(**parts: dict[str, object]) -> Experiment:
    given = {"data": {"task": "sense"}, **parts}
    given["model"] = {**SMALL, **parts.get("model", {})}
    given["train"] = {**SHORT, **parts.get("train", {})}
    return from_json(given)


def run(one: Experiment, source: object = None, **more: object) -> list[Event]:
    return list(train(one, source or open_source(one.data.settings), **more))


def column(events: list[Event], name: str) -> list[float]:
    return [value for event in events if isinstance(event, Progress) for value in getattr(event, name)]


def last(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def states(events: list[Event]) -> dict[int, TrainingState]:
    return {event.step: event.state for event in events if isinstance(event, Snapshot)}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


KINDS = {
    "transformer with dropout": experiment(model={"dropout": 0.2}),
    "rounded transformer, both ways": experiment(model={"direction": "both"}, train={"precision": "bfloat16"}),
    "deep LSTM with dropout": experiment(model={"family": "lstm", "direction": "both", "dropout": 0.2}),
    "late, tied": experiment(model={"direction": "both", "join": "sum", "tied": True}),
    "next word": experiment(data={"task": "text", "length": 12}, train={"precision": "bfloat16"}),
    "masked word": experiment(data={"task": "text", "length": 12}, model={"direction": "both", "dropout": 0.1}),
    "early stopping": experiment(train={"patience": 50, "weight_decay": 0.1, "label_smoothing": 0.1, "l1": 1e-4}),
}


def test_the_order_of_what_is_told() -> None:
    events = run(experiment())
    assert isinstance(events[0], Started)
    assert isinstance(events[1], Snapshot)
    assert events[1].step == 0
    assert [event.step for event in events if isinstance(event, Evaluated)] == [10, 20, 30]
    assert set(states(events)) == {0, 2, 8, 17, 30}
    assert len(column(events, "losses")) == 30
    assert last(events).reason == "done"
    assert last(events).metrics["held_out"] == events[-3].held_out
    told = 0
    for event in events[1:]:  # nothing is told before the steps that led to it
        assert event.step >= told
        told = event.step
        if isinstance(event, Evaluated | Snapshot | Finished):
            assert event.step == len(column(events[: events.index(event)], "losses"))


def test_started_says_what_will_happen_and_progress_what_did() -> None:
    events = run(experiment(train={"precision": "float32", "clip": 0.5}))
    started = events[0]
    assert isinstance(started, Started)
    assert (started.step, started.steps, started.precision, started.tokens_per_step) == (0, 30, "float32", 8 * 12)
    assert started.parameters == sum(one.numel() for one in states(events)[0].weights.values())
    rates = column(events, "learning_rates")
    assert rates[:5] == pytest.approx([3e-3 * (k + 1) / 5 for k in range(5)])
    assert all(a > b for a, b in pairwise(rates[5:]))
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[0].step == 1
    assert progress[-1].seconds_left == 0
    assert all(a.seconds < b.seconds for a, b in pairwise(progress))


@pytest.mark.parametrize("name", KINDS)
def test_same_experiment_same_numbers_and_exact_resume(name: str, tmp_path: Path) -> None:
    one = KINDS[name]
    whole = run(one)
    assert column(run(one), "losses") == column(whole, "losses")
    states(whole)[8].save(tmp_path / "state")
    rest = run(one, state=TrainingState.load(tmp_path / "state"))
    assert isinstance(rest[0], Started)
    assert rest[0].step == 8
    for what in ("losses", "accuracies", "gradient_norms", "learning_rates"):
        assert column(rest, what) == column(whole, what)[8:]
    assert last(rest).metrics == last(whole).metrics
    assert last(rest).best_step == last(whole).best_step
    final, expected = states(rest)[30], states(whole)[30]
    assert same(final.weights, expected.weights)
    assert same(final.optimiser, expected.optimiser)


def test_a_changed_rate_survives_a_resume() -> None:
    one = experiment(model={"dropout": 0.1})

    def slowed(events: Iterator[Event], control: Control) -> list[Event]:
        found = []
        for event in events:
            found.append(event)
            if event.step == 5:
                control.learning_rate_factor = 0.25
        return found

    control = Control(report_seconds=0)
    whole = slowed(train(one, open_source(one.data.settings), control=control), control)
    rest = run(one, state=states(whole)[17])
    assert column(rest, "losses") == column(whole, "losses")[17:]
    rates, plain = column(whole, "learning_rates"), column(run(one), "learning_rates")
    assert rates[:5] == plain[:5]
    assert rates[5:] == pytest.approx([0.25 * rate for rate in plain[5:]])


def test_a_report_after_every_step_and_a_snapshot_on_request() -> None:
    one, control = experiment(), Control(report_seconds=0)
    events = train(one, open_source(one.data.settings), control=control)
    seen = []
    for event in events:
        seen.append(event)
        if event.step == 5:
            control.snapshot = True
        if event.step == 7:
            break
    assert [len(event.losses) for event in seen if isinstance(event, Progress)] == [1] * 7
    assert 6 in states(seen)
    assert not control.snapshot


def test_a_finished_run_has_nothing_left_to_resume() -> None:
    whole = run(experiment())
    rest = run(experiment(), state=states(whole)[30])
    assert column(rest, "losses") == []
    assert last(rest).metrics == last(whole).metrics


@dataclass(frozen=True)
class Watched(Sense):
    """The game, noting what was drawn."""

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        batch = super().sample(rng, n)
        DRAWN.append(batch.tokens.tobytes())
        return batch


DRAWN: list[bytes] = []


def test_another_model_trains_on_the_same_data_and_another_seed_on_other() -> None:
    def drawn(**parts: dict[str, object]) -> list[bytes]:
        DRAWN.clear()
        run(experiment(**parts), Watched())
        return list(DRAWN)

    first = drawn(model={"direction": "left-to-right"})
    assert drawn(model={"family": "lstm", "direction": "both", "dropout": 0.5}) == first
    other = drawn(train={"seed": 1})
    held_out = [a == b for a, b in zip(first, other, strict=True)]
    assert sum(held_out) == 1  # only the held-out set is the same for all


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_a_small_model_soon_stands_at_its_ceiling_and_never_above(direction: str, precision: str) -> None:
    one = from_json(
        {
            "data": {"task": "sense", "p": 0.8},
            "model": {"direction": direction, "width": 32, "layers": 1, "heads": 2, "feed_forward": 32},
            "train": {
                "steps": 120,
                "learning_rate": 0.01,
                "held_out": 4000,
                "evaluate_every": 120,
                "precision": precision,
            },
        }
    )
    found, ceiling = last(run(one)).metrics["held_out"]["accuracy"], ceiling_of(one)
    assert ceiling is not None
    assert found > ceiling - 0.02
    assert found <= ceiling + 3 * (ceiling * (1 - ceiling) / 4000) ** 0.5


def test_the_blanks_of_the_held_out_text_are_the_same_for_every_seed_and_step() -> None:
    def blanks(seed: int, steps: int) -> list[np.ndarray]:
        one = KINDS["masked word"].with_({"train.seed": seed}).resolved()
        run = Training(one, open_source(one.data.settings), None, Control())
        for _ in range(steps):
            run.learn()
        return [batch.labels for batch in run.checked.values()]

    (train_a, held_out_a), (train_b, held_out_b), later = blanks(0, 0), blanks(1, 0), blanks(0, 2)
    assert np.array_equal(held_out_a, held_out_b)
    assert not np.array_equal(train_a, train_b)
    assert all(np.array_equal(a, b) for a, b in zip((train_a, held_out_a), later, strict=True))


@pytest.mark.parametrize("name", ["next word", "masked word"])
def test_text_is_learned_and_sampled(name: str) -> None:
    one = KINDS[name].with_({"train.steps": 80, "train.learning_rate": 0.01})
    events = run(one)
    losses, samples = column(events, "losses"), [event for event in events if isinstance(event, Sampled)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) - 0.4
    assert [sample.step for sample in samples] == [e.step for e in events if isinstance(e, Evaluated)]
    assert all(len(one.written) == len(one.probabilities) == len(one.truth) > 0 for one in samples)


@dataclass(frozen=True)
class Noise(Sense):
    """Eight sentences with meaningless labels: learning them by heart helps nobody."""

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        few = super().sample(np.random.default_rng(1), 8)
        labels = np.where(few.labels >= 0, (np.arange(8) % 2)[:, None], few.labels)
        rows = rng.integers(0, 8, n)
        return Batch(few.tokens[rows], labels[rows])

    def held_out(self, n: int) -> Batch:
        return Sense().sample(np.random.default_rng(2), n)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_early_stopping_gives_up_and_keeps_the_best(precision: str) -> None:
    one = experiment(train={"steps": 400, "evaluate_every": 5, "patience": 4, "learning_rate": 0.01})
    one = one.with_({"train.precision": precision})
    events = run(one, Noise())
    evaluations = {event.step: event for event in events if isinstance(event, Evaluated)}
    end, best = last(events), min(evaluations, key=lambda step: evaluations[step].held_out["loss"])
    assert end.reason == "stopped early"
    assert end.step == best + 4 * 5 < 400
    assert end.best_step == best
    assert end.metrics["held_out"] == evaluations[best].held_out
    assert isinstance(events[-2], Snapshot)
    resumed = run(one, Noise(), state=events[-2].state)
    assert column(resumed, "losses") == []
    assert last(resumed).reason == "stopped early"
    assert last(resumed).metrics == end.metrics


def test_patience_without_a_better_end_keeps_the_best_of_a_full_run() -> None:
    one = experiment(train={"steps": 60, "evaluate_every": 5, "patience": 1000, "learning_rate": 0.01})
    events = run(one, Noise())
    evaluations = {event.step: event.held_out for event in events if isinstance(event, Evaluated)}
    assert last(events).reason == "done"
    assert last(events).metrics["held_out"] == min(evaluations.values(), key=lambda found: found["loss"])
    assert last(events).best_step != 60


@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_a_blown_up_run_is_told_in_words(family: str) -> None:
    events = run(experiment(model={"family": family}, train={"clip": 0.0}), control=Control(learning_rate_factor=1e60))
    assert isinstance(events[-1], Failed)
    assert "learning rate" in events[-1].message
    assert "clipping" in events[-1].message
    assert np.isfinite(column(events, "losses")).all()
    assert events[-1].step == len(column(events, "losses"))


@dataclass(frozen=True)
class Hungry(Sense):
    eats: str = "numpy"

    def sample(self, rng: np.random.Generator, n: int) -> Batch:
        if self.eats == "numpy":
            np.empty(2**55)
        torch.empty(2**55)
        raise AssertionError("this machine has an exabyte of memory")


@pytest.mark.parametrize("eats", ["numpy", "torch"])
def test_full_memory_is_told_in_words(eats: str) -> None:
    end = run(experiment(), Hungry(eats=eats))[-1]
    assert isinstance(end, Failed)
    assert "memory" in end.message
    assert "smaller" in end.message


def test_a_device_that_is_not_there_is_told_in_words() -> None:
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    events = run(experiment(train={"device": missing}))
    assert isinstance(events[0], Failed)
    assert missing.upper() in events[0].message


@pytest.mark.parametrize(("steps", "count"), [(400, 12), (30, 4), (3, 12), (1, 1), (200_000, 200)])
def test_snapshots_are_dense_early_and_end_with_the_last_step(steps: int, count: int) -> None:
    found = sorted(snapshot_steps(steps, count))
    assert found[-1] == steps
    assert found[0] >= 1
    assert len(found) <= count
    gaps = [b - a for a, b in pairwise(found)]
    assert gaps == sorted(gaps) or steps < count**2


def test_settings_of_one_run_do_not_leak_into_the_next() -> None:
    """A control that was slowed down keeps its factor; a fresh one starts at the schedule."""
    one = experiment()
    control = Control()
    run(one, control=control)
    assert replace(control) == Control()


@pytest.mark.parametrize("direction", ["left-to-right", "both"])
def test_the_least_possible_loss_stands_beside_the_loss_on_built_in_text(direction: str) -> None:
    one = experiment(data={"task": "text", "length": 12}, model={"direction": direction})
    tested = [event.held_out for event in run(one) if isinstance(event, Evaluated)]
    assert len({point["floor"] for point in tested}) == 1
    assert all(point["loss"] > point["floor"] > 1 for point in tested)
    assert "floor" not in last(run(experiment())).metrics["held_out"]


def test_tiny_numbers_vanish_in_the_loop_and_nowhere_else() -> None:
    tiny = torch.tensor(1e-30)
    for _ in train(experiment(), open_source(experiment().data.settings)):
        assert float(tiny * 1e-10) > 0
    assert float(tiny * 1e-10) > 0


@pytest.mark.parametrize("change", [{"accumulate": 3}, {"recompute": True}], ids=str)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_parts_of_a_batch_and_computing_twice_change_no_number(change: dict[str, object], precision: str) -> None:
    """An uneven split of masked words, where each part asks for another count of words."""
    parts = {"data": {"task": "text", "length": 12}, "model": {"direction": "both", "dropout": 0.0}}
    short = {"steps": 12, "precision": precision}
    whole = run(experiment(**parts, train=short))
    other = run(experiment(**parts, train={**short, **change}))
    close = {"rel": 2e-4} if precision == "float32" else {"rel": 0.02}
    assert column(other, "losses") == pytest.approx(column(whole, "losses"), **close)
    assert column(other, "gradient_norms") == pytest.approx(column(whole, "gradient_norms"), **close)
    assert column(other, "accuracies") == pytest.approx(column(whole, "accuracies"), abs=0.05)


def test_computing_twice_keeps_the_same_units_dropped() -> None:
    dropped = {"model": {"dropout": 0.3}}
    once, twice = (run(experiment(**dropped, train={"recompute": wanted})) for wanted in (False, True))
    assert column(twice, "losses") == pytest.approx(column(once, "losses"), rel=1e-4)
