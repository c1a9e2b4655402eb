"""Who can see whom: how strongly each word's state depends on each word, measured on the model itself.

J[t, s] = ‖∂h_t/∂e_s‖_F, the Frobenius norm of the derivative of state h_t by embedding e_s: exactly 0 wherever the
direction forbids t to see s, whatever the architecture.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.looking.attention import NothingToSee
from core.looking.still import sentence, still
from core.models.build import Model
from core.models.direction import visible
from core.models.tap import tapped
from core.picture import Picture
from core.spec import ModelSpec

BUDGET = 4.5e10  # floating-point operations for one picture: about half a second on one core
PATIENCE = 15.0  # seconds that all directions may take where they are asked for
TRAFFIC = 2700  # what it costs to move one number through a layer and back, in operations of a matrix product
AT_ONCE = 2**19  # numbers (N·T·D) in one batch of products: little memory, and near the processor's cache
FEWEST = 4  # directions of a state, at least


def influence(model: Model, tokens: np.ndarray, exact: bool = False) -> Picture:
    """Jacobian norms of one sentence, tokens (T,): arrays "influence" (T, S) and "allowed" (T, S) bool.

    `exact`: all directions of each state, unless that takes longer than PATIENCE; else as many as fit into BUDGET, so
    that large models give an estimate, whose zeros are exact. notes: "largest_forbidden" (None where nothing is
    forbidden), "directions" k of "of" D' (see `probes`), and "error", the median relative standard error of the values:
    0 where all directions were taken.
    """
    with still(model), torch.no_grad():
        embedded = model.embed(sentence(model, tokens))  # (1, T, D)
        T, D = model.encode(embedded).shape[1:]  # D' of a state
    k = _all(model, T, D) if exact else affordable(model, T, D)
    squares = vector_jacobian_squares(model, embedded, probes(D, k).to(embedded))  # (T, k, S)
    norms = np.sqrt(squares.mean(axis=1) * D)  # (T, S)
    allowed = visible(model.spec.direction, T, reach(model.spec))
    notes = {
        "direction": model.spec.direction,
        "largest_forbidden": None if allowed.all() else float(norms[~allowed].max()),
        "directions": k,
        "of": D,
        "error": 0.0 if k == D else _relative_error(squares),
    }
    arrays = {"influence": norms.astype(np.float32), "allowed": allowed}
    return Picture((), arrays, {"influence": ("T", "S"), "allowed": ("T", "S")}, notes)


def influence_and_leaks(model: Model, tokens: np.ndarray, exact: bool = False) -> Picture:
    """`influence`, with what changing each word shows: "moved" (T, S), and notes["leaks"], [t, s] that must not be."""
    picture, moved = influence(model, tokens, exact), changes(model, tokens)
    arrays, axes = {**picture.arrays, "moved": moved}, {**picture.axes, "moved": ("T", "S")}
    return Picture((), arrays, axes, {**picture.notes, "leaks": forbidden_moves(model, moved)})


def reach(spec: ModelSpec) -> int | None:
    """How far a word may see through all layers on each side: the windows of its layers in a row; None: no limit."""
    return None if spec.family == "lstm" or spec.window is None else spec.window * spec.sizes.layers


def affordable(model: Model, T: int, D: int) -> int:
    """How many directions of each state fit into BUDGET: at most D, all of them.

    A product passes every weight at every word, and moves each layer's numbers about: on small models that costs more.
    """
    return int(np.clip(BUDGET / operations(model, T), min(FEWEST, D), D))


def _all(model: Model, T: int, D: int) -> int:
    """D, if that many directions can be waited for."""
    if (seconds := D * operations(model, T) / BUDGET * 0.5) > PATIENCE:
        raise NothingToSee(
            f"All {D} directions of each state would take about {seconds:.0f} seconds here. Take a shorter sentence, "
            "or the estimate: what it says to be zero is zero."
        )
    return D


def operations(model: Model, T: int) -> float:
    """What one direction of every word's state costs, in operations of a matrix product."""
    spec, sizes = model.spec, model.spec.sizes
    passes = 2 if spec.late or (spec.two_way and spec.family == "lstm") else 1
    numbers = sizes.width + sizes.heads * T / 4 if spec.family == "transformer" else 2 * sizes.width
    weights = sum(one.numel() for name, one in model.named_parameters() if not name.startswith(("words", "read_out")))
    product = T * (2 * weights + TRAFFIC * passes * sizes.layers * numbers)
    return float(T * product)


