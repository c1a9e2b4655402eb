"""What fine-tuning did to a model: how far each layer moved, how its states changed, what they can still tell."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from core.data.contract import IGNORE, Batch
from core.data.transfer.questions import Transfer
from core.events import Compared
from core.looking.probes import fit, probe
from core.looking.similarity import cka, effective_rank
from core.models.build import Model
from core.models.tap import tapped
from core.objectives import Question, ask, encoded
from core.training import generator
from core.tuning.strategy import layer_of
from core.tuning.terms import mean_state

if TYPE_CHECKING:
    from core.tuning.loop import Tuning

SENTENCES = 600  # whose states are compared; several times the width
PROBED = 2000
FEW = 18  # labels of the third task: what is known so well that a few examples tell it
THIRD = 9  # stream of random draws, beside those of core.training


def compare(tuning: Tuning) -> Compared:
    """The model now beside the one that it started from."""
    tuned, start = tuning.tuned, deepcopy(tuning.tuned)
    start.load_state_dict(tuning.before)
    tuned.eval()
    question = ask(tuning.checked["held_out"].rows(slice(SENTENCES)), tuning.device)
    before, after = layers_of(start, question), layers_of(tuned, question)
    known = {"start": knows(tuning, start), "tuned": knows(tuning, tuned)}
    if tuned.partner is not None:
        tuned.partner.eval()
        known["partner"] = knows(tuning, tuned.partner) | _between(tuned.partner, start, tuned, question)
    tuned.train()
    alike = {name: cka(before[name], after[name]) for name in before}
    return Compared(tuning.step, moved(tuned, tuning.before), list(alike), list(alike.values()), known)


def moved(model: Model, before: dict[str, Tensor]) -> dict[str, float]:
    """‖θ − θ₀‖ / ‖θ₀‖ by layer; a layer that was all zeros has moved by ‖θ‖."""
    away: dict[str, float] = {}
    size: dict[str, float] = {}
    for name, now in model.named_parameters():
        row, then = layer_of(name, model.spec.sizes.layers), before[name].to(now.device)
        away[row] = away.get(row, 0.0) + float((now - then).square().sum())
        size[row] = size.get(row, 0.0) + float(then.square().sum())
    return {row: (away[row] / (size[row] or 1.0)) ** 0.5 for row in away}


def layers_of(model: Model, question: Question) -> dict[str, np.ndarray]:
    """By layer, (B, D) the mean state of each sentence."""
    with tapped(model) as seen:
        encoded(model, question)
    kept = {name: one for name, one in seen.items() if name == "embedding" or name.endswith(".state")}
    kept["joined"] = seen["joined"]
    return {name: _numbers(mean_state(one, question.lengths)) for name, one in kept.items()}


def knows(tuning: Tuning, model: Model) -> dict[str, float]:
    """What linear probes tell from a model's last states, and how many directions those use."""
    source, data = tuning.source, tuning.experiment.data.settings
    batch = source.sample(generator(0, THIRD), PROBED)
    x, y = states_and_labels(model, batch, tuning.device)
    found = {"rank": effective_rank(x)}
    if (one := probe(x, y, np.arange(len(y)) >= len(y) // 2)) is not None:
        found["task"] = one.accuracy
    third = Transfer(question="topic")
    if isinstance(data, Transfer) and data.question != "topic" and source.words == third.words:
        some = states_and_labels(model, third.pool(generator(0, THIRD, 1), FEW), tuning.device)
        x, y = states_and_labels(model, third.held_out(PROBED // 2), tuning.device)
        found["third"] = float((fit(*some).guess(x) == y).mean())
    return found


def states_and_labels(model: Model, batch: Batch, device: torch.device) -> tuple[np.ndarray, np.ndarray]:
    """(N, D') last states and (N,) labels: of whole sentences their mean state, else of each word that is asked."""
    question = ask(batch, device)
    states = encoded(model, question)
    if batch.answers is not None:
        return _numbers(mean_state(states, question.lengths)), batch.answers
    asked = batch.labels != IGNORE
    return _numbers(states[torch.from_numpy(asked).to(device)]), batch.labels[asked]


def _between(partner: Model, start: Model, tuned: Model, question: Question) -> dict[str, float]:
    """How alike the pretrained model's last states are to what they were, and to the fine-tuned model's."""
    p, s, f = (_numbers(mean_state(encoded(one, question), question.lengths)) for one in (partner, start, tuned))
    return {"cka": cka(s, p), "near": cka(p, f)}


def _numbers(states: Tensor) -> np.ndarray:
    numbers: np.ndarray = states.detach().float().cpu().numpy()
    return numbers
