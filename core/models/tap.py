"""Taps: how anyone sees inside a model, alive only inside a `with`.

    with tapped(model) as seen:
        model(tokens)
    seen["stack.0.attention"]  # (B, H, T, S)

Names. `embedding` (B, T, D); then for each stack (`stack`, or `forward` and `backward` when two are joined late) and
layer 0, 1, …: `stack.0.attention` (B, H, T, S) weights of a Transformer, `stack.0.gates` (B, T, 4D) of an LSTM in the
order input, forget, cell, output (8D when a layer reads both ways: forward gates, then backward ones) and its memory
`stack.0.cell` (B, T, D or 2D), and `stack.0.state` (B, T, D), the layer's output (2D when an LSTM layer reads both
ways). `joined` (B, T, D') is what the read-out reads. All in reading order: position t is word t, whichever way a stack
reads.

Where fine-tuning put learned places before the words (a prefix or a soft prompt, `core.tuning`), all of these keep to
the words: S = T, and a row of attention adds up to less than 1. The rest of it is `stack.0.prefix` (B, H, T, P).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from core.models.build import Network


class Tap:
    """Keeps what is shown to it under its path; without a place to keep things (`alive` False) it does nothing."""

    def __init__(self, seen: dict[str, Tensor] | None = None, path: str = "") -> None:
        self.seen, self.path = seen, path

    @property
    def alive(self) -> bool:
        return self.seen is not None

    def at(self, name: str | int) -> Tap:
        """The tap one level further in: `tap.at("stack").at(0)`."""
        return Tap(self.seen, f"{self.path}{name}.") if self.alive else self

    def keep(self, name: str, value: Tensor) -> None:
        if self.seen is not None:
            self.seen[self.path + name] = value


QUIET = Tap()


@contextmanager
def tapped(model: Network) -> Iterator[dict[str, Tensor]]:
    """Everything that passes inside `model` while the block lasts, by name; the newest pass wins."""
    before, seen = model.tap, dict[str, Tensor]()
    model.tap = Tap(seen)
    try:
        yield seen
    finally:
        model.tap = before
