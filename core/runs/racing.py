"""Races in the terminal's hands: read from a file, carried out to the end, printed, and put into a folder."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from core.fields import SpecError
from core.runs.failures import StoreError
from core.runs.foreground import terminal_owner
from core.runs.local import Runner
from core.runs.race_plan import left, planned
from core.runs.race_results import SPLITS, Results, Row, cells_csv, results, steps_csv
from core.runs.race_spec import RaceSpec, race_from_json, race_with
from core.runs.race_store import Race, race, races
from core.runs.races import Cell, begin, cells, stop_all
from core.runs.starter import Starter
from core.runs.store import Store
from core.spec import Experiment

POLL_SECONDS = 0.2
PRINTED = {"held_out": "held out", "shifted": "shifted"}
SCRIPT = '''"""{title}: a race of strategies, carried out again. Run it where Bothways is: python race.py"""

import json
import sys

from core.runs.race_spec import race_from_json
from core.runs.racing import in_lines, run_race
from core.runs.store import open_store

RACE = json.loads("""
{race}
""")

if __name__ == "__main__":
    print(in_lines(run_race(open_store(), race_from_json(RACE), {title!r}, sys.stderr)))
'''


def carried_out(
    store: Store,
    name: str,
    changes: Sequence[str],
    read: Callable[[Any, Store], Experiment],
    out: Path | None,
    as_json: bool,
) -> str:
    """A race's file carried out, or a kept race, as the terminal prints it; `read` makes its base an experiment."""
    if of := find_kept(store, name):
        found = results(store, of)
    else:
        plain = read_race(name, changes)
        base = plain.get("base", {})
        tuned = {**base, "tune": {"strategy": "full", **base.get("tune", {})}}  # any: the start's model is filled in
        spec = race_from_json({**plain, "base": read(tuned, store).to_json()})
        found = run_race(store, spec, Path(name).stem, sys.stderr)
    if out:
        write_race(store, found.race, out)
    return json.dumps(told(found)) if as_json else in_lines(found)


def tables(store: Store, name: str, out: Path, _step: int | None) -> dict[str, Any]:
    """A kept race's numbers put into a folder, and what the terminal says of it."""
    return _export(store, name, out, "csv")


def script(store: Store, name: str, out: Path, _step: int | None) -> dict[str, Any]:
    """What carries a kept race out again, put into a folder."""
    return _export(store, name, out, "script")


def _export(store: Store, name: str, out: Path, kind: str) -> dict[str, Any]:
    if (of := find_kept(store, name)) is None:
        raise StoreError(f"There is no race “{name}”.")
    return {"race": of.id, "files": write_race(store, of, out, (kind,)), "out": str(out)}


def find_kept(store: Store, name: str) -> Race | None:
    """The kept race of this id, or of the only id that begins so; None where `name` is a file's."""
    if name == "-" or Path(name).exists():
        return None
    found = [one for one in races(store, None) if name and one.id.startswith(name)]
    if len(found) > 1:
        raise StoreError(f"{len(found)} races begin with “{name}”: give more letters.")
    return found[0] if found else None


def read_race(path: str, changes: Sequence[str]) -> dict[str, Any]:
    """Plain values of a race's file with changes on top, such as seeds=5 or data.question=xor."""
    try:
        plain: Any = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError("race", path, f"This file can't be read ({error.strerror}).") from None
    except ValueError as error:
        raise SpecError("race", path, f"This is not valid JSON ({error}).") from None
    if not isinstance(plain, dict) or not isinstance(plain.get("base", {}), dict):
        raise SpecError("race", path, "A race is a JSON object with base, strategies, seeds, rates and sweep_steps.")
    for change in changes:
        name, is_, text = change.partition("=")
        if not is_:
            raise SpecError(
                "--set", change, "Settings are written as name=value, such as seeds=5 or data.question=xor."
            )
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        plain = race_with(plain, {name if "." in name else f"race.{name}": value})
    return dict(plain)


def run_race(store: Store, spec: RaceSpec, title: str = "", stream: TextIO | None = None) -> Results:
    """Carry out a race in worker processes of this machine, and wait for its end. Interrupted, it stops."""
    owner, starter = terminal_owner(store.home), Starter(store)
    runner = Runner(store, starter)
    before = planned(store, spec, runner.workers)
    if stream:
        many = f"{before.runs} runs ({before.sweep_runs} of them to find learning rates), {before.steps:,} steps"
        stream.write(f"{many}, about {before.seconds:.0f} s ({before.reason})\n")
    race_id = begin(store, runner, spec, owner, title)
    try:
        _wait(store, runner, race_id, stream)
    except KeyboardInterrupt:
        stop_all(store, runner, race_id, owner)
        raise StoreError(f"The race was stopped. What ended is kept: python -m core race {race_id}") from None
    finally:
        starter.close()
    return results(store, race(store, race_id))


