"""Parameters that learn in groups: one AdamW each, whose memory is kept while the group rests."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.models.heads import WordScores
from core.models.kernels import HALF, Linear
from core.optimiser import AdamW
from core.spec import TrainSpec


class Groups:
    """Behaves as one optimiser. `enter` says who learns now and at which factor of the rate; all others are frozen.

    `pulls`: λ of the pull to the start (see AdamW), by group.
    """

    def __init__(
        self,
        model: nn.Module,
        train: TrainSpec,
        groups: Mapping[str, tuple[str, ...]],
        half: bool = False,
        pulls: Mapping[str, float] | None = None,
    ) -> None:
        named = dict(model.named_parameters())
        self.frozen = list(named.values())
        self.members = {group: [named[name] for name in names] for group, names in groups.items() if names}
        self.parts = {
            group: AdamW(model, train, half, groups[group], (pulls or {}).get(group, 0.0)) for group in self.members
        }
        self.rates: dict[str, float] = {}
        if half:
            _round_the_rest(model)

    def enter(self, rates: Mapping[str, float]) -> None:
        """From now on these groups learn, each at its factor of the learning rate."""
        if self.rates == rates:
            return
        self.rates = {group: factor for group, factor in rates.items() if group in self.parts}
        for one in self.frozen:
            one.requires_grad_(False)
        for group in self.rates:
            for one in self.members[group]:
                one.requires_grad_(True)

    def step(self, rate: float) -> Tensor:
        """Move whoever learns now; returns the norm of their gradients together, which is what is clipped."""
        norms = [self.parts[group].collect() for group in self.rates]
        norm: Tensor = torch.stack(norms).norm()
        for group, factor in self.rates.items():
            self.parts[group].move(rate * factor, norm)
        return norm

    def state(self) -> dict[str, Tensor]:
        return {f"{group}/{name}": value for group, part in self.parts.items() for name, value in part.state().items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        for group, part in self.parts.items():
            own = f"{group}/"
            part.restore({name.removeprefix(own): one for name, one in state.items() if name.startswith(own)})

    def renew(self) -> None:
        for part in self.parts.values():
            part.renew()


@torch.no_grad()
def _round_the_rest(model: nn.Module) -> None:
    """Layers that never learn have their bfloat16 copy, too."""
    for one in model.modules():
        if isinstance(one, Linear | WordScores) and one.rounded is None:
            one.rounded = one.weight.to(HALF)
