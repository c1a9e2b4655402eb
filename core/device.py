"""Where a run computes, in which number format, and what its numbers and memory must not do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import torch

from core.events import Event
from core.spec import ModelSpec, TrainSpec

FULL = (
    "This run needs more memory than there is, or than a run may use here (BOTHWAYS_MEMORY_MB). Choose a smaller size, "
    "batch, context or vocabulary, or a smaller checkpoint."
)
PAYS = 2**24  # multiplications in one matrix product, from which on rounding it is worth its while


class DeviceError(RuntimeError):
    """A device or format that this machine hasn't got, in words."""


THERE: dict[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "mps": torch.backends.mps.is_available,
    "cpu": lambda: True,
}


def devices() -> list[str]:
    """The devices that this machine has, the best first."""
    return [name for name, found in THERE.items() if found()]


def choose_device(wanted: str) -> torch.device:
    """CUDA, then Apple's MPS, then the CPU for "auto"; a device asked for by name must be there."""
    if wanted == "auto":
        return torch.device(devices()[0])
    if not THERE[wanted]():
        raise DeviceError(f"This machine has no {wanted.upper()} device. Choose “auto”, and the best one is taken.")
    return torch.device(wanted)


def choose_precision(train: TrainSpec, model: ModelSpec, tokens: int, device: torch.device) -> str:
    """ "bfloat16" where large matrix products gain by it, else "float32"; what was asked for by name is taken.

    On a CPU only the products of Transformers are rounded, where it has instructions for that and a step of `tokens`
    has enough to multiply (measured: equal at 2²³, 1.4 times as fast at 2²⁵ multiplications a product).
    """
    if train.precision != "auto":
        return train.precision
    if device.type == "cpu":
        pays = tokens * model.sizes.width * model.sizes.feed_forward >= PAYS
        return "bfloat16" if pays and model.family == "transformer" and native_bfloat16() else "float32"
    return (
        "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    )


def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 numbers in hardware (AVX512-BF16 or AMX)."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def rounding(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """On a GPU torch's autocast rounds what is safe to round; on a CPU the layers do it themselves (kernels.py)."""
    if precision == "bfloat16" and device.type != "cpu":
        return torch.autocast(device.type, torch.bfloat16)
    return contextlib.nullcontext()


def without_denormals(events: Iterator[Event]) -> Iterator[Event]:
    """Compute the next event with numbers below 1e-38 taken as zero, as nobody else's numbers are while it is told.

    AdamW's memory of rare words fades into such numbers, and CPUs are very slow with them.
    """
    while True:
        torch.set_flush_denormal(True)
        try:
            event = next(events, None)
        finally:
            torch.set_flush_denormal(False)
        if event is None:
            return
        yield event


def out_of_memory(problem: Exception) -> bool:
    words = str(problem).lower()
    return isinstance(problem, MemoryError | torch.OutOfMemoryError) or "allocate memory" in words
