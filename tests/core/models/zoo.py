"""Every kind of model that an experiment can name, small: the table that the property tests walk."""

from __future__ import annotations

import torch
from torch import Tensor

from core.models.build import Model, build
from core.spec import DIRECTIONS, LATE_JOINS, Experiment, ModelSpec

WORDS, CLASSES, B, T = 11, 3, 2, 7


def spec(**changes: object) -> ModelSpec:
    return ModelSpec(**{"width": 8, "layers": 2, "heads": 2, "feed_forward": 12, **changes})  # type: ignore[arg-type]


def _zoo() -> dict[str, ModelSpec]:
    one = [{"direction": direction} for direction in DIRECTIONS]
    late = [{"direction": "both", "join": join, "tied": tied} for join in LATE_JOINS for tied in (False, True)]
    plain = [dict(family=family, **more) for family in ("transformer", "lstm") for more in (*one, *late)]
    placed = [{"direction": d, "positions": p} for d in DIRECTIONS for p in ("sinusoidal", "rotary", "alibi", "none")]
    built = [{"norm_place": "post"}, {"norm": "rms"}, {"key_heads": 1}, {"activation": "swiglu", "key_heads": 1}]
    built += [{"activation": kind} for kind in ("gelu-tanh", "relu", "swiglu")]
    near = [{"direction": d, "window": 1, "positions": p} for d in DIRECTIONS for p in ("learned", "alibi", "rotary")]
    topped = [
        {"family": family, "direction": "both", "join": "concat", "read_out": "mlp"}
        for family in ("transformer", "lstm")
    ]
    built += [{"direction": "both", "norm_place": "post", "embedding_norm": True, "token_types": 2, "places": 9}]
    built += [{"read_out": "transform", "norm_epsilon": 1e-12}]
    everything = [*plain, *placed, *built, *near, *topped, {"family": "lstm", "layers": 1}, {"dropout": 0.3}]
    return {" ".join(str(value) for value in more.values()): spec(**more) for more in everything}


ZOO = _zoo()
ONE_WAY = {name: one for name, one in ZOO.items() if not one.two_way}
TWO_WAY = {name: one for name, one in ZOO.items() if one.two_way}


def grown(one: ModelSpec) -> Model:
    """The model in float64 and with every weight moved away from its start, so that no path is closed by a zero."""
    model = build(Experiment(model=one), WORDS, CLASSES).double().eval()
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            draw = torch.Generator().manual_seed(number)
            parameter += 0.3 * torch.randn(parameter.shape, generator=draw, dtype=parameter.dtype)
    return model


def sentence(rows: int = B, length: int = T) -> Tensor:
    return torch.randint(0, WORDS, (rows, length), generator=torch.Generator().manual_seed(5))
