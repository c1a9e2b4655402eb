"""The terminal: list, describe, run, race, runs, show, resume, look, translate, load, export, pretrain.

Errors go to standard error with exit code 2. With --json the last line of standard output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.data.contract import TextError
from core.data.pairs.columns import as_text, read_pairs
from core.data.pairs.own import Pairs
from core.decoding.registry import DECODERS
from core.describe import describe
from core.fields import SpecError
from core.hub import CheckpointError
from core.listing import LISTS
from core.loading import in_lines
from core.picture import LOOKS, WRITING
from core.retelling import opened
from core.runs import racing, translations
from core.runs.beginnings import runs_in
from core.runs.failures import LookError, StoreError, in_words
from core.runs.foreground import ceilings, mean_result, result, resume_here, run_here, write_out
from core.runs.history import history
from core.runs.local import settled
from core.runs.measured import measured
from core.runs.models import begun, export, export_tuned, find_run, load, open_model
from core.runs.pretraining import pretrain
from core.runs.store import Run, Store, open_store
from core.runs.texts import REFERENCE
from core.spec import Experiment, from_json
from core.text import read_file

EXPORTS: dict[str, Any] = {"model": export, "tuned": export_tuned, "csv": racing.tables, "script": racing.script}


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command; 0 when it worked, 2 with words on standard error when it didn't."""
    given = _parser().parse_args(arguments)
    try:
        given.command(given)
    except (SpecError, TextError, StoreError, LookError, CheckpointError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:  # a folder or a disk of the learner's own: no report is needed
        print(f"{error.filename}: {in_words(error)}" if error.filename else in_words(error), file=sys.stderr)
        return 2
    except Exception as error:
        traceback.print_exc()
        print(in_words(error), file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Bothways without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Any, help: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help, description=help)
        one.set_defaults(command=function)
        one.add_argument("--json", action="store_true", help="print one JSON object on the last line")
        return one

    command("list", list_, "What there is to choose from.").add_argument("what", choices=tuple(LISTS))
    for name, function, help in (
        ("describe", describe_, "Parameters, cost, ceilings, and what the model can and can't know."),
        ("run", run_, "Train a model and print what it came to."),
    ):
        one = command(name, function, help)
        one.add_argument(
            "experiment",
            metavar="EXPERIMENT.json",
            help="names what differs from the defaults; - reads it from standard input",
        )
        one.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="change a setting, such as model.direction=both",
        )
    one.add_argument("--seeds", type=int, default=1, metavar="N", help="repeat with N seeds and take the mean")
    one.add_argument("--out", type=Path, metavar="DIR", help="put result, events and snapshots here, too")
    command("runs", runs_, "All runs that are kept on this machine.")
    command("show", show_, "One run.").add_argument("run", metavar="RUN", help="its id, or the first letters of it")
    command("resume", resume_, "Go on with a run that has stopped.").add_argument("run", metavar="RUN")
    one = command("look", look_, "Look inside a run's model with one sentence.")
    one.add_argument("run", metavar="RUN|DIR", help="a run, or a folder that `run --out` wrote")
    one.add_argument("--text", default="", help="the sentence; without it, a held-out one")
    one.add_argument("--step", type=int, metavar="N", help="a snapshot; without it, the last one")
    one.add_argument("--what", choices=(*LOOKS, WRITING), help="without it, attention; for an LSTM, influence")
    one.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="its options, such as word=3")
    one.add_argument("--other", default="", metavar="RUN|DIR", help="a second model, for likeness")
    one.add_argument("--out", type=Path, metavar="FILE.npz", help="write the arrays here")
    _take_models(command)
    return parser


