"""Pictures that this server has seen: kept for the clicks that only change how they are drawn, and fetched ahead.

Scrubbing through training asks for the same look at one snapshot after another; while a learner looks at one, the
others are looked at in the background, as long as nobody waits.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from core.picture import Picture
from core.runs.failures import LookError, StoreError
from ui import backend

MOST_BYTES = 96_000_000
QUICK = 0.35  # seconds: a slower look is not fetched ahead, so that nobody has to wait for it
_noted: ContextVar[list[Question] | None] = ContextVar("noted", default=None)


@dataclass(frozen=True)
class Question:
    """One look: `options` are what else is asked, as JSON, so that equal questions are equal."""

    run_id: str
    step: int
    text: str
    what: str
    options: str = "{}"

    def key(self) -> tuple[Question, int]:
        """The question and when the snapshot was written: a resumed run writes its later ones anew."""
        return self, backend.store().snapshot(self.run_id, self.step).stat().st_mtime_ns


def question(run_id: str, step: int, text: str, what: str, **options: Any) -> Question:
    return Question(run_id, step, text, what, json.dumps(options, sort_keys=True))


@dataclass
class Kept:
    """The last pictures, up to MOST_BYTES, and those that are wanted next."""

    pictures: OrderedDict[tuple[Question, int], Picture] = field(default_factory=OrderedDict)
    wanted: deque[Question] = field(default_factory=deque)
    costs: dict[tuple[str, str, str], float] = field(default_factory=dict)  # seconds, by run, look and options
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    at_work: bool = False

    def get(self, asked: Question) -> Picture:
        """From what is kept, or by looking. Raises LookError, StoreError or OSError."""
        key, noted = asked.key(), _noted.get()
        if noted is not None:
            noted.append(asked)
        with self.lock:
            if key in self.pictures:
                self.pictures.move_to_end(key)
                return self.pictures[key]
        begun, options = time.monotonic(), json.loads(asked.options)
        seen = backend.looker().look(asked.run_id, asked.step, asked.text, asked.what, **options)
        with self.lock:
            kind = (asked.run_id, asked.what, asked.options)
            self.costs[kind] = min(self.costs.get(kind, 1e9), time.monotonic() - begun)
            self._keep(key, seen)
        return seen

    def quick(self, asked: Question) -> bool:
        """Whether this look has been measured to take little time."""
        return self.costs.get((asked.run_id, asked.what, asked.options), 1e9) < QUICK

    def has(self, asked: Question) -> bool:
        with self.lock:
            return asked.key() in self.pictures

    def ahead(self, questions: Iterable[Question]) -> None:
        """Look at these in the background, in this order, in place of what was wanted before."""
        with self.lock:
            self.wanted = deque(questions)
            if self.at_work or not self.wanted:
                return
            self.at_work = True
        threading.Thread(target=self._work, name="looking-ahead", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.wanted:
                    self.at_work = False
                    return
                asked = self.wanted.popleft()
            try:
                self.get(asked)
            except (LookError, StoreError, OSError):  # whoever asks for it in earnest is told
                with self.lock:
                    self.wanted.clear()

    def _keep(self, key: tuple[Question, int], seen: Picture) -> None:
        if key not in self.pictures:
            self.size += _bytes(seen)
        self.pictures[key] = seen
        while self.size > MOST_BYTES and len(self.pictures) > 1:
            self.size -= _bytes(self.pictures.popitem(last=False)[1])

    def forget(self) -> None:
        with self.lock:
            self.pictures.clear()
            self.wanted.clear()
            self.size = 0


@contextmanager
def noted() -> Iterator[list[Question]]:
    """The questions that are asked while the block lasts."""
    questions: list[Question] = []
    token = _noted.set(questions)
    try:
        yield questions
    finally:
        _noted.reset(token)


def ahead(asked: Sequence[Question]) -> None:
    """Fetch the quick ones of these looks at all other snapshots of their runs, later and nearer ones first."""
    wanted: dict[Question, None] = {}
    for one in asked:
        if KEPT.quick(one):
            steps = backend.store().snapshots(one.run_id)
            order = [
                *(step for step in steps if step > one.step),
                *(step for step in reversed(steps) if step < one.step),
            ]
            wanted.update(dict.fromkeys(replace(one, step=step) for step in order))
    KEPT.ahead(one for one in wanted if one not in asked)


def _bytes(seen: Picture) -> int:
    return sum(array.nbytes for array in seen.arrays.values())


KEPT = Kept()