def probes(D: int, k: int) -> Tensor:
    """(k, D) orthonormal directions: the axes themselves where k = D, else random ones, the same at every call.

    D/k · Σ ‖vᵀJ‖² over them is an unbiased estimate of ‖J‖_F² (Hutchinson 1989), and exact where k = D.
    """
    if k == D:
        return torch.eye(D)
    random = torch.randn(D, k, generator=torch.Generator().manual_seed(0))
    orthonormal: Tensor = torch.linalg.qr(random)[0]  # (D, k)
    return orthonormal.T


def vector_jacobian_squares(model: Model, embedded: Tensor, directions: Tensor) -> np.ndarray:
    """‖vᵀ ∂h_t/∂e_s‖² for every word t and direction v: embedded (1, T, D), directions (k, D') -> (T, k, S).

    The sentence goes forward once; N products at a time come back through it, as one batch.
    """
    T, k = embedded.shape[1], len(directions)
    given = embedded.detach().requires_grad_()  # (1, T, D)
    with still(model), torch.enable_grad(), tapped(model):  # tapped: the readable arithmetic, which can be batched
        states = model.encode(given)  # (1, T, D')
    chunk = max(1, AT_ONCE // given.numel())
    squares = []
    for first in range(0, T * k, chunk):
        product = torch.arange(first, min(first + chunk, T * k))
        t, v = product // k, product % k  # (N,): the word, the direction of its state
        asked = states.new_zeros(len(t), *states.shape)  # (N, 1, T, D')
        asked[torch.arange(len(t)), 0, t] = directions[v]
        (gradient,) = torch.autograd.grad(
            states, given, asked, retain_graph=True, is_grads_batched=True
        )  # (N, 1, S, D)
        squares.append(gradient[:, 0].square().sum(-1))  # (N, S)
    return torch.cat(squares).view(T, k, T).double().cpu().numpy()


def _relative_error(squares: np.ndarray) -> float:
    """Median standard error of √(mean of k squares), relative to it: half that of the mean, by the delta method."""
    k, mean = squares.shape[1], squares.mean(axis=1)
    spread = squares.std(axis=1, ddof=1) / np.sqrt(k)
    return float(np.median((spread[mean > 0] / mean[mean > 0]) / 2))


def changes(model: Model, tokens: np.ndarray) -> np.ndarray:
    """(T, S) how far the state of word t moves, its largest number, when word s is changed for another; tokens (T,).

    One batch of T + 1 sentences, each but the last with one word changed.
    """
    T = len(tokens)
    batch = sentence(model, tokens).repeat(T + 1, 1)  # (T + 1, T)
    place = torch.arange(T)
    batch[place, place] = (batch[place, place] + 1) % model.words.num_embeddings
    with still(model), torch.no_grad():
        states = model(batch, torch.zeros(1, dtype=torch.long, device=batch.device)).states  # (T + 1, T, D')
    moved: np.ndarray = (states[:-1] - states[-1]).abs().amax(-1).T.float().cpu().numpy()
    return np.ascontiguousarray(moved)


def forbidden_moves(
    model: Model, moved: np.ndarray, direction: str | None = None, tolerance: float = 1e-6
) -> list[tuple[int, int]]:
    """(t, s) where `moved` (T, S) is more than `tolerance` though `direction` forbids t to see s."""
    forbidden = ~visible(direction or model.spec.direction, len(moved), reach(model.spec))
    return [(int(t), int(s)) for t, s in np.argwhere((moved > tolerance) & forbidden)]


def leaks(
    model: Model, tokens: np.ndarray, direction: str | None = None, tolerance: float = 1e-6
) -> list[tuple[int, int]]:
    """(t, s) where changing word s moves state t though `direction`, the model's own unless given, forbids it.

    An honest model leaks nothing.
    """
    return forbidden_moves(model, changes(model, tokens), direction, tolerance)
