"""Ceilings at the figures of the course, and by the formulas at any parameters."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.registry import GAMES
from core.data.tasks.chain import chain
from core.data.tasks.compare import Compare
from core.data.tasks.negate import Negate
from core.data.tasks.recall import Recall
from core.data.tasks.sense import Sense
from core.fields import SpecError
from tests.core.data.tasks.outcomes import OUTCOMES, bayes, joint

share = st.floats(0, 1)
FIGURES = [  # SCIENCE §1.2: left, right, both
    ("sense", {"p": 0.5}, (0.75, 0.75, 1)),
    ("sense", {}, (0.6, 0.9, 1)),
    ("sense", {"p": 0.7, "K": 4, "epsilon": 0.1}, (0.445, 0.705, 0.9)),
    ("negate", {}, (0.7, 0.5, 1)),
    ("brackets", {}, (0.75, 0.75, 1)),
    ("cloze", {}, (0.4812, 0.4782, 0.6872)),
    ("entity", {}, (0.65, 0.85, 1)),
    ("recall", {"n": 3}, (0.3333, 0.125, 1)),
    ("compare", {}, (0.7857, 0.7857, 1)),
    ("gap", {}, (0.625, 0.625, 1)),
]


@pytest.mark.parametrize(("name", "settings", "figures"), FIGURES)
def test_figures_of_the_course(name: str, settings: dict[str, float], figures: tuple[float, ...]) -> None:
    ceilings = GAMES[name](**settings).ceilings()
    assert (ceilings.left, ceilings.right, ceilings.both) == pytest.approx(figures, abs=5e-5)


@given(p=share, epsilon=share, K=st.integers(2, 4))
def test_sense_at_any_parameters(p: float, epsilon: float, K: int) -> None:
    game = Sense(p=p, epsilon=epsilon, K=K, A=1, T=3)
    ceilings = game.ceilings()
    for view in ("left", "right", "both"):
        assert getattr(ceilings, view) == pytest.approx(bayes(OUTCOMES["sense"](game), view))


@given(p=share, person=share, place=share)
def test_entity_at_any_parameters(p: float, person: float, place: float) -> None:
    if person + place > 1:
        with pytest.raises(SpecError, match="more than all names") as caught:
            GAMES["entity"](p=p, person=person, place=place)
        place = caught.value.works["data.place"]
    game = GAMES["entity"](p=p, person=person, place=place, T=5)
    ceilings = game.ceilings()
    for view in ("left", "right", "both"):
        assert getattr(ceilings, view) == pytest.approx(bayes(OUTCOMES["entity"](game), view))


@given(N=st.integers(2, 20))
def test_compare_at_any_size(N: int) -> None:
    game = Compare(N=N, T=3)
    for view in ("left", "right", "both", "tied", "unordered"):
        assert getattr(game.ceilings(), view) == pytest.approx(bayes(OUTCOMES["compare"](game), view))


@pytest.mark.parametrize("game", [Negate(r=0.3, T=3), Negate(r=0.8, T=4), Recall(n=2)], ids=repr)
def test_additive_models_fitted_by_cross_entropy_gain_nothing_from_the_right(game: Negate | Recall) -> None:
    """Cross-entropy of logits f(left) + g(right) is convex; it is least where, given each left view and each right
    view, expected labels equal expected predictions. The left reader's posterior with g = 0 already fulfils both.
    """
    name = "negate" if isinstance(game, Negate) else "recall"
    posterior = {
        view: {label: chance / sum(row.values()) for label, chance in row.items()}
        for view, row in joint(OUTCOMES[name](game), "left").items()
    }
    expected: dict[object, dict[int, float]] = {}
    for chance, words, labels in OUTCOMES[name](game):
        ((t, _),) = labels.items()
        row = expected.setdefault((len(words) - t, words[t:]), {})
        for label, share_of_label in posterior[words[: t + 1]].items():
            row[label] = row.get(label, 0) + chance * share_of_label
    for view, row in joint(OUTCOMES[name](game), "right").items():
        assert {label: pytest.approx(chance) for label, chance in row.items()} == expected[view]
    assert game.ceilings().additive == game.ceilings().left


def test_chain_is_stationary_and_never_impossible() -> None:
    for S, alpha, seed in ((2, 0.1, 1), (12, 0.25, 0), (20, 10.0, 7)):
        rows, start = chain(S, alpha, seed)
        assert rows.sum(1) == pytest.approx(1)
        assert start @ rows == pytest.approx(start)
        assert (rows > 0).all()
        assert (start > 0).all()
    assert chain(12, 0.25, 0)[1].max() == pytest.approx(0.1643, abs=5e-5)  # the best guess without any context


def test_chain_rows_spread_with_alpha() -> None:
    sharpest = [chain(12, alpha, 3)[0].max(1).mean() for alpha in (0.1, 0.5, 2.0, 10.0)]
    assert all(a > b for a, b in pairwise(sharpest))
    assert math.isclose(chain(12, 0.25, 0)[0].sum(), 12)


@pytest.mark.parametrize(
    ("name", "settings", "field"),
    [
        ("sense", {"K": 1}, "data.K"),
        ("sense", {"p": 1.2}, "data.p"),
        ("negate", {"T": 2}, "data.T"),
        ("brackets", {"T": 7}, "data.T"),
        ("cloze", {"S": 2.5}, "data.S"),
        ("entity", {"person": 0.9}, "data.place"),
        ("gap", {"g": 0}, "data.g"),
        ("recall", {"n": 9}, "data.n"),
        ("compare", {"N": "eight"}, "data.N"),
    ],
)
def test_impossible_settings_offer_possible_ones(name: str, settings: dict[str, object], field: str) -> None:
    with pytest.raises(SpecError) as caught:
        GAMES[name](**settings)
    assert caught.value.name == field
    repaired = {key.removeprefix("data."): value for key, value in caught.value.works.items()}
    GAMES[name](**{**settings, **repaired}).sample(np.random.default_rng(0), 4)
