"""How alike two sets of hidden states are, how many directions one uses, and which states lie near. numpy only."""

from __future__ import annotations

import numpy as np


def cka(x: np.ndarray, y: np.ndarray) -> float:
    """Linear centred kernel alignment of states x (N, D) and y (N, D') of the same N words: 0…1.

    ‖XᵀY‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F) on centred columns (Kornblith et al. 2019, section 3). 1: the same up to rotation and
    one scale; what N should be: several times D (500 or more). 0 where one of the two doesn't vary at all.
    """
    x, y = (np.asarray(one, dtype=np.float64) - np.mean(one, axis=0, dtype=np.float64) for one in (x, y))
    if len(x) < min(x.shape[1], y.shape[1]):  # the same by inner products of words, which are fewer
        a, b = x @ x.T, y @ y.T  # (N, N)
        size, shared = np.linalg.norm(a) * np.linalg.norm(b), (a * b).sum()
    else:
        size, shared = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y), np.square(x.T @ y).sum()
    return float(shared / size) if size > 0 else 0.0


def cka_table(a: list[np.ndarray], b: list[np.ndarray]) -> np.ndarray:
    """(L, M) CKA of every layer of one model with every layer of another (or of itself), states (N, ·) each."""
    return np.array([[cka(x, y) for y in b] for x in a])


def effective_rank(x: np.ndarray) -> float:
    """How many directions the states x (N, D) use: exp of the entropy of their shares of variance, 1…D.

    Shares are squared singular values of the centred states over their sum (after Roy & Vetterli 2007, who take the
    singular values themselves).
    """
    centred = np.asarray(x, dtype=np.float64) - np.mean(x, axis=0, dtype=np.float64)
    narrow = centred.T @ centred if centred.shape[1] <= len(centred) else centred @ centred.T
    shares = np.clip(np.linalg.eigvalsh(narrow), 0.0, None)
    total = shares.sum()
    if total <= 0:
        return 1.0
    shares = shares[shares > total * 1e-14] / total
    return float(np.exp(-(shares * np.log(shares)).sum()))


def nearest(x: np.ndarray, states: np.ndarray, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """The k states (N, D) whose direction is nearest to each of x (M, D): indices (M, k) and cosines (M, k).

    Ties go to the lower index. A state of length 0 has cosine 0 with all.
    """
    a, b = (_unit(np.asarray(one, dtype=np.float64)) for one in (np.atleast_2d(x), states))
    cosines = a @ b.T  # (M, N)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(cosines, order, axis=1)


def _unit(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), np.finfo(float).tiny))
