"""What a race came to: numbers that are those of its runs, tables that read back the same, and honest estimates."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest
from sqlalchemy import update

from core.runs import racing
from core.runs.race_plan import left, pace, paces_of, planned
from core.runs.race_results import cells_csv, results, steps_csv
from core.runs.race_store import keep_race
from core.runs.races import RACE, SWEEP, Cell, Race, advance, cells, mark_stopped, race, race_from_json
from core.runs.store import Store
from core.runs.tables import RUNS

PLAIN: dict[str, Any] = {
    "base": {"data": {"task": "transfer"}, "train": {"steps": 40, "held_out": 50}},
    "strategies": ["full", "head", {"strategy": "lora", "rank": 2}],
    "seeds": 3,
}
HELD_OUT = {"full": (0.9, 0.92, 0.91), "head": (0.5, 0.53, 0.51), "lora rank=2": (0.9, 0.93, 0.88)}
SECONDS = {"full": 4.0, "head": 1.0, "lora rank=2": 5.0}


def told(cell: Cell) -> list[dict[str, Any]]:
    """The events of a run with scores that its strategy and seed decide."""
    score = HELD_OUT[cell.entry.key][cell.seed]
    split = {"loss": 0.1 + 1e-17, "accuracy": score}
    before = {"pretraining": {"loss": 2.37}}
    metrics = {"held_out": split, "validation": split, "shifted": {"accuracy": score - 0.1}}
    curves = {"losses": [0.1 + 0.2, 1 / 3], "accuracies": [0.5, 0.75], "gradient_norms": [1.0, 2.0]}
    done = {"seconds": SECONDS[cell.entry.key], "peak_bytes": 1000 + cell.seed}
    return [
        {"kind": "started", "step": 0, "steps": 2, "parameters": 100, "learning": len(cell.entry.key)},
        {"kind": "evaluated", "step": 0, "more": before},
        {"kind": "progress", "step": 2, "learning_rates": [1e-3, 5e-4], **curves},
        {"kind": "finished", "step": 2, "metrics": {**metrics, "pretraining": {"loss": 3.0 + score}}, **done},
    ]


def carry_out(store: Store, of: Race) -> None:
    """All runs of a race, each of two seconds by the clock of the store."""
    while advance(store, of.id):
        for one in cells(store, of):
            if one.status == "queued":
                store.append(one.id, told(one))
                store.set_status(one.id, "finished")
                with store.transaction() as connection:
                    times = {"started": time.time() - 2, "ended": time.time()}
                    connection.execute(update(RUNS).where(RUNS.c.id == one.id).values(**times))


@pytest.fixture
def of(store: Store) -> Race:
    kept = race(store, keep_race(store, race_from_json(PLAIN), "me", 'A "race"'))
    carry_out(store, kept)
    return race(store, kept.id)


def test_each_strategy_has_its_seeds_scores_cost_and_what_it_forgot(store: Store, of: Race) -> None:
    found = results(store, of)
    full, head, lora = found.rows
    assert [row.title for row in found.rows] == ["Full", "Head only", "LoRA rank=2"]
    assert tuple(full.scores().values()) == HELD_OUT["full"]
    assert head.scores("shifted") == pytest.approx({0: 0.4, 1: 0.43, 2: 0.41})
    assert lora.forgotten() == pytest.approx({seed: 3 + HELD_OUT["lora rank=2"][seed] - 2.37 for seed in range(3)})
    assert full.cost == {"learning": 4, "seconds": 4.0, "peak_bytes": 1001}
    assert full.rate == 0.00033  # all were equal on validation data
    assert [rate for rate, _ in lora.sweep] == [0.0017, 0.005, 0.015]
    assert {score for _, score in lora.sweep} == {0.9}
    mean = full.interval()
    assert mean
    assert mean.mean == pytest.approx(0.91)


def test_verdicts_are_of_the_leader_and_of_any_pair(store: Store, of: Race) -> None:
    found = results(store, of)
    judged = [(one.ahead, one.behind, one.clear) for one in found.with_leader()]
    assert judged == [("full", "head", True), ("full", "lora rank=2", False)]
    assert len(found.pairs("shifted")) == 3


def test_the_front_holds_what_no_cheaper_one_beats(store: Store, of: Race) -> None:
    found = results(store, of)
    assert found.pareto("seconds") == ("head", "full")  # LoRA takes longer for the same score
    assert found.pareto("learning")[0] in ("head", "full")


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_tables_read_back_the_very_same_numbers(store: Store, of: Race) -> None:
    rows = read(cells_csv(store, of))
    assert len(rows) == len(cells(store, of)) == 9 + 9
    for row, cell in zip(rows, cells(store, of), strict=True):
        assert (row["strategy"], row["stage"], int(row["seed"])) == (cell.entry.key, cell.stage, cell.seed)
        assert float(row["learning_rate"]) == cell.rate
        assert float(row["held_out.accuracy"]) == HELD_OUT[cell.entry.key][cell.seed]
        assert float(row["held_out.loss"]) == 0.1 + 1e-17
        if cell.stage == RACE:
            assert float(row["pretraining_before.loss"]) == 2.37
    steps = read(steps_csv(store, of))
    assert len(steps) == 2 * 18
    assert [float(row["loss"]) for row in steps[:2]] == [0.1 + 0.2, 1 / 3]
    assert {row["stage"] for row in steps} == {SWEEP, RACE}


def test_a_race_that_goes_on_is_told_as_far_as_it_is(store: Store) -> None:
    kept = race(store, keep_race(store, race_from_json(PLAIN), "me", ""))
    assert "–" in racing.in_lines(results(store, kept))
    advance(store, kept.id)
    found = results(store, kept)
    assert found.with_leader() == ()
    assert found.pareto() == ()
    assert found.rows[0].status == {"queued": 3, "to come": 3}
    assert read(cells_csv(store, kept))[0]["status"] == "queued"


def test_what_is_exported_carries_the_same_race_out_again(store: Store, of: Race, tmp_path: Any) -> None:
    names = racing.write_race(store, of, tmp_path / "out")
    assert names == ["cells.csv", "steps.csv", "result.json", "race.json", "race.py"]
    assert race_from_json((tmp_path / "out/race.json").read_text()) == of.spec
    space: dict[str, Any] = {"__name__": "read"}
    code = compile((tmp_path / "out/race.py").read_text(), "race.py", "exec")
    exec(code, space)
    assert race_from_json(space["RACE"]) == of.spec
    plain = json.loads((tmp_path / "out/result.json").read_text())
    assert [row["strategy"] for row in plain["strategies"]] == list(HELD_OUT)
    assert racing.find_kept(store, of.id[:8]) == of


def test_a_plan_counts_all_runs_and_learns_from_earlier_races(store: Store, of: Race) -> None:
    before = planned(store, of.spec, workers=2)
    assert (before.sweep_runs, before.runs, before.steps) == (9, 18, 18 * 40)
    assert before.seconds == pytest.approx(2 * 18 / 2, rel=0.3)
    assert "earlier races" in before.reason
    cut = planned(store, race_from_json({**PLAIN, "rates": []}), workers=1)
    assert (cut.sweep_runs, cut.runs) == (0, 9)
    twice = of.spec.experiment(of.spec.strategies[0], RACE, 1e-3, 0).with_({"train.steps": 80})
    assert pace(twice, paces_of(store)) == pytest.approx(4, rel=0.3)
    new = planned(store, race_from_json({**PLAIN, "strategies": ["full", "l2-sp"]}), workers=2)
    assert "earlier races" not in new.reason
    assert new.seconds > 0


def test_what_is_left_becomes_less_and_stopped_strategies_take_no_time(store: Store, of: Race) -> None:
    assert (left(store, of, 2).over, left(store, of, 2).seconds) == (18, 0.0)
    again = race(store, keep_race(store, of.spec, "me", ""))
    whole = left(store, again, 2)
    assert (whole.over, whole.runs) == (0, 18)
    assert whole.seconds == pytest.approx(18, rel=0.3)
    mark_stopped(store, again.id, ["full"])
    assert left(store, race(store, again.id), 2).seconds == pytest.approx(whole.seconds * 2 / 3, rel=0.1)
