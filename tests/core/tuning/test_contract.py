"""What every strategy promises before a run is what the run then does."""

from __future__ import annotations

from copy import deepcopy
from math import prod
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.checkpoints import copy_weights
from core.data.registry import open_source
from core.models.build import Model
from core.models.shapes import shapes
from core.objectives import ask, encoded
from core.parts.tune import RATES
from core.parts.tune import STRATEGIES as SETTINGS
from core.spec import Experiment, TuneSpec
from core.training import Control
from core.tuning.inserts import remove
from core.tuning.inserts_lora import merge
from core.tuning.loop import Tuning, weights_of
from core.tuning.plan import plan
from core.tuning.registry import STRATEGIES
from core.tuning.strategy import HEAD, part_of
from tests.core.models.zoo import CLASSES, WORDS, ZOO
from tests.core.tuning.inserted import PAIRS, PLACES, base, put
from tests.core.tuning.pretrained import small_start, tuned

STEPS = 3
OF_KIND = {  # an insert of the zoo as a strategy with its settings
    "lora attention": ("lora", {"rank": 2, "where": "attention"}),
    "lora all": ("lora", {"rank": 2, "where": "all"}),
    "adapters": ("adapters", {"bottleneck": 5}),
    "prefix": ("prefix", {"prompt": PLACES}),
    "prompt": ("soft-prompt", {"prompt": PLACES}),
}


def begun(name: str) -> Tuning:
    experiment = tuned(name, "slot" if name == "zero-shot" else "xor").resolved()
    return Tuning(experiment, open_source(experiment.data.settings), None, Control(), small_start())


def states(run: Tuning, model: Model) -> Tensor:
    """What the model makes of some sentences, dropout off."""
    question = ask(run.checked["held_out"].rows(slice(8)), run.device)
    with torch.no_grad():
        return encoded(deepcopy(model).eval(), question)


def pretrained(run: Tuning) -> Tensor:
    """What the start makes of the same sentences."""
    plain = deepcopy(run.tuned)
    remove(plain)
    ours = {name: one for name, one in weights_of(run.start).items() if part_of(name) == "body"}
    plain.load_state_dict(ours, strict=False)
    return states(run, plain)


def moved(before: dict[str, Tensor], model: Model) -> set[str]:
    return {name for name, one in copy_weights(model).items() if not torch.equal(one, before[name])}


def test_every_strategy_is_there_and_says_what_it_is() -> None:
    assert list(STRATEGIES) == list(SETTINGS)
    assert set(RATES) <= set(SETTINGS)
    for name, one in STRATEGIES.items():
        assert one.name == name
        assert one.title
        assert one.source
        assert one.story.endswith(".")
        assert len(one.story) > 40


@pytest.mark.parametrize("name", STRATEGIES)
def test_counts_before_a_run_are_those_of_the_model_that_runs(name: str) -> None:
    run, start = begun(name), small_start()
    told = plan(run.experiment, len(start.words), len(run.source.classes), start.past)
    built = {one: tuple(parameter.shape) for one, parameter in run.tuned.named_parameters()}
    assert dict(told.parameters) == built
    learns = [one for names in told.groups.values() for one in names]
    assert len(learns) == len(set(learns))  # no parameter is in two groups
    assert told.learning == sum(prod(built[one]) for one in learns)
    assert {one for phase in told.phases for one in phase.rates} <= set(told.groups) | {HEAD}
    assert sum(phase.share for phase in told.phases) == pytest.approx(1)


@pytest.mark.parametrize("name", STRATEGIES)
def test_where_it_is_promised_the_start_is_the_pretrained_model_bit_for_bit(name: str) -> None:
    run = begun(name)
    same = torch.equal(states(run, run.tuned), pretrained(run))
    assert same is (STRATEGIES[name].same_at_first and not STRATEGIES[name].fresh)


@pytest.mark.parametrize("name", [name for name, one in STRATEGIES.items() if not one.prompts])
def test_no_weight_moves_but_those_that_were_promised(name: str) -> None:
    run, start = begun(name), small_start()
    before = copy_weights(run.tuned)
    promised = plan(run.experiment, len(start.words), len(run.source.classes), start.past)
    for _ in range(STEPS):
        learning = {one for group in promised.phases[run.phases.index(_phase(run))].rates
                    for one in promised.groups.get(group, ())}  # fmt: skip
        then = copy_weights(run.tuned)
        run.learn()
        assert moved(then, run.tuned) <= learning
    assert moved(before, run.tuned)


def _phase(run: Tuning) -> Any:
    """The phase of the next step."""
    return next((one for one in run.phases if run.step < one[0]), run.phases[-1])


INSERTED = ("features", "soft-prompt", "prefix", "adapters", "lora")


@pytest.mark.parametrize("name", INSERTED)
def test_taken_out_after_learning_the_pretrained_model_is_back_bit_for_bit(name: str) -> None:
    run = begun(name)
    for _ in range(STEPS):
        run.learn()
    assert not torch.equal(states(run, run.tuned), pretrained(run))
    plain = deepcopy(run.tuned)
    remove(plain)
    assert torch.equal(states(run, plain), pretrained(run))
    start = weights_of(run.start)
    assert all(torch.equal(one, start[name]) for name, one in copy_weights(plain).items() if part_of(name) == "body")


def test_merged_after_learning_it_says_the_same() -> None:
    run = begun("lora")
    for _ in range(STEPS):
        run.learn()
    whole = deepcopy(run.tuned)
    merge(whole)
    torch.testing.assert_close(states(run, whole), states(run, run.tuned), rtol=0, atol=1e-5)
    assert not any(name.endswith((".down", ".up")) for name in whole.state_dict())


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_what_is_added_is_told_for_every_kind_of_model(name: str, kind: str) -> None:
    strategy, settings = OF_KIND[kind]
    plain = Experiment(model=ZOO[name])
    body = shapes(plain, WORDS, CLASSES)
    experiment: Any = SimpleNamespace(model=plain.model, tune=TuneSpec(strategy=strategy, **settings))
    built = {one: tuple(parameter.shape) for one, parameter in put(kind, base(ZOO[name])).named_parameters()}
    assert body | STRATEGIES[strategy].added(experiment, body) == built
    learns = STRATEGIES[strategy].groups(experiment, tuple(built))["body"]
    assert set(learns) == built.keys() - body.keys()