def _take_models(command: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Commands that use a model: let it be tuned, translate with it, bring checkpoints in and out."""
    one = command("race", race_, "Let fine-tuning strategies race, and print what they came to.")
    one.add_argument(
        "race", metavar="RACE.json|RACE", help="a file with base, strategies, seeds; or a race that is kept"
    )
    one.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="such as seeds=5 or rates=[]")
    one.add_argument("--out", type=Path, metavar="DIR", help="put tables, result and script here, too")
    one = command("translate", translate_, "Translate a sentence with a run's encoder–decoder.")
    one.add_argument("run", metavar="RUN|DIR", help="a run, or a folder that `run --out` wrote")
    one.add_argument("--text", default="", help="the sentence; without it, a held-out one")
    one.add_argument("--step", type=int, metavar="N", help="a snapshot; without it, the last one")
    one.add_argument("--decoder", default="", help=f"one that the model can do: {', '.join(DECODERS)}")
    one.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="such as width=8 or rounds=2")
    one = command("load", load_, "Fetch a checkpoint that others trained, and say what it is.")
    one.add_argument("checkpoint", metavar="DIR|HUB_ID", help="a folder, or a name on the hub")
    one.add_argument("--out", type=Path, metavar="DIR", help="put it here as a model of ours, to look into")
    one = command("pretrain", pretrain_, "Train the built-in pretrained model anew, as it was trained.")
    one.add_argument("out", type=Path, metavar="FILE", help="the safetensors file to write")
    one = command("export", export_, "Save a run's model for other programs.")
    one.add_argument("run", metavar="RUN|DIR", help="a run, or a folder that `run --out` or `load --out` wrote")
    one.add_argument(
        "--as", dest="kind", choices=EXPORTS, required=True, help="csv, script: of a race; others: of a run"
    )
    one.add_argument("out", type=Path, metavar="DIR", help="the folder to write")
    one.add_argument("--step", type=int, metavar="N", help="a snapshot; without it, the last one")


# Reading


def _value(text: str) -> Any:
    """A value as JSON where it is that, else as written."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _options(given: list[str]) -> dict[str, Any]:
    return {name: _value(value) for name, _, value in (one.partition("=") for one in given)}


def read_experiment(path: str, changes: list[str], store: Store) -> Experiment:
    """The experiment of a file with changes on top. Own text named by its path is read, checked and kept."""
    try:
        plain = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError("experiment", path, f"This file can't be read ({error.strerror}).") from None
    except ValueError as error:
        raise SpecError("experiment", path, f"This is not valid JSON ({error}).") from None
    for change in changes:
        name, is_, value = change.partition("=")
        part, _, setting = name.partition(".")
        if not is_ or not setting or not isinstance(plain, dict) or not isinstance(plain.setdefault(part, {}), dict):
            raise SpecError("--set", change, "Settings are written as part.name=value, such as model.direction=both.")
        if name == "data.task":
            plain["data"] = {}  # another task starts from its own defaults
        plain[part][setting] = _value(value)
    experiment = _with_text(from_json(begun(plain, store)), Path(path).parent, store)
    opened(experiment, runs_in(store), store.read_text)  # says at once what doesn't fit
    return experiment


def _with_text(experiment: Experiment, beside: Path, store: Store) -> Experiment:
    """The experiment with a text file's path replaced by the kept text's name."""
    settings = experiment.data.settings
    if not experiment.data.own or REFERENCE.fullmatch(settings.text):
        return experiment
    path = beside / settings.text if (beside / settings.text).exists() else Path(settings.text)
    if isinstance(settings, Pairs):
        table = read_pairs(read_file(str(path), 1))
        return experiment.with_({"data.text": store.keep_text(as_text(table))})
    fit = (settings.length, settings.tokenizer) if experiment.data.is_text else (1,)  # other files are checked later
    text = read_file(str(path), *fit)
    return experiment.with_({"data.text": store.keep_text(text)})


# Commands


def list_(given: argparse.Namespace) -> None:
    rows = LISTS[given.what]()
    if given.json:
        print(json.dumps({given.what: rows}))
        return
    for row in rows:
        name, *rest = (str(value) for value in row.values() if not isinstance(value, dict))
        print(f"{name:<16} {'  '.join(rest)}")


def describe_(given: argparse.Namespace) -> None:
    store = open_store()
    experiment = read_experiment(given.experiment, given.set, store)
    told = describe(experiment, None, None, measured(store), store.read_text, runs=runs_in(store)).to_json()
    if given.json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {_short(one)}" for key, one in value.items())
        print(f"{name.replace('_', ' '):<20} {_short(value)}")


def run_(given: argparse.Namespace) -> None:
    if given.seeds < 1:
        raise SpecError("--seeds", given.seeds, "At least one seed is needed.", {"--seeds": 1})
    store = open_store()
    experiment = read_experiment(given.experiment, given.set, store)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)  # before the training, which may take long
    results = []
    for seed in range(experiment.train.seed, experiment.train.seed + given.seeds):
        name = f"seed {seed}: " if given.seeds > 1 else ""
        run = run_here(store, experiment.with_({"train.seed": seed}), name=name)
        results.append(result(store, run))
        if given.out:
            write_out(store, run, given.out / f"seed-{seed}" if given.seeds > 1 else given.out)
    _print_result(mean_result(results), given.json)


