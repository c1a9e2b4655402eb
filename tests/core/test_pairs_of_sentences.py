"""Models that judge two sentences: both losses added, token types read, counted, said in words, looked into."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.batches import frame
from core.data.contract import IGNORE, Batch
from core.data.registry import open_source
from core.events import Evaluated, Sampled
from core.insight import can_know
from core.limits import ceiling_of
from core.looking.look import look
from core.models.build import build
from core.models.counts import count
from core.objectives import answer, ask, evaluate
from core.parts.objective import OF_PAIRS
from core.spec import Experiment, from_json
from core.training import train

CPU = torch.device("cpu")
SMALL = {"direction": "both", "width": 16, "layers": 1, "heads": 2, "feed_forward": 16}


def asked(objective: str, **model: object) -> Experiment:
    plain = {"data": {"task": "two-sentences"}, "model": {**SMALL, **model}, "objective": {"name": objective}}
    return from_json(plain)


def framed(experiment: Experiment, n: int = 8) -> Batch:
    data = experiment.data.settings
    return frame(experiment.objective, data.held_out(n), np.random.default_rng(0), len(data.words))


def test_both_losses_are_added() -> None:
    experiment = asked("masked-and-next")
    data = experiment.data.settings
    model, batch = build(experiment, len(data.words), len(data.classes)), framed(experiment)
    assert model.filler is not None
    question = ask(batch, CPU)
    states = model.encode(model.embed(question.tokens, kinds=question.kinds))
    words = torch.nn.functional.cross_entropy(
        model.filler(states).flatten(0, 1), torch.from_numpy(batch.labels).flatten(), ignore_index=IGNORE
    )
    pair = torch.nn.functional.cross_entropy(model.read_out(states.mean(1)), question.answers)
    assert answer(model, question)[0].item() == pytest.approx((words + pair).item(), rel=1e-5)
    measured = evaluate(model, batch, CPU)
    assert measured["loss"] == pytest.approx((words + pair).item(), rel=1e-5)
    assert measured["pair_loss"] == pytest.approx(pair.item(), rel=1e-5)


@pytest.mark.parametrize("objective", OF_PAIRS)
@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_parameters_are_counted_and_token_types_found(objective: str, family: str) -> None:
    experiment = asked(objective, family=family, join="concat" if family == "lstm" else "deep")
    data = experiment.data.settings
    model, batch = build(experiment, len(data.words), len(data.classes)), framed(experiment)
    counted = sum(part.parameters for part in count(experiment, len(data.words), len(data.classes)))
    assert counted == sum(weight.numel() for weight in model.parameters())
    assert batch.kinds is not None
    tokens, kinds = torch.from_numpy(batch.tokens), torch.from_numpy(batch.kinds)
    assert torch.equal(model.embed(tokens), model.embed(tokens, kinds=kinds))
    assert can_know(experiment)


def test_what_binds_a_model_of_pairs() -> None:
    assert ceiling_of(asked("sentence-order")) == 0.9
    assert ceiling_of(asked("next-sentence")) == pytest.approx(0.9122, abs=5e-5)
    assert ceiling_of(asked("next-sentence", direction="left-to-right", pool="first")) == 0.5
    assert ceiling_of(asked("masked-and-next")) is None  # of its words none is known
    assert "nothing" in can_know(asked("next-sentence", direction="left-to-right", pool="first"))


@pytest.mark.parametrize("objective", OF_PAIRS)
def test_each_trains_and_judges_and_can_be_looked_into(objective: str) -> None:
    experiment = asked(objective).with_({"train.steps": 20, "train.held_out": 50, "train.evaluate_every": 20})
    source = open_source(experiment.data.settings)
    events = list(train(experiment, source))
    (wrote,) = [one for one in events if isinstance(one, Sampled)]
    assert wrote.written[-1] in source.classes
    assert len(wrote.written) == len(wrote.truth) == wrote.given.count("[mask]") + 1
    measured = [one for one in events if isinstance(one, Evaluated)][-1].held_out
    assert ("pair_accuracy" in measured) == (objective == "masked-and-next")
    model = build(experiment, len(source.words), len(source.classes))
    ids = framed(experiment).tokens[0]
    for what in ("attention", "states", "influence"):
        picture = look(model, source, ids, what)
        assert sum(chance for _, chance in picture.notes["whole"]) == pytest.approx(1)
        assert len(picture.notes["prediction"]) == len(ids)
