"""The server's side of looking inside: asks the looking process, waits for so long, and starts it again if it died."""

from __future__ import annotations

import json
import queue
import threading
import weakref
from typing import IO, Any

from core.picture import Picture
from core.runs.failures import LookError
from core.runs.sight import unpacked
from core.runs.starter import Starter
from core.runs.store import Store

ANSWER_SECONDS = 20.0
START_SECONDS = 40.0  # on top, when the process has to load the engine first

SLOW = "Looking took longer than {seconds:g} seconds and was given up. Try a shorter sentence or a smaller model."
DIED = "The process that looks inside ended unexpectedly, perhaps for want of memory. It starts anew: try again."
BUSY = "Others are looking inside just now. Try again in a moment."

Answer = Picture | str | None  # None: the process has ended; a str: what went wrong, in words


class Sight:
    """One looking process, from its start to its end."""

    def __init__(self, starter: Starter) -> None:
        self.job, answers, self.requests = starter.look()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.fresh = True
        threading.Thread(target=_follow, args=(answers, self.answers), name="looker", daemon=True).start()
        self.end = weakref.finalize(self, starter.kill, self.job)

    def ask(self, request: dict[str, Any], seconds: float) -> Answer:
        """The answer to one request. Raises queue.Empty when it takes longer than `seconds`."""
        try:
            self.requests.write(json.dumps(request).encode() + b"\n")
            self.requests.flush()
        except OSError:
            return None
        result = self.answers.get(timeout=seconds + (START_SECONDS if self.fresh else 0.0))
        self.fresh = False
        return result


def _follow(answers: IO[bytes], told: queue.Queue[Answer]) -> None:
    """Put each answer into the queue, and None at the end."""
    with answers:
        while (answer := _next(answers)) is not None:
            told.put(answer)
    told.put(None)


def _next(answers: IO[bytes]) -> Answer:
    try:
        line = answers.readline()
        header = json.loads(line) if line.endswith(b"\n") else {"size": 1}
        body = answers.read(header.get("size", 0))
    except OSError:  # reset by a killed process: it is over either way
        return None
    if "error" in header:
        return str(header["error"])
    return unpacked(header, body) if len(body) == header["size"] else None


class Looker:
    """`look` from any thread; one question at a time is answered."""

    def __init__(self, store: Store, starter: Starter | None = None) -> None:
        self.starter = starter or Starter(store)
        self.seconds = ANSWER_SECONDS
        self._lock = threading.Lock()
        self._sight: Sight | None = None

    def look(self, run_id: str, step: int, text: str, what: str, **options: Any) -> Picture:
        """Look inside a run's snapshot. `text` "": the first held-out sentence; `what` one of LOOKS, with its options.

        Raises LookError in plain words: a word that the model doesn't know, a run that is gone, a look that takes long.
        """
        return self._in_turn({"run": run_id, "step": int(step), "text": text, "what": what, "options": options})

    def translate(
        self,
        run_id: str,
        step: int,
        text: str = "",
        first: int = 0,
        count: int = 1,
        decoder: str = "",
        options: dict[str, Any] | None = None,
    ) -> Picture:
        """What an encoder–decoder writes: see `Eye.translate`. `decoder` "": the usual one of the model.

        Raises LookError in plain words.
        """
        asked = {"text": text, "first": first, "count": count, "decoder": decoder, "options": options or {}}
        return self._in_turn({"run": run_id, "step": int(step), **asked})

    def _in_turn(self, request: dict[str, Any]) -> Picture:
        if not self._lock.acquire(timeout=self.seconds):
            raise LookError(BUSY)
        try:
            return self._look(request)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the looking process."""
        with self._lock:
            self._end()

    def _look(self, request: dict[str, Any]) -> Picture:
        asked_before = self._sight is not None
        self._sight = self._sight or Sight(self.starter)
        try:
            answer = self._sight.ask(request, self.seconds)
        except queue.Empty:
            self._end()
            raise LookError(SLOW.format(seconds=self.seconds)) from None
        if isinstance(answer, Picture):
            return answer
        if answer is None:
            self._end()
            if asked_before:  # it may have died long ago, of something else
                return self._look(request)
            raise LookError(DIED)
        raise LookError(answer)

    def _end(self) -> None:
        if self._sight:
            self._sight.end()  # kills the process, once
            self._sight = None
