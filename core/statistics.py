"""What scores over seeds say, and what they don't: intervals, paired tests corrected for many comparisons, verdicts.

Strategies share their seeds (the same data in the same order, the same new head), so differences are taken seed by
seed. Whoever leads was found by looking, and then it is compared with all others: that is one of all the pairs' tests,
so all pairs are corrected together (comparing only with the leader would be wrong up to 10 % of the time, not 5 %).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

ALPHA = 0.05  # how often all verdicts of a race together may see a difference where there is none
POWER = 0.8  # how surely a difference of the observed size is to be found
MOST_SEEDS = 200  # beyond it, "more than" is all that is said
FEWEST = 3  # seeds of a t test
FEWEST_FLIPS, MOST_FLIPS = 6, 16  # seeds of a permutation test, whose 2^n sums are all counted
PARTS = 120  # of the sum that gives a test's power

Scores = Mapping[int, float]  # seed -> score


@dataclass(frozen=True)
class Interval:
    """The mean over seeds, and where the mean over ever more seeds would lie 19 times of 20; None with one seed."""

    mean: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Verdict:
    """`ahead` scored `difference` more than `behind` on average over `seeds` shared seeds; `clear`: not by chance.

    `low` and `high` bound the difference at 1 − `level`, the strictness that the correction asks of this very pair:
    they exclude 0 just when the pair passes it. `p` is uncorrected, `corrected` is Holm's. `needed`: seeds that would
    find a difference of this size 4 times of 5; None where more than 200 would be needed, or none would do.
    """

    ahead: str
    behind: str
    difference: float
    seeds: int
    clear: bool
    method: str  # "paired t" | "sign flips" | "" with too few seeds
    pairs: int  # that were compared, and corrected, together
    level: float = ALPHA
    low: float | None = None
    high: float | None = None
    p: float | None = None
    corrected: float | None = None
    needed: int | None = None

    @property
    def same(self) -> bool:
        """Equal with every seed."""
        return bool(self.method) and self.p == 1.0 and self.difference == 0

    def words(self, titles: Mapping[str, str] | None = None) -> str:
        """One or two sentences; scores are shares, so differences are told in points (hundredths)."""
        ahead, behind = ((titles or {}).get(name, name) for name in (self.ahead, self.behind))
        if not self.method:
            return f"{ahead} and {behind}: no verdict with {_seeds(self.seeds)}. A test needs {FEWEST} that both ran."
        if self.same:
            return f"{ahead} and {behind} scored the same with each of {_seeds(self.seeds)}: more would not tell."
        points = f"{100 * self.difference:.1f} points"
        if self.clear:
            return f"{ahead} is better than {behind}: by {points} on average, with {_seeds(self.seeds)}."
        about = f"about {self.needed}" if self.needed else f"more than {MOST_SEEDS}"
        return (
            f"{ahead} and {behind}: not distinguishable with {_seeds(self.seeds)}. "
            f"A difference of {points}, as seen here, would take {about} to tell."
        )


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{n} seeds"


def interval(scores: Sequence[float], level: float = ALPHA) -> Interval:
    """The mean and its t interval at 1 − level (Student 1908): mean ± t · s / √n."""
    values = np.asarray(scores, float)
    mean, n = float(values.mean()), len(values)
    if n < 2:
        return Interval(mean, None, None, n)
    reach = t_quantile(1 - level / 2, n - 1) * spread(values) / math.sqrt(n)
    return Interval(mean, mean - reach, mean + reach, n)


def spread(values: np.ndarray) -> float:
    """The standard deviation with n − 1; what is only rounding is 0."""
    found = float(np.std(values, ddof=1))
    return 0.0 if found <= 1e-12 * float(np.abs(values).max()) else found


# Student's t


def t_chance(t: float, df: int) -> float:
    """P(|T| ≥ |t|) of Student's t: the regularised incomplete beta I_x(df/2, ½) at x = df / (df + t²)."""
    return _beta(df / (df + t * t), df / 2, 0.5) if math.isfinite(t) else 0.0


@lru_cache(maxsize=512)
def t_quantile(p: float, df: int) -> float:
    """The t that T stays below with probability p ≥ ½; found by halving."""
    low, high = 0.0, 1.0
    while t_chance(high, df) > 2 * (1 - p):
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_chance(middle, df) > 2 * (1 - p) else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)  # where the fraction converges fast
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    below = 1.0
    for m in range(200, 0, -1):  # from the innermost term outwards
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        below = 1 + even / (1 + odd / below)
    first = -(a + b) * x / (a + 1)
    return math.exp(front) / a / (1 + first / below)


# Two strategies


def paired_t(differences: np.ndarray) -> float:
    """Two-sided p of the paired t test (Student 1908): is the mean difference 0?"""
    mean, sd = float(differences.mean()), spread(differences)
    if not sd:
        return 1.0 if not differences.any() else 0.0
    return t_chance(mean / (sd / math.sqrt(len(differences))), len(differences) - 1)


def sign_flips(differences: np.ndarray) -> float:
    """Two-sided p of the exact permutation test (Fisher 1935): were the names swapped at random, seed by seed,
    how often would the mean difference be at least as large as it is?
    """
    sums = _subset_sums(differences)
    flipped = np.abs(differences.sum() - 2 * sums)
    return float(np.mean(flipped >= abs(differences.sum()) - 1e-12 * np.abs(differences).sum()))


