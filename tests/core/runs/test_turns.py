"""The fair queue: properties over any crowd."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.runs.turns import in_turn

owners = st.sampled_from("abcd")


def test_a_patient_learner_comes_before_a_busy_one() -> None:
    waiting = [("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c")]
    assert in_turn(waiting, ["a"], {}) == ["b1", "c1", "a2", "a3"]
    assert in_turn(waiting, [], {}) == ["a2", "b1", "c1", "a3"]
    assert in_turn(waiting, [], {"a": 9.0, "b": 5.0}) == ["c1", "b1", "a2", "a3"]


@given(st.lists(owners), st.lists(owners), st.dictionaries(owners, st.floats(0, 10)))
def test_nobody_is_left_out_and_no_learner_gets_ahead(
    crowd: list[str], working: list[str], served: dict[str, float]
) -> None:
    waiting = [(f"{owner}{number}", owner) for number, owner in enumerate(crowd)]
    order = in_turn(waiting, working, served)
    assert sorted(order) == sorted(run_id for run_id, _ in waiting)
    for owner in set(crowd):  # one learner's runs keep their order
        own = [run_id for run_id, one in waiting if one == owner]
        assert [run_id for run_id in order if run_id in own] == own
    taken, left = Counter(working), Counter(crowd)
    for run_id in order:  # whoever is served has no more workers than anybody who still waits
        owner = run_id[0]
        assert all(taken[owner] <= taken[other] for other in left if left[other])
        taken[owner] += 1
        left[owner] -= 1
