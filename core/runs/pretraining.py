"""The built-in pretrained model, trained anew by the same worker as any run, and measured beside what is possible."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.built_in import pretraining
from core.data.batches import frame
from core.data.transfer.sentences import Sentences
from core.parts.objective import ObjectiveSpec
from core.runs.foreground import result, run_here
from core.runs.store import Store

TESTED = 2000  # held-out sentences


def pretrain(store: Store, out: Path) -> dict[str, Any]:
    """Train it, write its weights alone to `out`, and tell the run's result and what `masked_loss` measures."""
    from core.checkpoints import TrainingState

    run = run_here(store, pretraining(), "The built-in pretrained model")
    state = TrainingState.load(store.snapshot(run.id, store.snapshots(run.id)[-1]))
    replace(state, optimiser={}).save(out)
    told = result(store, run)
    return {**told, "metrics": {**told["metrics"], "at 15 %": masked_loss(out)}}


def masked_loss(weights: Path, n: int = TESTED) -> dict[str, float]:
    """Loss and accuracy on n held-out sentences with BERT's 15 % hidden, and the least possible loss on the same."""
    import torch

    from core.checkpoints import load_model
    from core.objectives import evaluate

    source, objective = Sentences(), ObjectiveSpec("masked-word")
    batch = frame(objective, source.held_out(n), np.random.default_rng(0), len(source.words), source.marks)
    found = evaluate(load_model(weights), batch, torch.device("cpu"))
    return {"loss": found["loss"], "floor": source.least_loss(objective, batch), "accuracy": found["accuracy"]}
