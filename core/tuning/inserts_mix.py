"""A mix of all layers' states in place of the last one's (Peters et al. 2018, ELMo, equation 1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.attention import allow
from core.models.build import Model
from core.models.heads import ReadOut
from core.models.tap import Tap
from core.models.transformer import Transformer
from core.tuning.inserts import Inserted, insert, zeros


class MixedTransformer(Inserted, Transformer):
    """γ Σ_j s_j h_j over the embedding h_0 and all L layers, s = softmax(`mix`), γ = `gain`; at first their mean.

    Each h_j is normed as the last one is, so that none counts for being long (their section 3.2). The mix is for the
    `reader` (model, read-out) that it was made with: another read-out of the model, as its pretrained one, gets h_L.
    """

    plain, extra = Transformer, ("mix", "gain", "reader")
    mix: Tensor
    gain: Tensor
    reader: tuple[Model, ReadOut]

    def forward(self, x: Tensor, direction: str, tap: Tap, sees: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D). `sees`: see `Transformer`."""
        model, reader = self.reader
        if model.read_out is not reader:
            return super().forward(x, direction, tap, sees)
        allowed = None if sees is None else allow(direction, self.window, sees)
        states = [x]
        for number, block in enumerate(self.blocks):
            states.append(block(states[-1], direction, tap.at(number), allowed))
        normed = torch.stack([self.norm(h) for h in states], dim=-1)  # (B, T, D, L + 1)
        mixed: Tensor = self.gain * (normed @ self.mix.softmax(0).to(normed))
        return mixed


def add_mix(model: Model) -> None:
    """Let the read-out read a mix of all layers, in each stack."""
    for stack in [part for part in model.modules() if isinstance(part, Transformer)]:
        gain = nn.Parameter(torch.ones(()))
        insert(stack, MixedTransformer, mix=zeros(len(stack.blocks) + 1), gain=gain, reader=(model, model.read_out))
