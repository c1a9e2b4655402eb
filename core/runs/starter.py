"""How the server starts processes: forked by the warm parent on Linux, otherwise each by its own command.

The server itself is never forked, and multiprocessing is not used: its children would run the page that is open.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import IO, Any

from core.runs.bounds import ONE_THREAD
from core.runs.store import Store

ROOT = Path(__file__).resolve().parents[2]
MOST_DEATHS = 3  # of the warm parent within a minute; then processes start cold
TOKENS = itertools.count(1)


def warm_possible() -> bool:
    """Forking with the engine loaded is safe on Linux only; BOTHWAYS_COLD=1 turns it off."""
    return sys.platform.startswith("linux") and os.environ.get("BOTHWAYS_COLD", "") in ("", "0")


def environment(store: Store) -> dict[str, str]:
    """The environment of a worker: the same store, one thread, and this code."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    database = {"BOTHWAYS_DATABASE": store.url} if store.url else {}
    return {**os.environ, **ONE_THREAD, "PYTHONPATH": path, "BOTHWAYS_HOME": str(store.home.resolve()), **database}


def command(store: Store, module: str, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    """Start a module of ours as a session of its own, so that the server's end is not its end. It shares our log."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **more}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=environment(store), start_new_session=True, **streams
    )


class Job:
    """A process that was asked for: by its own command, or by a token from the warm parent.

    `lost`: the warm parent died, so nobody will tell when this process ends, or whether it began.
    """

    def __init__(self, process: subprocess.Popen[bytes] | None = None, token: int = 0) -> None:
        self.process, self.token = process, token
        self.pid = process.pid if process else 0  # for people; 0: not known yet
        self.line: socket.socket | None = None  # what it is talked to over
        self.over = self.lost = False

    @property
    def ended(self) -> bool:
        """Known to be over. A process of its own is collected by asking."""
        return self.over or (self.process is not None and self.process.poll() is not None)


class WarmParent:
    """The server's end of one warm parent. `news` is set whenever a child, or the parent itself, has ended."""

    def __init__(self, store: Store, news: threading.Event) -> None:
        self.socket, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self.process = command(store, "core.runs.warm", stdin=far)
        self.jobs: dict[int, Job] = {}
        self.ready, self.gone = threading.Event(), threading.Event()
        follow = (self.socket, self.jobs, self.ready, self.gone, news)
        threading.Thread(target=_follow, args=follow, name="warm-parent", daemon=True).start()
        self.close = weakref.finalize(self, _hang_up, self.socket, self.process)

    def start(self, message: dict[str, Any], *files: int) -> Job:
        """Ask for a process. Raises OSError when the parent is gone."""
        job = Job(token=next(TOKENS))
        self.jobs[job.token] = job
        self.send({"start": job.token, **message}, *files)
        return job

    def send(self, message: dict[str, Any], *files: int) -> None:
        """One whole message. Raises OSError, and knows from then on, when the parent is gone."""
        try:
            socket.send_fds(self.socket, [json.dumps(message).encode()], files)
        except OSError:
            self.gone.set()
            raise


def _follow(
    end: socket.socket, jobs: dict[int, Job], ready: threading.Event, gone: threading.Event, news: threading.Event
) -> None:
    """Read what a warm parent tells until it is gone. Holds nothing that would keep a forgotten Starter alive."""
    while message := _received(end):
        told = json.loads(message)
        if "ready" in told:
            ready.set()
        if "begun" in told and told["begun"] in jobs:
            jobs[told["begun"]].pid = told["pid"]
        if "ended" in told and (job := jobs.pop(told["ended"], None)):
            job.over = True
            news.set()
    for job in jobs.values():
        job.lost = True
    gone.set()
    news.set()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:  # closed on this side, or reset on the other: over either way
        return b""


def _hang_up(end: socket.socket, process: subprocess.Popen[bytes]) -> None:
    """Close the socket for both sides, and collect the parent, which ends on that."""
    if process.poll() is None:
        try:
            end.shutdown(socket.SHUT_RDWR)
            process.wait(timeout=1)
        except (OSError, subprocess.TimeoutExpired):  # it is still loading the engine
            process.kill()
            process.wait()
    end.close()


class Starter:
    """Starts workers and the looking process; keeps a warm parent alive where one is possible."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.news = threading.Event()  # something that was started has ended
        self._lock = threading.Lock()
        self._parent: WarmParent | None = None
        self._deaths: list[float] = []

    def warm_up(self) -> None:
        """Start the warm parent now, so that it is ready when the first job comes."""
        self._warm()

    def wait_warm(self, seconds: float) -> bool:
        """Wait until jobs start fast; False where they never will, or not within `seconds`."""
        parent = self._warm()
        return parent is not None and parent.ready.wait(seconds)

    def run(self, run_id: str) -> Job:
        """Start a worker for a run."""
        if parent := self._warm():
            try:
                return parent.start({"job": "run", "run": run_id})
            except OSError:  # it died just now
                return self.run(run_id)
        return Job(command(self.store, "core.runs.worker", run_id))

    def look(self) -> tuple[Job, IO[bytes], IO[bytes]]:
        """Start the process that looks inside; with the files to read its answers from and write requests to."""
        if parent := self._warm():
            near, far = socket.socketpair()
            try:
                with far:
                    job = parent.start({"job": "look"}, far.fileno())
            except OSError:  # it died just now
                near.close()
                return self.look()
            job.line = near
            return job, near.makefile("rb"), near.makefile("wb")
        process = command(self.store, "core.runs.sight", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin
        assert process.stdout
        return Job(process), process.stdout, process.stdin

    def kill(self, job: Job) -> None:
        """End a process at once, or, when its parent is gone, as soon as it looks at its line."""
        if job.line is not None:
            with contextlib.suppress(OSError):  # it has hung up already
                job.line.shutdown(socket.SHUT_RDWR)
            job.line.close()
        if job.process is not None:
            job.process.kill()
            job.process.wait()
        elif self._parent and not self._parent.gone.is_set() and not job.over:
            self._parent.send({"kill": job.token})

    def close(self) -> None:
        """Let the warm parent go. Workers go on."""
        with self._lock:
            if self._parent:
                self._parent.close()
                self._parent = None

    def _warm(self) -> WarmParent | None:
        """The warm parent, restarted if it died; None where processes start cold."""
        if not warm_possible():
            return None
        with self._lock:
            if self._parent and self._parent.gone.is_set():
                self._parent.close()
                self._parent = None
                self._deaths = [*(at for at in self._deaths if time.monotonic() - at < 60), time.monotonic()]
            if not self._parent and len(self._deaths) < MOST_DEATHS:
                self._parent = WarmParent(self.store, self.news)
            return self._parent
