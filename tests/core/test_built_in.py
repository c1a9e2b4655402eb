"""The pretrained model that comes along: it opens, is small, is what its recipe makes, and is near its floor."""

from __future__ import annotations

import numpy as np
import torch

from core.built_in import WEIGHTS, pretraining
from core.checkpoints import TrainingState, load_model
from core.data.transfer.questions import Transfer
from core.models.counts import count
from core.runs.pretraining import masked_loss


def test_it_is_small_and_says_what_it_was_trained_on() -> None:
    assert WEIGHTS.stat().st_size < 2_000_000
    state = TrainingState.load(WEIGHTS)
    assert state.experiment == pretraining().resolved()
    assert state.step == pretraining().train.steps
    assert not state.optimiser
    parameters = sum(one.numel() for one in state.weights.values())
    assert parameters == sum(part.parameters for part in count(pretraining(), state.words, state.classes))


def test_it_is_near_the_least_possible_loss_and_not_below() -> None:
    found = masked_loss(WEIGHTS, 500)
    assert 0 < found["loss"] - found["floor"] < 0.06


def test_it_knows_the_mood_of_a_hidden_adverb_without_a_label() -> None:
    """Words that stand for a mood, added up, answer as well as the best reader (SCIENCE §3: 0.905, Bayes 0.900)."""
    task, model = Transfer(question="slot"), load_model(WEIGHTS)
    ids = [[task.words.index(word) for word in some] for some in task.verbaliser or ()]
    for batch in (task.held_out(2000), task.shifted(2000)):
        asked = batch.labels >= 0
        with torch.no_grad():
            scores = model(torch.from_numpy(batch.tokens)).logits.numpy()[asked]
        sums = np.stack([np.exp(scores[:, words]).sum(1) for words in ids], axis=1)
        right = (sums.argmax(1) == batch.labels[asked]).mean()
        assert abs(right - 0.9) < 3 * np.sqrt(0.9 * 0.1 / 2000)
