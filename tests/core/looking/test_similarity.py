"""CKA and effective rank as defined, unmoved by what must not matter; neighbours as scikit-learn finds them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from core.looking.similarity import cka, cka_table, effective_rank, nearest

DRAW = np.random.default_rng(0)
X, Y = DRAW.normal(size=(60, 7)) * np.arange(1, 8), DRAW.normal(size=(60, 5)) + 3


def by_kernels(x: np.ndarray, y: np.ndarray) -> float:
    """CKA by its definition: HSIC of the two kernel matrices with the centring matrix."""
    n = len(x)
    centre = np.eye(n) - 1 / n
    a, b = (centre @ one @ one.T @ centre for one in (x, y))
    return float(np.trace(a @ b) / np.sqrt(np.trace(a @ a) * np.trace(b @ b)))


@pytest.mark.parametrize("rows", [60, 4])
def test_cka_is_the_alignment_of_centred_kernels(rows: int) -> None:
    assert cka(X[:rows], Y[:rows]) == pytest.approx(by_kernels(X[:rows], Y[:rows]), abs=1e-10)


def test_cka_knows_no_rotation_scale_or_shift() -> None:
    turn = np.linalg.qr(DRAW.normal(size=(7, 7)))[0]
    assert cka(X, 3 * X @ turn + 5) == pytest.approx(1)
    assert cka(X, X * np.linspace(0, 1, 7)) < 0.999
    assert cka(X, np.ones((60, 3))) == 0


def test_a_table_has_every_pair_of_layers() -> None:
    table = cka_table([X, Y], [X, Y, X])
    assert table.shape == (2, 3)
    assert table[0, 0] == pytest.approx(1)
    assert table[1, 0] == pytest.approx(cka(X, Y))


def test_rank_is_what_it_counts() -> None:
    equal = np.kron([[1.0], [-1.0]], np.eye(4))  # four directions, equally used
    assert effective_rank(equal) == pytest.approx(4)
    assert effective_rank(np.outer(np.arange(9.0), np.ones(5))) == pytest.approx(1)
    assert effective_rank(np.ones((9, 5))) == 1
    shares = np.linalg.svd(X - X.mean(0), compute_uv=False) ** 2
    shares /= shares.sum()
    assert effective_rank(X) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert effective_rank(X[:3]) <= 2 + 1e-9  # three points span a plane


def test_neighbours_are_those_of_scikit_learn() -> None:
    places, cosines = nearest(X[:9], X, 6)
    far, expected = NearestNeighbors(n_neighbors=6, metric="cosine", algorithm="brute").fit(X).kneighbors(X[:9])
    assert (places == expected).all()
    assert np.allclose(cosines, 1 - far, atol=1e-9)
