"""Rollout and flow equal their definitions, computed by other means."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

from core.looking.flow import affordable, flow, mixed, rollout


def attention(layers: int, words: int, causal: bool = False) -> np.ndarray:
    weights = np.random.default_rng(layers + words).dirichlet(np.full(words, 0.3), (layers, 2, words))
    weights = np.tril(weights) + 1e-12 * np.eye(words) if causal else weights
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def test_rollout_is_the_product_of_the_layers() -> None:
    weights = attention(3, 5)
    expected = np.eye(5)
    for layer, through in zip(weights, rollout(weights), strict=True):
        graph = 0.5 * layer.mean(0) + 0.5 * np.eye(5)
        expected = graph / graph.sum(-1, keepdims=True) @ expected
        assert np.allclose(through, expected, atol=1e-12)
    assert np.allclose(rollout(weights).sum(-1), 1)


def by_networkx(graph: np.ndarray, t: int, s: int) -> float:
    edges = networkx.DiGraph()
    for layer, above, below in zip(*np.nonzero(graph), strict=True):
        edges.add_edge((layer + 1, above), (layer, below), capacity=graph[layer, above, below])
    return float(networkx.maximum_flow_value(edges, (len(graph), t), (0, s)))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("layers", "words"), [(1, 4), (2, 5), (4, 5), (3, 6)])
def test_flow_is_the_maximum_flow_of_networkx(layers: int, words: int, causal: bool) -> None:
    weights = attention(layers, words, causal)
    graph = mixed(weights)
    expected = np.zeros((words, words))
    for t, s in np.ndindex(words, words):
        if not causal or s <= t:
            expected[t, s] = by_networkx(graph, t, s)
    found = flow(weights)
    assert np.abs(found - expected).max() < 1e-6
    assert np.allclose(flow(weights, [words - 1]), found[-1:])


def test_flow_takes_back_what_blocks_a_wider_way() -> None:
    """The widest first path runs across; only by taking some of it back does everything get through."""
    weights = np.zeros((3, 1, 3, 3))
    weights[2, 0, 0], weights[1, 0, 0], weights[1, 0, 1] = [0.0, 1.0, 0.0], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4]
    weights[0, 0] = [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]
    for row in weights.reshape(-1, 3):
        if not row.any():
            row[:] = 1 / 3
    graph = mixed(weights)
    assert flow(weights, [0])[0, 0] == pytest.approx(by_networkx(graph, 0, 0), abs=1e-9)


def test_all_words_are_asked_only_where_that_is_quick() -> None:
    assert affordable(np.zeros((2, 4, 24, 24)))
    assert not affordable(np.zeros((12, 12, 64, 64)))
