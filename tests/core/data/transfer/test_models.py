"""Models of these sentences: what they can know, what is asked of them, and that no limit is ever passed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from core.data.transfer.questions import QUESTIONS, Transfer
from core.describe import describe
from core.events import Finished, Sampled
from core.fields import SpecError
from core.insight import can_know
from core.limits import ceiling_of
from core.spec import Experiment, from_json
from core.training import train

DIRECTIONS = ("left-to-right", "right-to-left", "both")
USUAL = dict(zip(DIRECTIONS, ("next-word", "previous-word", "masked-word"), strict=True))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def of(data: dict[str, Any], steps: int, **model: Any) -> Experiment:
    train_ = {"steps": steps, "evaluate_every": steps, "learning_rate": 0.01, "held_out": 1500, "batch": 64}
    return from_json({"data": data, "model": {"size": "tiny", **model}, "train": train_})


def measured(experiment: Experiment) -> tuple[dict[str, float], list[Sampled]]:
    events = list(train(experiment, experiment.data.settings))
    finished = events[-1]
    assert isinstance(finished, Finished)
    return finished.metrics["held_out"], [event for event in events if isinstance(event, Sampled)]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_sentences_are_asked_for_the_word_that_the_direction_leaves_unseen(direction: str) -> None:
    experiment = of({"task": "sentences"}, 60, direction=direction)
    assert experiment.objective_name == USUAL[direction]
    held_out, written = measured(experiment)
    assert held_out["floor"] < held_out["loss"] < math.log(255)
    assert written
    assert ceiling_of(experiment) is None
    assert "word" in can_know(experiment)


@pytest.mark.parametrize(
    ("question", "direction", "below"),
    [("mood", "both", 0.06), ("slot", "left-to-right", 0.04), ("slot", "right-to-left", 0.06)],
)
def test_a_ceiling_is_reached_and_never_passed(question: str, direction: str, below: float) -> None:
    experiment = of({"task": "transfer", "question": question}, 150, direction=direction)
    ceiling = ceiling_of(experiment)
    assert ceiling is not None
    chance = math.sqrt(ceiling * (1 - ceiling) / 1500)
    assert ceiling - below - 3 * chance < measured(experiment)[0]["accuracy"] < ceiling + 3 * chance


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_each_question_says_what_can_be_known(question: str, direction: str) -> None:
    experiment = of({"task": "transfer", "question": question}, 10, direction=direction)
    assert experiment.objective_name == QUESTIONS[question].objective
    said = describe(experiment)
    assert said.ceiling == ceiling_of(experiment)
    assert len(said.can_know) > 60
    if question == "slot" and direction == "left-to-right":
        assert "80 %" in said.can_know
    if direction == "both":
        assert f"{100 * Transfer(question=question).ceilings().both:.1f}".removesuffix(".0") in said.can_know


def test_another_objective_is_refused_with_the_one_that_works() -> None:
    with pytest.raises(SpecError) as caught:
        from_json({"data": {"task": "transfer", "question": "odd"}, "objective": {"name": "classify"}})
    assert caught.value.works == {"objective.name": "tag"}
    experiment = from_json({"data": {"task": "transfer"}})
    assert experiment.with_({"data.question": "odd"}).objective_name == "tag"