def _wait(store: Store, runner: Runner, race_id: str, stream: TextIO | None) -> None:
    told = set[str]()
    while (of := race(store, race_id)).under_way:
        time.sleep(POLL_SECONDS)
        if stream:
            _tell(store, of, runner.workers, stream, told)
    if stream:
        _tell(store, of, runner.workers, stream, told)


def _tell(store: Store, of: Race, workers: int, stream: TextIO, told: set[str]) -> None:
    """A line for each run that ended; in a terminal one line is drawn over and over."""
    if stream.isatty():
        rest = left(store, of, workers)
        stream.write(f"\r{rest.over} of {rest.runs} runs, about {rest.seconds:.0f} s left\x1b[K")
        stream.write("" if of.under_way else "\n")
        stream.flush()
        return
    for cell in cells(store, of):
        if cell.over and cell.id not in told:
            told.add(cell.id)
            stream.write(f"{_name(cell)}: {cell.status}\n")


def _name(cell: Cell) -> str:
    return f"{cell.entry.key}, {cell.stage}, seed {cell.seed}, learning rate {cell.rate:g}"


# What it came to


def told(found: Results) -> dict[str, Any]:
    """Results as plain values."""
    judged = {
        split: [{**asdict(one), "words": one.words(found.titles)} for one in found.pairs(split)] for split in SPLITS
    }
    return {
        "race": found.race.id,
        "title": found.race.title,
        "spec": found.race.spec.to_json(),
        "strategies": [_row(row) for row in found.rows],
        "verdicts": judged,
        "pareto": {cost: list(found.pareto(cost)) for cost in ("seconds", "learning", "peak_bytes")},
    }


def _row(row: Row) -> dict[str, Any]:
    splits = {split: _scores(row, split) for split in SPLITS if row.scores(split)}
    return {
        "strategy": row.entry.key,
        "title": row.title,
        "learning_rate": row.rate,
        "sweep": [{"learning_rate": rate, "validation": score} for rate, score in row.sweep],
        **splits,
        "pretraining": [
            {"seed": one.cell.seed, "before": one.before, "after": one.after}
            for one in row.seeds
            if one.after is not None
        ],
        **row.cost,
        "status": dict(row.status),
        "problems": list(row.problems),
    }


def _scores(row: Row, split: str) -> Mapping[str, Any]:
    found = row.interval(split)
    return {**(asdict(found) if found else {}), "seeds": row.scores(split)}


def in_lines(found: Results) -> str:
    """Results as a table and sentences."""
    names = f"{'held out':>17}{'shifted':>17}{'forgotten':>11}{'learning':>10}{'seconds':>9}{'MB':>7}"
    lines = [f"{'strategy':24}{'rate':>9}{names}"]
    for row in found.rows:
        forgotten, cost = row.forgotten(), row.cost
        lost = f"{sum(forgotten.values()) / len(forgotten):+.2f}" if forgotten else "–"
        peak = f"{cost['peak_bytes'] / 1e6:.1f}" if cost["peak_bytes"] is not None else "–"
        rate = f"{row.rate:g}" if row.rate else "–"
        seconds = f"{cost['seconds']:.1f}" if cost["seconds"] is not None else "–"
        learning = f"{cost['learning']:,}" if cost["learning"] is not None else "–"
        spread = "".join(f"{_spread(row, split):>17}" for split in SPLITS)
        lines.append(f"{row.title:24}{rate:>9}{spread}{lost:>11}{learning:>10}{seconds:>9}{peak:>7}")
        lines += [f"    {problem}" for problem in row.problems]
    for split in SPLITS:
        lines += [f"{PRINTED[split]}: {one.words(found.titles)}" for one in found.with_leader(split)]
    lines.append(f"best for their seconds: {', '.join(found.titles[key] for key in found.pareto()) or 'none'}")
    return "\n".join([*lines, f"race {found.race.id}"])


def _spread(row: Row, split: str) -> str:
    """A mean in percent and how far its interval reaches."""
    found = row.interval(split)
    if found is None:
        return "–"
    reach = f" ± {100 * (found.high - found.mean):.1f}" if found.high is not None else ""
    return f"{100 * found.mean:.1f}{reach} %"


# Out


def write_race(store: Store, of: Race, folder: Path, kinds: Sequence[str] = ("csv", "script")) -> list[str]:
    """Put a race into a folder; gives the names of the files. csv: cells.csv, steps.csv and result.json; script:
    race.json and race.py, which carry it out again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(of.spec.to_json(), indent=2, ensure_ascii=False)
    files: dict[str, str] = {}
    if "csv" in kinds:
        files |= {"cells.csv": cells_csv(store, of), "steps.csv": steps_csv(store, of)}
        files["result.json"] = json.dumps(told(results(store, of)), indent=2)
    if "script" in kinds:
        files |= {"race.json": plain, "race.py": in_python(of)}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(files)


def in_python(of: Race) -> str:
    """A script that carries the race out again."""
    plain = json.dumps(of.spec.to_json(), indent=2, ensure_ascii=False)
    title = of.title.replace("\\", " ").replace('"', "'") or "A race"
    return SCRIPT.format(title=title, race=plain.replace("\\", "\\\\"))
