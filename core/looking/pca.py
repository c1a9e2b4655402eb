"""Principal components, and turning one picture so that it lies as well as it can on another. numpy only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.picture import Picture


def pca(x: np.ndarray, k: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The k directions of largest variance of x (N, D): mean (D,), directions (k, D), their share of variance (k,).

    The eigenvectors of the covariance (Pearson 1901); where there are fewer points than dimensions, by singular values.
    Where x spans fewer than k directions, the rest are zeros.
    """
    mean = x.mean(axis=0)
    centred = x - mean
    if len(x) >= x.shape[1]:
        values, vectors = np.linalg.eigh(centred.T @ centred)  # from the least variance up
        variance, directions = np.clip(values[::-1], 0, None), vectors.T[::-1]
    else:
        _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
        variance = lengths**2
    found = min(k, len(variance))
    kept, share = np.zeros((k, x.shape[1])), np.zeros(k)
    kept[:found] = directions[:found]
    share[:found] = variance[:found] / max(variance.sum(), np.finfo(float).tiny)
    return mean, kept, share


def turn(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """(k, k) rotation or reflection R that brings points (N, k) nearest to `onto` (N, k): orthogonal Procrustes.

    The signs and, between close variances, the order of principal components are arbitrary: without this, the same
    cloud jumps from frame to frame (Schönemann 1966).
    """
    left, _, right = np.linalg.svd(points.T @ onto)
    return np.asarray(left @ right)


def aligned(picture: Picture, reference: Picture) -> Picture:
    """The hidden states of one snapshot turned onto those of another, layer by layer; distances stay as they are."""
    arrays = dict(picture.arrays)
    turns = [turn(a, b) for a, b in zip(picture.arrays["points"], reference.arrays["points"], strict=True)]
    for name in ("points", "own"):
        arrays[name] = np.stack([layer @ r for layer, r in zip(arrays[name], turns, strict=True)])
    return replace(picture, arrays=arrays)
