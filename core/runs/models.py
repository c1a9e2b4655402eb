"""Models in a terminal's hands: a run's or a folder's snapshot to look into, and checkpoints in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.fields import SpecError, written
from core.hub import CheckpointError, Folder, fetch
from core.loading import about_checkpoint, starting
from core.runs.beginnings import runs_in
from core.runs.failures import LookError, StoreError
from core.runs.local import settled
from core.runs.sight import Eye, open_eye
from core.runs.store import Run, Store
from core.runs.variables import most_model_mb
from core.shelf import KEPT, OFFERED, default_home, find, keep, tokenizer_of
from core.spec import Experiment, from_json
from core.starts import open_start


def find_run(store: Store, name: str) -> Run:
    """The run of this id, or of the only id that begins so."""
    found = [run for run in store.runs(None, cells=True) if name and run.id.startswith(name)]
    if len(found) != 1:
        many = f"{len(found)} runs begin with “{name}”: give more letters." if found else f"There is no run “{name}”."
        raise StoreError(f"{many} `python -m core runs` lists all.")
    return settled(store, found[0])


def open_model(store: Store, name: str, wanted: int | None = None) -> tuple[Experiment, Eye]:
    """The model of a run of the store, or of a folder that `run --out` or `load --out` wrote; `wanted`: which step."""
    folder = Path(name)
    if (folder / "experiment.json").exists():
        experiment = from_json((folder / "experiment.json").read_text())
        steps = sorted(int(path.stem.removeprefix("step-")) for path in folder.glob("step-*.safetensors"))
        path, own = folder / f"step-{_step(wanted, steps):08d}.safetensors", folder / "text.txt"
        return experiment, open_eye(experiment, path, lambda _: own.read_text(encoding="utf-8"), runs_in(store))
    run = find_run(store, name)
    path = store.snapshot(run.id, _step(wanted, store.snapshots(run.id)))
    return run.experiment, open_eye(run.experiment, path, store.read_text, runs_in(store))


def _step(wanted: int | None, there: list[int]) -> int:
    if not there:
        raise LookError("This run has no snapshot yet.")
    if wanted is not None and wanted not in there:
        raise LookError(f"There is no snapshot of step {wanted}. There are: {', '.join(map(str, there))}.")
    return there[-1] if wanted is None else wanted


# Checkpoints


def brought(name: str) -> tuple[Folder, str]:
    """A checkpoint by its folder or its hub id, downloaded where needed, and the name that experiments use."""
    if name.startswith((OFFERED, KEPT)):
        return find(name), name
    folder = fetch(name, default_home(), most_model_mb())
    return folder, keep(folder) if Path(name).expanduser().is_dir() else name


def begun(plain: Any, store: Store) -> Any:
    """Plain values of an experiment; where it starts from another model, with that one's for what isn't given."""
    model, tune = (plain.get(part) if isinstance(plain, dict) else None for part in ("model", "tune"))
    if isinstance(tune, dict) and tune.get("strategy") and isinstance(tune.get("start"), str):
        pretrained = open_start(tune["start"], runs_in(store), store.read_text)
        return {**plain, "model": {**written(pretrained.model), **(model or {})}}
    if not isinstance(model, dict) or not (given := model.get("checkpoint")):
        return plain
    if not isinstance(given, str):
        raise SpecError("model.checkpoint", given, "A checkpoint is named by its folder or as on the hub.")
    folder, name = brought(given)
    start = starting(folder, name)
    parts = {part: {**start.get(part, {}), **plain[part]} if part in plain else start[part] for part in start}
    return {**plain, **parts, "model": {**parts["model"], "checkpoint": name}}


def load(given: str, out: Path | None) -> dict[str, Any]:
    """Fetch a checkpoint and say what it is; with `out`, put it there as a model of ours that `look` opens."""
    if out is None:
        return about_checkpoint(fetch(given, default_home(), most_model_mb()))
    from core.checkpoints import TrainingState, copy_weights
    from core.models.imported import load_checkpoint

    folder, name = brought(given)
    facts = about_checkpoint(folder)
    plain = starting(folder, name)
    experiment = from_json({**plain, "train": {**plain["train"], "steps": 0}})
    model, words = load_checkpoint(folder, tokenizer_of(name).order), facts["vocabulary"]
    out.mkdir(parents=True, exist_ok=True)
    (out / "experiment.json").write_text(json.dumps(experiment.to_json(), indent=2))
    state = TrainingState(experiment, words, words, 0, copy_weights(model), ended=True)
    state.save(out / "step-00000000.safetensors")
    return {**facts, "out": str(out)}


def export(store: Store, name: str, place: Path, wanted: int | None = None) -> dict[str, Any]:
    """Write a run's model as a folder for `transformers`. CheckpointError where its format can't express it."""
    from core.data.corpora import TextSource
    from core.models.build import Model
    from core.models.exported import save_checkpoint

    experiment, eye = open_model(store, name, wanted)
    if not isinstance(eye.source, TextSource) or not isinstance(eye.model, Model):
        raise CheckpointError("Only a model that reads text can be saved for transformers: it needs a tokenizer.")
    origin = find(experiment.model.checkpoint) if experiment.model.checkpoint else None
    kind = save_checkpoint(eye.model, place, eye.source.tokenizer, origin)
    parameters = sum(one.numel() for one in eye.model.parameters())
    return {"architecture": kind, "parameters": parameters, "out": str(place)}


def export_tuned(store: Store, name: str, place: Path, wanted: int | None = None) -> dict[str, Any]:
    """Write what a fine-tuned run learned: a folder that `look` opens, with LoRA for `peft`."""
    from core.tuning import exported

    run = find_run(store, name)
    if not run.experiment.tune.wanted:
        raise CheckpointError("This run wasn't fine-tuned. Save it with “--as model”.")
    files = exported.export_tuned(store.snapshot(run.id, _step(wanted, store.snapshots(run.id))))
    for one, content in files.items():
        (place / one).parent.mkdir(parents=True, exist_ok=True)
        (place / one).write_bytes(content)
    return {"strategy": run.experiment.tune.strategy, "files": sorted(files), "out": str(place)}
