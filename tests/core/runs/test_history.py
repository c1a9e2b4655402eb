"""Folding events: all at once, bit by bit, after a resume, and when there are very many."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.runs.history import MOST_POINTS, Fold, history
from core.runs.store import Store
from tests.core.runs.conftest import tiny


def progress(first: int, last: int) -> dict[str, Any]:
    curve = [float(step) for step in range(first, last + 1)]
    names = ("losses", "accuracies", "gradient_norms", "learning_rates")
    rates = {"seconds": last / 10, "tokens_per_second": 5.0, "seconds_left": 1.0}
    return {"kind": "progress", "step": last, **dict.fromkeys(names, curve), **rates}


def started(step: int) -> dict[str, Any]:
    return {"kind": "started", "step": step, "steps": 40, "device": "cpu"}


def evaluated(step: int) -> dict[str, Any]:
    return {"kind": "evaluated", "step": step, "train": {"loss": 1.0}, "held_out": {"loss": 2.0}}


EVENTS = [
    started(0),
    {"kind": "snapshot", "step": 0},
    progress(1, 10),
    evaluated(10),
    {"kind": "snapshot", "step": 10},
    progress(11, 20),
    evaluated(20),
    {"kind": "sampled", "step": 20, "given": ["a"], "written": ["b"]},
    started(10),  # killed at 20 and resumed from the snapshot at 10
    progress(11, 40),
    evaluated(40),
    {"kind": "finished", "step": 40, "reason": "done", "seconds": 4.5, "tokens_per_second": 6.0, "metrics": {}},
]


def test_a_resumed_run_reads_like_one_that_never_stopped() -> None:
    told = Fold().take(list(enumerate(EVENTS, 1)))
    assert told.steps == list(range(1, 41))
    assert told.losses == [float(step) for step in told.steps]
    assert [one["step"] for one in told.evaluations] == [10, 40]
    assert (told.samples, told.snapshots) == ([], [0, 10])
    assert told.started == {"step": 10, "steps": 40, "device": "cpu"}
    assert told.finished is not None
    assert (told.seconds, told.tokens_per_second, told.seconds_left) == (4.5, 6.0, 0.0)


def test_a_run_scores_what_the_weights_score_that_it_kept() -> None:
    fold, kept = Fold(), {"train": {"loss": 1.0}, "held_out": {"loss": 0.5}}
    assert fold.shown.held_out == {}
    assert fold.take([(1, started(0)), (2, evaluated(10))]).held_out == {"loss": 2.0}
    assert fold.take([(3, {**EVENTS[-1], "metrics": kept})]).held_out == {"loss": 0.5}
    assert fold.take([(4, started(10)), (5, evaluated(20))]).held_out == {"loss": 2.0}  # resumed: not ended any more


@given(st.lists(st.integers(0, len(EVENTS))))
def test_bit_by_bit_gives_the_same(cuts: list[int]) -> None:
    numbered = list(enumerate(EVENTS, 1))
    fold, places = Fold(), sorted({0, len(EVENTS), *cuts})
    for begin, end in pairwise(places):
        fold.take(numbered[begin:end])
    assert fold.shown == Fold().take(numbered)


def test_what_was_shown_does_not_change_later() -> None:
    fold = Fold()
    before = fold.take([(1, started(0)), (2, progress(1, 5))])
    after = fold.take([(3, progress(6, 9))])
    assert (before.steps, after.steps) == ([1, 2, 3, 4, 5], list(range(1, 10)))
    assert fold.take([]) is after


def test_a_very_long_curve_is_thinned_and_keeps_its_shape_and_its_end() -> None:
    fold, last = Fold(), 5 * MOST_POINTS + 3
    for number, step in enumerate(range(1, last + 1, 100)):
        fold.take([(number + 1, progress(step, min(step + 99, last)))])
    told = fold.shown
    assert len(told.steps) == len(told.losses) <= MOST_POINTS
    assert told.steps == sorted(set(told.steps))
    assert told.steps[-1] == last
    spread = max(b - a for a, b in pairwise(told.steps))
    assert all(abs(loss - step) <= spread for step, loss in zip(told.steps, told.losses, strict=True))


def test_each_run_has_its_own_history(store: Store) -> None:
    first, second = store.create(tiny(10), "me"), store.create(tiny(10), "me")
    store.append(first, [started(0), progress(1, 5)])
    assert history(store, second).steps == []
    assert history(store, first).steps == [1, 2, 3, 4, 5]
    store.append(first, [progress(6, 7)])
    store.append(second, [started(0), progress(1, 2)])
    assert history(store, first).losses == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert history(store, second).steps == [1, 2]


def test_what_moved_is_told_and_forgotten_with_the_steps_it_came_from() -> None:
    fold = Fold()
    compared = {"kind": "compared", "step": 9, "moved": {"head": 1.0}, "layers": ["top"], "cka": [0.5], "known": {}}
    assert fold.take([(1, compared)]).compared == {name: one for name, one in compared.items() if name != "kind"}
    started = {"kind": "started", "step": 4, "steps": 9}
    assert fold.take([(2, started)]).compared is None
