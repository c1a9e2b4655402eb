"""The checkpoints that are on this machine, by the names that experiments give them; nothing here asks the hub.

`organisation/model`: downloaded before. `models:NAME`: a folder that whoever runs this server offers, in the directory
that BOTHWAYS_MODELS names. `kept:…`: a folder that was named in a terminal, copied here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from functools import lru_cache
from pathlib import Path

from platformdirs import user_data_dir

from core.borrowed import Borrowed, borrow
from core.hub import COMMIT, CONFIG, FILES, CheckpointError, Folder, from_folder
from core.parts.fits import CHECKPOINT

OFFERED, KEPT = "models:", "kept:"
CHUNK = 2**20


def default_home() -> Path:
    """BOTHWAYS_HOME, or the place that this operating system keeps users' data in."""
    return Path(os.environ.get("BOTHWAYS_HOME") or user_data_dir("bothways", appauthor=False))


def offered() -> tuple[str, ...]:
    """The names of the folders with a checkpoint that whoever runs this server offers."""
    given = os.environ.get("BOTHWAYS_MODELS", "").strip()
    if not given or not Path(given).is_dir():
        return ()
    names = sorted(one.name for one in Path(given).iterdir() if (one / CONFIG).is_file())
    return tuple(OFFERED + name for name in names if CHECKPOINT.fullmatch(OFFERED + name))


def downloaded() -> tuple[str, ...]:
    """The names of all checkpoints that were downloaded, or kept by a terminal."""
    folders = sorted(one.name for one in (default_home() / "checkpoints").glob("*") if one.is_dir())
    names = [one.replace("kept--", KEPT, 1) if one.startswith("kept--") else one.replace("--", "/") for one in folders]
    return tuple(name for name in names if is_here(name))


def is_here(name: str) -> bool:
    """Whether this checkpoint's files are on this machine, whole or damaged."""
    if not CHECKPOINT.fullmatch(name):
        return False
    if name.startswith(OFFERED):
        return name in offered()
    return _kept(name).is_dir() if name.startswith(KEPT) else bool(_versions(name))


def find(name: str) -> Folder:
    """The checkpoint of this name. Raises CheckpointError where it isn't on this machine, or isn't whole."""
    if not CHECKPOINT.fullmatch(name):  # never a path
        raise CheckpointError(f"“{name}” is no checkpoint's name. One on the hub is called organisation/model.")
    if name.startswith(OFFERED):
        if name not in offered():
            raise CheckpointError(f"The checkpoint “{name.removeprefix(OFFERED)}” isn't offered on this server.")
        return from_folder(Path(os.environ["BOTHWAYS_MODELS"].strip()) / name.removeprefix(OFFERED))
    if name.startswith(KEPT):
        folder = _kept(name)
        if not folder.is_dir():
            raise CheckpointError("This checkpoint is no longer kept here. Name its folder in the terminal once more.")
        return from_folder(folder)
    if not (whole := _versions(name)):
        raise CheckpointError(
            f"“{name}” isn't on this machine yet. Fetch it on the Build page, or by python -m core load {name}."
        )
    return from_folder(max(whole, key=lambda one: one.stat().st_mtime))


def tokenizer_of(name: str) -> Borrowed:
    """The tokenizer of the checkpoint of this name; read once, as long as its folder is the same."""
    folder = find(name)
    return _borrowed(folder.path, folder.path.stat().st_mtime_ns)


def keep(folder: Folder) -> str:
    """Copy a folder's files here and return the name that experiments can use."""
    name = KEPT + _fingerprint(folder.path)
    place = _kept(name)
    if not place.is_dir():
        part = place.with_name(f"{place.name}.{secrets.token_hex(4)}.part")
        part.mkdir(parents=True)
        for file in FILES:
            if (folder.path / file).is_file():
                shutil.copyfile(folder.path / file, part / file)
        os.replace(part, place)
    return name


def _versions(name: str) -> list[Path]:
    """The downloaded versions of a hub id, each whole."""
    place = default_home() / "checkpoints" / name.replace("/", "--")
    return [one for one in place.glob("*") if COMMIT.fullmatch(one.name)]


def _kept(name: str) -> Path:
    return default_home() / "checkpoints" / f"kept--{name.removeprefix(KEPT)}"


@lru_cache(maxsize=4)
def _borrowed(path: Path, _changed: int) -> Borrowed:
    return borrow(from_folder(path))


def _fingerprint(path: Path) -> str:
    """32 digits that tell one checkpoint from another: of all that is kept of it."""
    told = hashlib.sha256()
    for file in FILES:
        if (path / file).is_file():
            told.update(file.encode())
            with (path / file).open("rb") as content:
                while chunk := content.read(CHUNK):
                    told.update(chunk)
    return told.hexdigest()[:32]