def flip_interval(differences: np.ndarray, level: float) -> tuple[float, float]:
    """The differences that `sign_flips` would not reject at `level` (Hartigan 1969): between the k-th smallest and
    the k-th largest mean over a subset of seeds, with k = level · 2^n / 2.
    """
    n = len(differences)
    means = np.sort(_subset_sums(differences)[1:] / _subset_sums(np.ones(n))[1:])
    k = max(1, math.floor(level * 2**n / 2 + 1e-9))
    return float(means[k - 1]), float(means[-k])


def _subset_sums(values: np.ndarray) -> np.ndarray:
    """The sums over all 2^n subsets, the empty one first."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def method_for(n: int, pairs: int) -> str:
    """Which test: chosen by the numbers of seeds and of pairs alone, before any score is seen.

    Sign flips assume least, but their smallest p is 2^(1−n): they serve from 6 seeds on, where even the strictest
    step of the correction is within their reach. Otherwise the t test does, from 3 seeds on.
    """
    if FEWEST_FLIPS <= n <= MOST_FLIPS and 2.0 ** (1 - n) * pairs <= ALPHA:
        return "sign flips"
    return "paired t" if n >= FEWEST else ""


def holm(chances: Sequence[float]) -> list[tuple[float, float]]:
    """(corrected p, the level that this test is held to) for each of several p (Holm 1979).

    The smallest p is held to α/m, the next to α/(m − 1), and so on; after the first that fails the level stays.
    """
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    found, least, level = [(0.0, 0.0)] * len(chances), 0.0, 0.0
    for rank, i in enumerate(order):
        left = len(chances) - rank
        level = ALPHA / left if least <= ALPHA else level
        least = max(least, min(1.0, left * chances[i]))
        found[i] = (least, level)
    return found


# How many seeds would tell


def power(effect: float, n: int, level: float = ALPHA) -> float:
    """How often a two-sided paired t test with n seeds finds a true difference of `effect` standard deviations.

    P(|T| > t) for T of the noncentral t distribution with noncentrality effect · √n (Cohen 1988, §2.5): Z is normal
    about it, the measured spread S independent of Z, T = Z / S; the chance is summed over S.
    """
    df, shift, bound = n - 1, effect * math.sqrt(n), t_quantile(1 - level / 2, n - 1)
    whole = math.log(2) + df / 2 * math.log(df / 2) - math.lgamma(df / 2)
    wide, total = 1 + 6 / math.sqrt(df), 0.0
    for step in range(PARTS):
        s = wide * (step + 0.5) / PARTS
        density = math.exp(whole + (df - 1) * math.log(s) - df * s * s / 2)
        total += density * (_normal(shift - bound * s) + _normal(-shift - bound * s))
    return total * wide / PARTS


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def seeds_needed(differences: np.ndarray, level: float = ALPHA) -> int | None:
    """The fewest seeds, more than there are, that find a difference like the observed one 4 times of 5.

    None beyond 200, and where scores are identical. The observed difference is itself uncertain: take it as a guide.
    """
    sd, mean = spread(differences), abs(float(differences.mean()))
    low, high = len(differences), MOST_SEEDS
    if not mean or low >= high:
        return None
    if not sd:
        return max(low + 1, FEWEST)
    if power(mean / sd, high, level) < POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(mean / sd, middle, level) >= POWER else (middle, high)
    return high


# Many strategies


def verdicts(scores: Mapping[str, Scores]) -> tuple[Verdict, ...]:
    """Every pair of strategies, judged together at ALPHA; strategies without a score have no pair."""
    names = [name for name, of in scores.items() if of]
    pairs = list(combinations(names, 2))
    differences = [_differences(scores[a], scores[b]) for a, b in pairs]
    methods = [method_for(len(one), len(pairs)) for one in differences]
    tests = {"paired t": paired_t, "sign flips": sign_flips, "": lambda _: 1.0}
    chances = [tests[method](one) for method, one in zip(methods, differences, strict=True)]
    rows = zip(pairs, differences, methods, chances, holm(chances), strict=True)
    return tuple(_verdict(*pair, one, method, p, held, len(pairs)) for pair, one, method, p, held in rows)


def with_leader(scores: Mapping[str, Scores]) -> tuple[Verdict, ...]:
    """The verdicts of the strategy with the best mean on each of the others, in the order given."""
    ahead = leader(scores)
    return tuple(one for one in verdicts(scores) if ahead in (one.ahead, one.behind))


def leader(scores: Mapping[str, Scores]) -> str:
    """The strategy with the best mean; the first of equals, "" of none."""
    means = {name: sum(of.values()) / len(of) for name, of in scores.items() if of}
    return max(means, key=lambda name: means[name], default="")


def _differences(a: Scores, b: Scores) -> np.ndarray:
    """Score of a minus score of b, for each seed that both have."""
    return np.array([a[seed] - b[seed] for seed in a if seed in b], float)


def _verdict(a: str, b: str, of: np.ndarray, method: str, p: float, held: tuple[float, float], pairs: int) -> Verdict:
    """One pair's verdict, the strategy with the higher mean first."""
    mean = float(of.mean()) if len(of) else 0.0
    if mean < 0:
        a, b, of, mean = b, a, -of, -mean
    if not method:
        return Verdict(a, b, mean, len(of), False, "", pairs)
    corrected, level = held
    clear = corrected <= ALPHA
    if method == "sign flips":
        low, high = flip_interval(of, level)
    else:
        found = interval(list(of), level)
        low, high = found.low or 0.0, found.high or 0.0
    needed = None if clear else seeds_needed(of, level)
    return Verdict(a, b, mean, len(of), clear, method, pairs, level, low, high, p, corrected, needed)
