"""Translating with a run's model in the terminal: what was read, what a decoder wrote, and where each word looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.decoding.registry import DECODERS, Options, fitting
from core.decoding.trace import Decoded, from_json
from core.fields import read
from core.runs.failures import LookError
from core.runs.models import open_model
from core.runs.store import Store


def translate(
    store: Store, run: str, step: int | None, text: str, decoder: str, options: dict[str, Any]
) -> dict[str, Any]:
    """Plain values about one translation; `text` "" takes a held-out sentence. Raises in words what can't be done."""
    experiment, eye = open_model(store, run, step)
    can = fitting(experiment.model)
    if not can:
        raise LookError("Only an encoder–decoder translates. `python -m core look` looks into this model.")
    chosen = read(Options, options, "decode")
    seen = eye.translate(text, 0, 1, decoder, options)
    last = from_json(seen.notes["events"][-1])
    assert isinstance(last, Decoded)
    return {
        "source": list(seen.tokens),
        "written": seen.notes["written"][0],
        "decoder": decoder or can[0],
        "options": {name: getattr(chosen, name) for name in DECODERS[decoder or can[0]].obeys},
        "probabilities": list(last.probabilities),
        "log_probability": last.log_probability,
        "finished": last.finished,
        "attention": None if last.attention is None else [list(row) for row in last.attention],
        "events": seen.notes["events"],
    }


def in_lines(told: dict[str, Any]) -> str:
    """The source, then each written word with its probability and the source word that it looked at most."""
    rows = [f"read        {' '.join(told['source'])}", f"written     {' '.join(told['written'])}"]
    rows.append(f"decoder     {told['decoder']}, log-probability {told['log_probability']:.3f} nats")
    looks: Sequence[Any] = told["attention"] or [None] * len(told["written"])
    for word, chance, look in zip(told["written"], told["probabilities"], looks, strict=True):
        rows.append(f"{word:<16} {chance:7.4f}{_most(look, told['source'])}")
    return "\n".join(rows)


def _most(look: list[float] | None, source: list[str]) -> str:
    if look is None:
        return ""
    at = max(range(len(look)), key=look.__getitem__)
    return f"   looks at {source[at]} ({look[at]:.2f})"
