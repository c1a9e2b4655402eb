"""What a fine-tuned run has learned, as files: a folder that this program opens again, and LoRA for `peft`.

Without torch, so that a page can hand it out. PEFT's format is two files (adapter_config.json and
adapter_model.safetensors, https://huggingface.co/docs/peft/developer_guides/checkpoint) with the names of the model
that they are put into: those of `transformers` where the start was an imported checkpoint, else our own.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.hub import Folder
from core.models.layouts import LAYOUTS, Layout, single
from core.parts.tune import BUILT_IN
from core.shelf import KEPT, OFFERED, find
from core.spec import Experiment, from_json
from core.tuning.strategy import HEAD, part_of

Arrays = dict[str, np.ndarray]
CHECKPOINT = "checkpoint:"
POOLS = {"bert": "pooler", "roberta": "pooler", "distilbert": "pooler-relu", "gpt2": "last"}
TASKS = {"rows": "SEQ_CLS", "tokens": "TOKEN_CLS", "states": "FEATURE_EXTRACTION"}
CLASSES = {
    "rows": "AutoModelForSequenceClassification",
    "tokens": "AutoModelForTokenClassification",
    "states": "AutoModel",
}
NAME, CONFIG, HEAD_FILE = "adapter_model.safetensors", "adapter_config.json", "head.safetensors"


def export_tuned(snapshot: Path) -> dict[str, bytes]:
    """The files of a fine-tuned snapshot by name: its weights, its experiment, how to use them; LoRA under adapter/."""
    about, weights = read_snapshot(snapshot)
    experiment = from_json(about["experiment"])
    state = {f"weights/{name}": one for name, one in weights.items()}
    files = {
        "experiment.json": json.dumps(experiment.to_json(), indent=2).encode(),
        f"step-{about['step']:08d}.safetensors": _safetensors(state, {"state": json.dumps(about)}),
    }
    if experiment.tune.strategy == "lora":
        start = experiment.tune.start
        origin = find(start.removeprefix(CHECKPOINT)) if start.startswith(CHECKPOINT) else None
        files |= {f"adapter/{name}": one for name, one in adapter(experiment, weights, origin).items()}
    return {**files, "README.md": _read_me(experiment, files).encode()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """One archive of all files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in files.items():
            archive.writestr(name, one)
    return whole.getvalue()


def adapter(experiment: Experiment, weights: Mapping[str, np.ndarray], origin: Folder | None) -> dict[str, bytes]:
    """LoRA in PEFT's format, with the head where the architecture has such a one, else with it in a file of its own."""
    tune, name = experiment.tune, experiment.tune.start.removeprefix(CHECKPOINT)
    thin = {name: one for name, one in weights.items() if name.endswith((".down", ".up"))}
    head = {name: one for name, one in weights.items() if part_of(name) == HEAD}
    asked, learned, saved, prefix = "states", dict(_ours(thin)), Arrays(), ""
    if origin is not None:
        asked, saved = _head(experiment, head, origin)
        layout = LAYOUTS[origin.architecture]
        prefix = "" if asked == "states" else layout.prefix
        learned = dict(_theirs(thin, layout, prefix, experiment.model.sizes.layers))
    targets = {name.rsplit(".lora_", 1)[0] for name in learned}
    config = {
        "peft_type": "LORA",
        "task_type": TASKS[asked] if origin else None,
        "base_model_name_or_path": name if origin and not name.startswith((OFFERED, KEPT)) else None,
        "r": tune.rank,
        "lora_alpha": tune.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": origin is not None and origin.architecture == "gpt2",  # which keeps its matrices turned
        "target_modules": sorted(targets),
        "modules_to_save": sorted({name.removeprefix(prefix).split(".")[0] for name in saved}) or None,
        "inference_mode": True,
    }
    files = {CONFIG: json.dumps(config, indent=2).encode()}
    files[NAME] = _safetensors({f"base_model.model.{name}": one for name, one in {**learned, **saved}.items()})
    return files if saved else {**files, HEAD_FILE: _safetensors(head)}


