"""Putting something into a finished model: a part becomes another kind of itself, with a few learned numbers more.

The part stays the same object with the same weights under the same names; its class is a subclass that also reads what
was put in. So a model without inserts is the plain one and pays nothing, and taking them out gives back the very same
model. What is put in learns; what was there is frozen or not as a strategy says.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from core.models.kernels import Linear
from core.models.transformer import Block


class Inserted:
    """Mixed into each kind of part that has something put in: the class that it was, and what it has on top."""

    plain: type[nn.Module]
    extra: tuple[str, ...]


def insert(part: nn.Module, kind: type[nn.Module], **added: object) -> None:
    """`part` goes on as a `kind`, which is Inserted and a subclass of what it was, with `added` on top."""
    part.__class__ = kind
    for name, one in added.items():
        setattr(part, name, one)


def take_out(part: nn.Module) -> None:
    """`part` is plain again; one that has nothing put in stays as it is."""
    if isinstance(part, Inserted):
        for name in part.extra:
            delattr(part, name)
        part.__class__ = part.plain  # type: ignore[assignment]


def remove(model: nn.Module) -> None:
    """Take out all that was put in: what is left is the model as it was, bit for bit where it didn't learn."""
    for part in list(model.modules()):
        take_out(part)


def blocks(model: nn.Module) -> Iterator[Block]:
    """All layers of a Transformer; of two stacks one after the other."""
    return (part for part in model.modules() if isinstance(part, Block))


def linears(block: Block, where: str) -> tuple[Linear, ...]:
    """The linear maps of one layer: those of "attention", or "all"."""
    attention = block.attention.query_key_value, block.attention.output
    return attention if where == "attention" else (*attention, block.feed_forward.inner, block.feed_forward.outer)


def zeros(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(shape))
