"""Verdicts: the arithmetic equals scipy's, and the words claim no more than the numbers carry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core import statistics
from core.statistics import (
    ALPHA,
    MOST_SEEDS,
    holm,
    interval,
    method_for,
    power,
    seeds_needed,
    verdicts,
    with_leader,
)

Scores = dict[str, dict[int, float]]
WAVE = np.random.default_rng(5).normal(size=(16,))


def race(n: int, shifts: dict[str, float], noise: float = 0.02, draw: int = 0) -> Scores:
    """Scores of strategies over n seeds about their means."""
    rng = np.random.default_rng(draw)
    return {name: dict(enumerate(rng.normal(mean, noise, n))) for name, mean in shifts.items()}


@pytest.mark.parametrize("df", [1, 2, 3, 9, 40, 199])
def test_students_t_is_scipys(df: int) -> None:
    for t in (0.0, 1e-3, 0.5, 1.0, 2.5, -4.0, 100.0, 1e4):
        assert statistics.t_chance(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9, abs=1e-300)
    for p in (0.5, 0.6, 0.9, 0.975, 0.9999):
        assert statistics.t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-8, abs=1e-8)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_the_interval_is_scipys(scores: list[float]) -> None:
    found, sem = interval(scores), stats.sem(scores)
    assert found.mean == pytest.approx(np.mean(scores))
    assert found.low is not None
    assert found.high is not None
    if sem > 1e-9:
        low, high = stats.t.interval(0.95, len(scores) - 1, np.mean(scores), sem)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7, abs=1e-9)


def test_one_seed_has_no_interval() -> None:
    assert interval([0.5]) == statistics.Interval(0.5, None, None, 1)


@pytest.mark.parametrize("n", [3, 5, 8, 11])
def test_both_tests_of_a_pair_are_scipys(n: int) -> None:
    rng = np.random.default_rng(n)
    for shift in (0.0, 0.4, 1.0, 3.0):
        a, b = rng.normal(shift, 1, n), rng.normal(0, 1, n)
        assert statistics.paired_t(a - b) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-9)
        exact = stats.permutation_test((a - b,), np.mean, permutation_type="samples", n_resamples=np.inf)
        assert statistics.sign_flips(a - b) == pytest.approx(exact.pvalue)


@pytest.mark.parametrize("level", [0.05, 0.05 / 3, 0.05 / 15])
def test_the_intervals_exclude_zero_just_where_their_tests_reject(level: float) -> None:
    for shift in np.linspace(0, 1.5, 40):
        of = WAVE[:10] + shift
        low, high = statistics.flip_interval(of, level)
        assert (low > 0 or high < 0) == (statistics.sign_flips(of) <= level)
        found = interval(list(of), level)
        assert found.low is not None
        assert (found.low > 0) == (statistics.paired_t(of) <= level and of.mean() > 0)


def test_holm_holds_each_p_to_its_own_level_until_one_fails() -> None:
    found = holm([0.03, 0.001, 0.02, 0.9])
    assert [p for p, _ in found] == pytest.approx([0.06, 0.004, 0.06, 0.9])  # Holm 1979
    assert [level for _, level in found] == pytest.approx([0.05 / 3, 0.05 / 4, 0.05 / 3, 0.05 / 3])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=15))
def test_holm_rejects_just_what_its_levels_reject(chances: list[float]) -> None:
    for p, (corrected, level) in zip(chances, holm(chances), strict=True):
        assert corrected >= p
        assert (corrected <= ALPHA) == (p <= level) or math.isclose(p, level)


@pytest.mark.parametrize(("effect", "n", "level"), [(0.0, 3, 0.05), (1.0, 5, 0.05), (0.7, 20, 0.01), (2.0, 4, 0.005)])
def test_power_is_that_of_the_noncentral_t(effect: float, n: int, level: float) -> None:
    bound, shift = stats.t.ppf(1 - level / 2, n - 1), effect * math.sqrt(n)
    exact = stats.nct.sf(bound, n - 1, shift) + stats.nct.cdf(-bound, n - 1, shift)
    assert power(effect, n, level) == pytest.approx(exact, abs=1e-3)


def test_the_seeds_needed_find_the_difference_four_times_of_five() -> None:
    of = np.array([0.02, 0.05, -0.01])
    needed = seeds_needed(of, ALPHA)
    assert needed is not None
    rng = np.random.default_rng(0)
    for n, enough in ((needed, True), (needed - 1, False)):
        drawn = rng.normal(of.mean(), of.std(ddof=1), (60_000, n))
        found = np.mean(stats.ttest_1samp(drawn, 0, axis=1).pvalue <= ALPHA)
        assert (found >= 0.8 - 0.004) == enough or abs(found - 0.8) < 0.008


def test_what_no_number_of_seeds_would_tell_is_said() -> None:
    tiny = np.array([1.0, -1.0, 1.001, -1.0, 0.0])
    assert seeds_needed(tiny) is None
    same = {"a": {0: 0.5, 1: 0.7, 2: 0.6}, "b": {0: 0.5, 1: 0.7, 2: 0.6}}
    (one,) = verdicts(same)
    assert (one.same, one.clear, one.needed) == (True, False, None)
    assert "the same with each of 3 seeds" in one.words()
    far = {"a": {0: 0.5, 1: 0.7, 2: 0.6}, "b": {0: 0.7, 1: 0.5001, 2: 0.6}}
    (other,) = verdicts(far)
    assert f"more than {MOST_SEEDS}" in other.words()
    assert "not distinguishable with 3 seeds" in other.words()


def test_too_few_seeds_give_no_verdict() -> None:
    (one,) = verdicts({"a": {0: 0.9, 1: 0.9}, "b": {0: 0.1, 1: 0.1}})
    assert (one.clear, one.method, one.p) == (False, "", None)
    assert one.words({"a": "LoRA", "b": "Full"}).startswith("LoRA and Full: no verdict with 2 seeds")


def test_only_seeds_that_both_ran_count() -> None:
    (one,) = verdicts({"a": {0: 0.9, 1: 0.8, 2: 0.85, 7: 0.1}, "b": {2: 0.4, 1: 0.45, 0: 0.47, 9: 0.99}})
    assert (one.seeds, one.ahead) == (3, "a")
    assert one.difference == pytest.approx((0.43 + 0.35 + 0.45) / 3)
    assert one.clear
    assert "a is better than b: by 41.0 points" in one.words()
    assert verdicts({"a": {0: 0.9}, "b": {}}) == ()


def test_all_pairs_are_judged_together_and_the_leader_with_each_other() -> None:
    scores = race(4, {"full": 0.93, "lora": 0.925, "head": 0.5, "scratch": 0.55}, noise=0.01)
    pairs = verdicts(scores)
    assert {frozenset((one.ahead, one.behind)) for one in pairs} == {
        frozenset(pair) for pair in (("full", "lora"), ("full", "head"), ("full", "scratch"))
    } | {frozenset(pair) for pair in (("lora", "head"), ("lora", "scratch"), ("head", "scratch"))}
    first = statistics.leader(scores)
    assert [{one.ahead, one.behind} - {first} for one in with_leader(scores)] == [
        {name} for name in scores if name != first
    ]
    clear = {one.behind for one in pairs if one.clear and one.ahead == "full"}
    assert clear == {"head", "scratch"}
    assert all(one.difference >= 0 and one.pairs == 6 for one in pairs)


@given(st.integers(2, 9), st.integers(0, 50), st.sampled_from([0.0, 0.02, 0.1]))
def test_a_verdict_agrees_with_its_interval(n: int, draw: int, step: float) -> None:
    for one in verdicts(race(n, {"a": 0.5, "b": 0.5 + step, "c": 0.5 + 2 * step}, draw=draw)):
        if one.method:
            assert one.low is not None
            assert one.high is not None
            assert one.low <= one.difference <= one.high
            assert one.clear == (one.low > 0)
            assert one.needed is None or n < one.needed <= MOST_SEEDS


def test_the_test_is_chosen_before_a_score_is_seen() -> None:
    assert [method_for(n, 1) for n in (2, 3, 5, 6, 16, 17)] == ["", *["paired t"] * 2, *["sign flips"] * 2, "paired t"]
    assert method_for(8, 15) == "paired t"  # 2 of 256 sign patterns can't reach 0.05 / 15
    assert method_for(10, 15) == "sign flips"


def test_equal_strategies_are_seldom_told_apart() -> None:
    """Whoever leads among equals was found by looking: corrected for its own pairs alone, 9 % would be told apart."""
    names = dict.fromkeys("abcde", 0.5)
    claims = [any(one.clear for one in with_leader(race(10, names, draw=draw))) for draw in range(300)]
    assert np.mean(claims) <= ALPHA