def _ours(thin: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """A is called lora_A there, B lora_B."""
    for name, one in thin.items():
        path, _, which = name.rpartition(".")
        yield f"{path}.lora_{'A' if which == 'down' else 'B'}.weight", one


def _theirs(
    thin: Mapping[str, np.ndarray], layout: Layout, prefix: str, layers: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Where several maps of theirs are one of ours, each has all of A and its share of B's rows."""
    for row in layout.body(layers):
        if (down := thin.get(f"{row.ours}.down")) is None:
            continue
        for name, rows in zip(row.theirs, np.split(thin[f"{row.ours}.up"], len(row.theirs)), strict=True):
            yield from _ours({f"{prefix}{name.removesuffix('.*')}.{which}": one for which, one in
                              (("down", down), ("up", rows))})  # fmt: skip


def _head(experiment: Experiment, head: Arrays, origin: Folder) -> tuple[str, Arrays]:
    """("rows" or "tokens", the head by their names) where a class of theirs has such a head; else ("states", none)."""
    kind, objective = origin.architecture, experiment.objective_name
    asked = "tokens" if objective == "tag" else "rows" if experiment.model.pool == POOLS[kind] else "states"
    layout = LAYOUTS[kind]
    rows = {"rows": layout.rows, "tokens": layout.tokens, "states": ()}[asked]
    found, left = Arrays(), dict(head)
    for one in (one for row in rows for one in single(row)):
        if one.ours in left:
            inside = layout.prefix if one.theirs[0].startswith("pooler.") else ""
            found[inside + one.theirs[0]] = left.pop(one.ours)
    left = {name: one for name, one in left.items() if one.any()}
    return ("states", Arrays()) if left else (asked, found)


def read_snapshot(path: Path) -> tuple[dict[str, Any], Arrays]:
    """What a saved training state says of itself, and its weights."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        about: dict[str, Any] = json.loads(file.metadata()["state"])
        names = [name for name in file.keys() if name.startswith("weights/")]  # noqa: SIM118 (not a dict)
        return about, {name.removeprefix("weights/"): file.get_tensor(name) for name in names}


def _safetensors(arrays: Mapping[str, np.ndarray], about: dict[str, str] | None = None) -> bytes:
    from safetensors.numpy import save

    whole: bytes = save({name: np.ascontiguousarray(one) for name, one in arrays.items()}, about or {"format": "pt"})
    return whole


def _read_me(experiment: Experiment, files: Mapping[str, bytes]) -> str:
    """How to use what is in the folder."""
    told = [
        f"# Fine-tuned: {experiment.tune.strategy}\n",
        "Open it again, from Bothways' folder:\n",
        '    python -m core look THIS_FOLDER --text "…" --what attention --out picture.npz\n',
        "In Python: `core.checkpoints.load_model(path)` of the .safetensors file gives the model.\n",
    ]
    if f"adapter/{CONFIG}" in files:
        config = json.loads(files[f"adapter/{CONFIG}"])
        task = {name: kind for kind, name in TASKS.items()}.get(config["task_type"] or "", "")
        told.append("## LoRA with peft\n")
        told += _with_transformers(CLASSES[task], config) if task else _with_ours(experiment.tune.start)
        if f"adapter/{HEAD_FILE}" in files:
            told.append("The new read-out isn't part of that: its weights are in adapter/head.safetensors.\n")
    return "\n".join(told)


def _with_transformers(name: str, config: Mapping[str, Any]) -> list[str]:
    return [
        f"    from transformers import {name}",
        "    from peft import PeftModel",
        f"    base = {name}.from_pretrained({config['base_model_name_or_path'] or 'FOLDER_OF_THE_CHECKPOINT'!r})",
        '    model = PeftModel.from_pretrained(base, "THIS_FOLDER/adapter")\n',
    ]


def _with_ours(start: str) -> list[str]:
    weights = "WEIGHTS" if start == BUILT_IN else "SNAPSHOT_OF_THE_PRETRAINED_RUN"
    return [
        "    from core.built_in import WEIGHTS",
        "    from core.checkpoints import load_model",
        "    from peft import PeftModel",
        f"    base = load_model({weights})",
        '    model = PeftModel.from_pretrained(base, "THIS_FOLDER/adapter")\n',
    ]
