"""What sits on top: a read-out turns a word's state into a score for each answer (or each word of the vocabulary)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from core.models.kernels import Linear


class ReadOut(nn.Module):
    """states (…, D') -> logits (…, K). "linear": one map; "mlp": one hidden layer of `width` units first."""

    def __init__(self, kind: str, states: int, width: int, classes: int) -> None:
        super().__init__()
        self.hidden = Linear(states, width) if kind == "mlp" else None
        self.scores = Linear(width if kind == "mlp" else states, classes)

    def features(self, states: Tensor) -> Tensor:
        """What the last linear map reads: (…, D') -> (…, D' or width)."""
        return states if self.hidden is None else F.gelu(self.hidden(states))

    def forward(self, states: Tensor) -> Tensor:
        logits: Tensor = self.scores(self.features(states))
        return logits
