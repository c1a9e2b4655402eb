"""A small pretrained model to fine-tune from, the same in every test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from core.data.registry import open_source
from core.events import Snapshot
from core.spec import Experiment, from_json
from core.starts import Start
from core.training import train

MODEL = {"direction": "both", "width": 16, "layers": 3, "heads": 2, "feed_forward": 16}


@cache
def small_start(steps: int = 30) -> Start:
    """A Transformer of three narrow layers that has filled blanks for a moment."""
    about: dict[str, Any] = {
        "data": {"task": "sentences"},
        "model": MODEL,
        "objective": {"name": "masked-word"},
        "train": {"steps": steps, "held_out": 20, "snapshots": 1},
    }
    experiment = from_json(about)
    source = open_source(experiment.data.settings)
    path = Path(mkdtemp()) / "start.safetensors"
    for event in train(experiment, source):
        if isinstance(event, Snapshot):
            event.state.save(path)
    return Start("A small one", experiment, source, len(source.classes), source.length, 0, path)


def tuned(strategy: str, question: str = "xor", steps: int = 6, **more: Any) -> Experiment:
    """An experiment that fine-tunes it; `more` are settings of the strategy."""
    train_part = {"steps": steps, "held_out": 40, "snapshots": 1, "warm_up": 2}
    tune = {"strategy": strategy, "start": "run:" + "0" * 32, "labels": 24, **more}
    data = {"task": "transfer", "question": question}
    return from_json({"data": data, "model": MODEL, "train": train_part, "tune": tune})
