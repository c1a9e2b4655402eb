"""Models of labelled sentences reach what is possible from where they stand, and never more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from core.data.registry import LABELLED, open_source
from core.events import Finished, Marked
from core.fields import SpecError
from core.insight import can_know
from core.limits import ceiling_of
from core.spec import Experiment, from_json
from core.training import train


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As a worker trains: threads that spin cost these small models many times a step on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learned(experiment: Experiment) -> dict[str, float]:
    for event in train(experiment, experiment.data.settings):
        if isinstance(event, Finished):
            return event.metrics["held_out"]
    raise AssertionError("the run never finished")


def labelled(task: str, steps: int = 150, **model: Any) -> Experiment:
    train_ = {"steps": steps, "evaluate_every": steps, "learning_rate": 0.01, "held_out": 1500}
    return from_json({"data": {"task": task}, "model": {"size": "tiny", **model}, "train": train_})


@pytest.mark.parametrize(
    ("task", "model", "below"),
    [
        ("sentiment", {"direction": "left-to-right", "pool": "last"}, 0.05),
        ("sentiment", {"direction": "left-to-right", "pool": "first"}, 0.03),
        ("topic", {"direction": "left-to-right", "pool": "first"}, 0.02),
        ("topic", {"direction": "right-to-left", "pool": "last"}, 0.02),
        ("names", {"direction": "both"}, 0.02),
        ("names", {"direction": "left-to-right"}, 0.03),
        ("names", {"direction": "right-to-left", "family": "lstm"}, 0.03),
        ("speech", {"direction": "right-to-left"}, 0.03),
    ],
)
def test_a_ceiling_is_reached_and_never_passed(task: str, model: dict[str, str], below: float) -> None:
    experiment = labelled(task, **model)
    ceiling = ceiling_of(experiment)
    assert ceiling is not None
    accuracy = learned(experiment)["accuracy"]
    chance = math.sqrt(ceiling * (1 - ceiling) / 1500)
    assert ceiling - below - 3 * chance < accuracy < ceiling + 3 * chance + 1e-9


def test_one_direction_at_the_wrong_end_is_told_so() -> None:
    words = can_know(labelled("topic", direction="left-to-right", pool="first"))
    assert "before it has read the sentence" in words
    assert "16.7 %" in words
    for pool in ("mean", "last"):
        assert "98.6 %" in can_know(labelled("topic", direction="left-to-right", pool=pool))
    assert "50 %" in can_know(labelled("sentiment", direction="right-to-left", pool="last"))


@pytest.mark.parametrize("task", LABELLED)
@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_each_set_says_what_can_be_known(task: str, direction: str) -> None:
    for family in ("transformer", "lstm"):
        assert len(can_know(labelled(task, direction=direction, family=family))) > 60


@pytest.mark.parametrize("task", LABELLED)
def test_a_set_is_asked_for_its_labels_only(task: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_json({"data": {"task": task}, "objective": {"name": "masked-word"}})
    assert caught.value.works == {"objective.name": LABELLED[task].objectives[0]}


@pytest.mark.parametrize(
    ("task", "score"), [("names", "f1"), ("speech", "macro_f1"), ("sentiment", "macro_f1"), ("own-tags", "f1")]
)
def test_a_run_tells_its_scores_its_mistakes_and_a_few_sentences(task: str, score: str) -> None:
    experiment = labelled(task, direction="both")
    told = list(train(experiment, open_source(experiment.data.settings)))
    marked = [event for event in told if isinstance(event, Marked)][-1]
    measured = next(event for event in told if isinstance(event, Finished)).metrics["held_out"]
    table = np.array(marked.table)
    assert table.sum() == measured["n"]
    assert np.trace(table) / table.sum() == pytest.approx(measured["accuracy"])
    assert 0.75 < measured[score] <= 1
    assert len(marked.sentences) == 4
    for sentence in marked.sentences:
        assert (
            len(sentence["truth"]) == len(sentence["said"]) == len(sentence["sure"]) == (len(sentence["places"]) or 1)
        )


def test_names_by_the_likeliest_legal_row_can_use_words_that_come_later() -> None:
    """Word by word a left-to-right model must guess whose name begins; the sentence's best row of tags knows."""
    scores = {}
    for way in ("repaired", "likeliest legal"):
        experiment = labelled("names", direction="left-to-right").with_({"objective.spans": way})
        scores[way] = learned(experiment)
    assert scores["repaired"]["accuracy"] == scores["likeliest legal"]["accuracy"]
    assert scores["likeliest legal"]["f1"] > scores["repaired"]["f1"] + 0.2
