"""The cheat detector: it warns exactly where a model depends on its own answer, and cheating looks as it says."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from core.cheating import OFFSET, honest, leak, wires
from core.data.corpora import open_text
from core.describe import describe
from core.events import Evaluated, Sampled
from core.looking.influence import leaks
from core.spec import OBJECTIVE_OF, Experiment, ModelSpec, ObjectiveSpec, from_json
from core.training import train
from tests.core.models.zoo import WORDS, ZOO, T, grown, spec

HONEST = {objective: direction for direction, objective in OBJECTIVE_OF.items()}
NARROW = {f"window 1, {d}": spec(direction=d, window=1) for d in ("left-to-right", "right-to-left", "both")}
MODELS = ZOO | NARROW


def asked(model: dict[str, object], objective: str, **train: object) -> Experiment:
    return from_json(
        {"data": {"task": "text", "length": 8}, "model": model, "objective": {"name": objective}, "train": train}
    )


def of(model: ModelSpec, objective: str) -> Experiment:
    text = from_json({"data": {"task": "text"}})
    return Experiment(text.data, model, ObjectiveSpec(objective))


@pytest.mark.parametrize(("name", "objective"), product(MODELS, OFFSET))
def test_it_warns_exactly_where_a_state_depends_on_its_answer(name: str, objective: str) -> None:
    tokens, step = np.arange(T) % WORDS, OFFSET[objective]
    moved = leaks(grown(MODELS[name]), tokens, HONEST[objective])
    copies = {(t, s) for t, s in moved if s == t + step}
    assert len(copies) in (0, T - 1)
    assert (leak(of(MODELS[name], objective)) is not None) == bool(copies)


@pytest.mark.parametrize("direction", OBJECTIVE_OF)
@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_honest_pairs_and_games_do_not_leak(family: str, direction: str) -> None:
    model = {"family": family, "direction": direction}
    for experiment in (asked(model, OBJECTIVE_OF[direction]), from_json({"model": model})):
        assert leak(experiment) is None
        assert honest(experiment) == []


@pytest.mark.parametrize(("name", "objective"), product(MODELS, OFFSET))
def test_a_path_runs_along_wires_from_the_answer_to_the_state(name: str, objective: str) -> None:
    found = leak(of(MODELS[name], objective))
    if found is None:
        return
    layers = MODELS[name].sizes.layers
    assert found.path[0] == (0, "", found.answer)
    assert found.path[-1] == (layers + 1, "", found.asked)
    assert found.answer - found.asked == OFFSET[objective]
    assert set(pairwise(found.path)) <= set(wires(MODELS[name]))
    assert found.hops == layers + 1 + (MODELS[name].family == "lstm")  # a memory needs one step in time as well


def test_attention_has_wires_as_far_as_its_window_reaches() -> None:
    reach = {
        window: {abs(a[2] - b[2]) for a, b in wires(spec(direction="both", window=window))} for window in (1, None)
    }
    assert reach == {1: {0, 1}, None: {0, 1, 2, 3}}


@pytest.mark.parametrize(
    ("model", "objective", "told"),
    [
        (
            {"direction": "both"},
            "next-word",
            "To guess word 4 at word 3, the model reads word 4 itself: "
            "word 4 → attention of layer 1 → word 3’s state → answer.",
        ),
        (
            {"direction": "both", "family": "lstm"},
            "next-word",
            "To guess word 4 at word 3, the model reads word 4 itself: "
            "word 4 → backward pass of layer 1 → word 3’s state → answer.",
        ),
        (
            {"direction": "both", "join": "sum"},
            "previous-word",
            "To guess word 2 at word 3, the model reads word 2 itself: "
            "word 2 → attention of layer 1 (forward stack) → word 3’s state → answer.",
        ),
    ],
)
def test_the_path_is_told_in_words(model: dict[str, object], objective: str, told: str) -> None:
    experiment = asked(model, objective)
    assert describe(experiment, 9, 9).to_json()["leak"] == told
    assert "copy its answer" in describe(experiment, 9, 9).can_know


def test_an_honest_model_is_described_without_a_leak() -> None:
    experiment = asked({"direction": "left-to-right"}, "next-word")
    assert describe(experiment, 9, 9).to_json()["leak"] is None
    assert "copy" not in describe(experiment, 9, 9).can_know


@pytest.mark.parametrize(
    ("model", "objective"),
    [
        ({"direction": "both"}, "next-word"),
        ({"direction": "right-to-left"}, "next-word"),
        ({"direction": "left-to-right"}, "previous-word"),
        ({"direction": "both", "join": "sum", "tied": True}, "previous-word"),
    ],
)
def test_each_way_out_is_honest(model: dict[str, object], objective: str) -> None:
    experiment = asked(model, objective)
    ways = honest(experiment)
    assert [next(iter(way)) for way in ways] == ["objective.name", "model.direction"]
    assert all(leak(experiment.with_(way)) is None for way in ways)


def test_a_cheating_model_falls_below_the_least_possible_loss_and_writes_nonsense() -> None:
    sizes = {"direction": "both", "width": 32, "layers": 1, "heads": 2, "feed_forward": 32}
    experiment = asked(sizes, "next-word", steps=150, batch=32, held_out=40, evaluate_every=150, learning_rate=0.01)
    events = list(train(experiment, open_text(experiment.data.settings)))
    measured = [one for one in events if isinstance(one, Evaluated)][-1].held_out
    assert measured["loss"] < measured["floor"] - 0.5
    assert measured["accuracy"] > 0.7
    (wrote,) = [one for one in events if isinstance(one, Sampled)]
    assert "[mask]" not in wrote.given  # it writes on
    right = np.mean([a == b for a, b in zip(wrote.written, wrote.truth, strict=True)])
    assert right < measured["accuracy"] / 2
