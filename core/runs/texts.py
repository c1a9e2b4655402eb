"""Learners' own texts, kept under their content's hash: the same text is kept once, and a name can't be a path."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from core.data.contract import TextError
from core.runs.failures import plainly
from core.runs.folders import write_whole

REFERENCE = re.compile(r"text:[0-9a-f]{64}")
KEEP_BYTES = 500_000_000  # of all learners together; texts that no run uses go first, longest unused first


class Texts:
    """The texts of a home folder. `in_use(reference)`: does a kept run learn from this text?"""

    def __init__(self, home: Path, in_use: Callable[[str], bool]) -> None:
        self.folder, self.in_use = home / "texts", in_use
        with plainly():
            self.folder.mkdir(parents=True, exist_ok=True)

    def keep(self, text: str) -> str:
        """Keep a text and return its name, `text:<sha256>`."""
        data = text.encode()
        reference = f"text:{hashlib.sha256(data).hexdigest()}"
        path = self._path(reference)
        with plainly():
            if path.exists():
                os.utime(path)  # used now
            else:
                self._trim(KEEP_BYTES - len(data))
                write_whole(path, lambda place: place.write_bytes(data))
        return reference

    def read(self, reference: str) -> str:
        """A kept text by its name. Anything that isn't a name, such as a path, is refused with TextError."""
        if not REFERENCE.fullmatch(reference):
            raise TextError("Only a text that was pasted or uploaded here can be used. Paste or upload it again.")
        path = self._path(reference)
        if not path.exists():
            raise TextError("This text is no longer kept here. Paste or upload it again.")
        with plainly():
            return path.read_bytes().decode()

    def _path(self, reference: str) -> Path:
        return self.folder / f"{reference.removeprefix('text:')}.txt"

    def _trim(self, room: int) -> None:
        """Remove unused texts, longest unused first, until the rest fits `room` bytes."""
        kept = sorted(self.folder.glob("*.txt"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in kept)
        for path in kept:
            if total <= room:
                return
            if not self.in_use(f"text:{path.stem}"):
                total -= path.stat().st_size
                path.unlink()