def race_(given: argparse.Namespace) -> None:
    def read(base: Any, store: Store) -> Experiment:
        return _with_text(from_json(begun(base, store)), Path(given.race).parent, store)

    print(racing.carried_out(open_store(), given.race, given.set, read, given.out, given.json))


def runs_(given: argparse.Namespace) -> None:
    store = open_store()
    runs = [settled(store, run) for run in store.runs(None)]
    if given.json:
        print(json.dumps({"runs": [_plain(run) for run in runs]}))
        return
    for run in runs:
        made = _moment(run.created)
        model = run.experiment.model
        how = model.writes if model.family == "encoder-decoder" else model.join
        join = f" ({how})" if model.two_way else ""
        what = f"{run.experiment.data.task}: {model.family}, {model.direction}{join}"
        print(f"{run.id}  {made}  {run.status:<8}  {run.step:>6}/{run.steps:<6}  {run.title or what}")


def show_(given: argparse.Namespace) -> None:
    store = open_store()
    run = find_run(store, given.run)
    told = history(store, run.id)
    last = told.evaluations[-1] if told.evaluations else {}
    metrics = {split: last[split] for split in ("train", "held_out") if split in last}
    shown = {
        **_plain(run),
        "snapshots": store.snapshots(run.id),
        "metrics": metrics,
        "ceilings": ceilings(run.experiment),
    }
    if given.json:
        print(json.dumps(shown))
        return
    shown.update({name: _moment(shown[name]) for name in ("created", "started", "ended") if shown[name]})
    for name, value in shown.items():
        print(f"{name:<12} {json.dumps(value) if value is None or isinstance(value, dict) else _short(value)}")


def resume_(given: argparse.Namespace) -> None:
    store = open_store()
    run = resume_here(store, find_run(store, given.run))
    _print_result(result(store, run), given.json)


def look_(given: argparse.Namespace) -> None:
    store = open_store()
    _, eye = open_model(store, given.run, given.step)
    usual = "influence" if eye.model.spec.family == "lstm" else "attention"
    options = _options(given.set)
    if given.other:
        options["other"] = open_model(store, given.other)[1]
    picture = eye.look(given.text, given.what or usual, **options)
    out = Path(str(given.out).removesuffix(".npz") + ".npz") if given.out else None
    if out:
        about = {"tokens": picture.tokens, "axes": picture.axes, "notes": picture.notes}
        arrays: dict[str, Any] = {**picture.arrays, "about": np.array(json.dumps(about))}
        np.savez_compressed(out, **arrays)
    shapes = {name: list(array.shape) for name, array in picture.arrays.items()}
    told = {"tokens": picture.tokens, "arrays": shapes, "axes": picture.axes, "notes": picture.notes}
    if given.json:
        print(json.dumps({**told, "out": str(out) if out else None}))
        return
    print(" ".join(picture.tokens))
    for name, shape in shapes.items():
        print(f"{name:<16} {' × '.join(f'{axis} {n}' for axis, n in zip(picture.axes[name], shape, strict=True))}")


def translate_(given: argparse.Namespace) -> None:
    options = _options(given.set)
    told = translations.translate(open_store(), given.run, given.step, given.text, given.decoder, options)
    print(json.dumps(told) if given.json else translations.in_lines(told))


def load_(given: argparse.Namespace) -> None:
    facts = load(given.checkpoint, given.out)
    print(json.dumps(facts) if given.json else in_lines(facts))


def export_(given: argparse.Namespace) -> None:
    told = EXPORTS[given.kind](open_store(), given.run, given.out, given.step)
    print(json.dumps(told) if given.json else in_lines(told))


def pretrain_(given: argparse.Namespace) -> None:
    given.out.parent.mkdir(parents=True, exist_ok=True)
    _print_result(pretrain(open_store(), given.out), given.json)


# Words


def _plain(run: Run) -> dict[str, Any]:
    names = ("id", "title", "status", "message", "step", "steps", "created", "started", "ended")
    return {**{name: getattr(run, name) for name in names}, "experiment": run.experiment.to_json()}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _short(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)


def _print_result(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(told))
        return
    for split, values in told["metrics"].items():
        print(f"{split.replace('_', '-'):<10} " + "   ".join(f"{name} {value:.4f}" for name, value in values.items()))
    if told["ceilings"]:
        print("ceilings   " + "   ".join(f"{name} {value:.4f}" for name, value in told["ceilings"].items()))
    speed = f"{told['tokens_per_second']:,.0f} tokens/s on {told['device']}"
    print(f"{told['parameters']:,} parameters, {told['steps']:g} steps, {told['seconds']:.1f} s, {speed}")
    print(f"run {told['run']}")
