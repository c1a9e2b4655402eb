"""Sentences to pretrain on and questions to fine-tune on, as the pages show them."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.batches import END, FIRST
from core.data.contract import IGNORE
from core.data.transfer.questions import QUESTIONS
from core.spec import DIRECTIONS, Experiment, from_json
from core.text import MASK
from tests.ui.test_own_labels import can_train, draft, healthy, said, script
from ui import links
from ui.panels.code import excerpt
from ui.panels.foresight import functions_of
from ui.panels.look_examples import EXAMPLES, example, own

pytestmark = pytest.mark.usefixtures("store")


def of(task: str, direction: str = "both", **data: str) -> Experiment:
    return from_json({"data": {"task": task, **data}, "model": {"direction": direction}})


def built(experiment: Experiment) -> AppTest:
    at = AppTest.from_function(script, default_timeout=30)
    at.query_params["experiment"] = links.encode(experiment)
    return healthy(at.run())


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_sentences_can_be_built_and_trained(direction: str) -> None:
    at = built(of("sentences", direction))
    assert can_train(at)
    assert draft(at) == of("sentences", direction)
    assert "least possible loss" in said(at)


def test_each_question_can_be_chosen() -> None:
    at = built(of("transfer"))
    for question, about in QUESTIONS.items():
        next(one for one in at.get("button_group") if one.label == "Question").set_value(question)
        at = healthy(at.run())
        assert can_train(at)
        assert (draft(at).data.settings.question, draft(at).objective_name) == (question, about.objective)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_code_of_each_can_be_shown(direction: str) -> None:
    for experiment in (of("sentences", direction), *(of("transfer", direction, question=q) for q in QUESTIONS)):
        for reference in functions_of(experiment):
            assert excerpt(reference)[0]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_example_to_look_at_is_a_held_out_sentence_with_its_answer(question: str) -> None:
    experiment = of("transfer", question=question)
    source = experiment.data.settings
    batch = source.held_out(EXAMPLES)
    for number in (0, 5, EXAMPLES + 7):
        looked, row = example(experiment, source, number), number % EXAMPLES
        assert (source.encode(looked.text) == batch.tokens[row]).all()
        assert looked.asked == tuple(np.flatnonzero(batch.labels[row] != IGNORE))
        assert own(experiment, source, looked.text).asked == looked.asked
        assert looked.whole == ("" if batch.answers is None else source.classes[batch.answers[row]])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_sentence_to_look_at_asks_for_the_word_that_was_left_out(direction: str) -> None:
    experiment = of("sentences", direction)
    source = experiment.data.settings
    for number in range(5):
        looked, whole = example(experiment, source, number), source.held_out(EXAMPLES).tokens[number]
        (place,) = looked.asked
        ids = source.encode(looked.text)
        assert ids[place] not in (FIRST, END)
        assert (ids[place] == MASK) == (direction == "both")
        assert source.words.index(looked.truth[place]) in whole
