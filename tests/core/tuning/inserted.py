"""Every kind of insert, put into the small models of the zoo."""

from __future__ import annotations

from collections.abc import Callable

import torch

from core.models.build import Model, build
from core.spec import Experiment, ModelSpec
from core.tuning.inserts_adapters import add_adapters
from core.tuning.inserts_lora import add_lora
from core.tuning.inserts_prefix import add_prefix
from core.tuning.inserts_prompt import add_prompt
from tests.core.models.zoo import CLASSES, WORDS, ZOO

PLACES = 3
Insert = Callable[[Model, torch.Generator], None]
INSERTS: dict[str, Insert] = {
    "lora attention": lambda model, draw: add_lora(model, 2, 3.0, "attention", draw),
    "lora all": lambda model, draw: add_lora(model, 2, 3.0, "all", draw),
    "adapters": lambda model, draw: add_adapters(model, 5, draw),
    "prefix": lambda model, draw: add_prefix(model, PLACES, draw),
    "prompt": lambda model, draw: add_prompt(model, PLACES, draw),
}
UNCHANGED = ("lora attention", "lora all", "adapters")  # at first they say what the model said
_TRANSFORMERS = [name for name, one in ZOO.items() if one.family == "transformer"]
PAIRS = [(name, kind) for kind in UNCHANGED for name in _TRANSFORMERS[::7]]  # they read no other word
PAIRS += [(name, kind) for kind in ("prefix", "prompt") for name in _TRANSFORMERS]
PAIRS += [(name, "prompt") for name, one in ZOO.items() if one.family == "lstm"]
PLACED = [pair for pair in PAIRS if pair[1] in ("prefix", "prompt")]


def base(one: ModelSpec) -> Model:
    return build(Experiment(model=one), WORDS, CLASSES).eval()


def put(kind: str, model: Model) -> Model:
    INSERTS[kind](model, torch.Generator().manual_seed(3))
    return model.eval()


def grown(one: ModelSpec, kind: str) -> Model:
    """With the insert, in float64, every weight moved away from its start."""
    model = put(kind, base(one)).double()
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            draw = torch.Generator().manual_seed(number)
            parameter += 0.3 * torch.randn(parameter.shape, generator=draw, dtype=parameter.dtype)
    return model
