"""Checkpoints on their way from the hub: each in a thread of its own, so that no page waits for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from core.hub import CheckpointError, from_hub
from core.runs.failures import in_words
from core.runs.variables import most_model_mb

AT_ONCE = 2  # downloads of all learners together


@dataclass
class Download:
    """One on its way, or ended: `done` without `problem` means that it is here."""

    place: Path | None = None
    size: int = 0  # bytes; 0 before the hub has told
    problem: str = ""
    done: bool = False

    @property
    def share(self) -> float:
        """How much of it is here, 0…1."""
        if self.done and not self.problem:
            return 1.0
        if self.place is None or not self.size:
            return 0.0
        here = 0
        for one in self.place.rglob("*"):
            try:
                here += one.stat().st_size
            except OSError:  # it was just renamed: counted next time
                continue
        return min(1.0, here / self.size)


class Downloads:
    """`begin` asks the hub; nothing else does. Ended ones stay until they are begun anew."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._all: dict[str, Download] = {}
        self._lock = threading.Lock()

    def begin(self, name: str) -> None:
        """Start a download, unless it is under way. Raises CheckpointError where too many are."""
        with self._lock:
            if name in self._all and not self._all[name].done:
                return
            if sum(not one.done for one in self._all.values()) >= AT_ONCE:
                raise CheckpointError("Other checkpoints are on their way just now. Try again in a minute.")
            self._all[name] = one = Download()
        threading.Thread(target=self._bring, args=(name, one), name=f"download {name}", daemon=True).start()

    def of(self, name: str) -> Download | None:
        """What is known of a download; None where none was begun."""
        return self._all.get(name)

    def _bring(self, name: str, one: Download) -> None:
        def begins(place: Path, size: int) -> None:
            one.place, one.size = place, size

        try:
            from_hub(name, self.home, most_model_mb(), begins)
        except Exception as error:  # whatever it is, a page must be told
            one.problem = in_words(error)
        one.done = True
