"""Holding a model still while someone looks: no dropout, and everything back as it was afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from core.models.build import Network


@contextmanager
def still(model: nn.Module) -> Iterator[nn.Module]:
    """`model` in evaluation mode while the block lasts."""
    training = model.training
    model.eval()
    try:
        yield model
    finally:
        model.train(training)


def sentence(model: Network, tokens: np.ndarray) -> Tensor:
    """Token ids (T,) or (B, T) as the model reads them: (B, T) int64 on its device."""
    return torch.from_numpy(np.atleast_2d(tokens).astype(np.int64)).to(model.words.weight.device)
