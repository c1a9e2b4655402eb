"""What runs keep on disk beside the database: snapshots, and the state to resume from.

Ids are checked by pattern before they become part of a path, and every file is written under a temporary name and
renamed, so that a file that is there is whole.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from safetensors import safe_open

from core.runs.failures import NoSuchRun, StoreError, plainly

RUN_ID = re.compile(r"[0-9a-f]{32}")
SNAPSHOT = re.compile(r"step-(\d{8})\.safetensors")


def checked(run_id: str) -> str:
    """The id itself, or NoSuchRun when it can't be one."""
    if not isinstance(run_id, str) or not RUN_ID.fullmatch(run_id):
        raise NoSuchRun("This link doesn't name a run. A run's id has 32 letters and digits.")
    return run_id


class Folders:
    """The files of a home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with plainly():
            (home / "runs").mkdir(parents=True, exist_ok=True)

    def folder(self, run_id: str) -> Path:
        """Where a run's files are."""
        return self.home / "runs" / checked(run_id)

    def state(self, run_id: str) -> Path:
        """The full training state to resume from; may not exist."""
        return self.folder(run_id) / "state.safetensors"

    def resume_step(self, run_id: str) -> int:
        """The step that a resumed run goes on from; 0 where nothing was kept."""
        path = self.state(run_id)
        if not path.exists():
            return 0
        with safe_open(path, framework="numpy") as file:
            return int(json.loads(file.metadata()["state"])["step"])

    def snapshots(self, run_id: str) -> list[int]:
        """Steps whose weights are kept, in order."""
        folder = self.folder(run_id)
        names = os.listdir(folder) if folder.is_dir() else []
        return sorted(int(found[1]) for found in map(SNAPSHOT.fullmatch, names) if found)

    def snapshot(self, run_id: str, step: int) -> Path:
        """The weights of one kept step; StoreError where there are none."""
        path = self.snapshot_path(run_id, step)
        if not path.exists():
            raise StoreError(f"There is no snapshot of step {int(step)} in this run.")
        return path

    def snapshot_path(self, run_id: str, step: int) -> Path:
        """Where the weights of a step belong, kept or not yet."""
        return self.folder(run_id) / f"step-{int(step):08d}.safetensors"

    def drop_snapshots(self, run_id: str, after: int) -> None:
        """Forget the snapshots of steps after `after`: the run goes on from there."""
        for step in self.snapshots(run_id):
            if step > after:
                self.snapshot_path(run_id, step).unlink()

    def size(self, run_id: str) -> int:
        """Bytes of a run's files."""
        return sum(entry.stat().st_size for entry in os.scandir(self.folder(run_id)))

    def remove(self, run_id: str) -> None:
        """Remove a run's files; a worker that still writes finds its folder gone."""
        gone = self.home / "runs" / f"gone-{secrets.token_hex(8)}"
        try:
            os.replace(self.folder(run_id), gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one move."""
    place = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write(place)
        os.replace(place, path)
    finally:
        place.unlink(missing_ok=True)
