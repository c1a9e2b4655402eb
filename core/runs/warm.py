"""The warm parent (Linux): loads the engine once, takes one step, then forks a process for each job.

A forked worker takes its first step within a tenth of a second and shares the engine's memory with its siblings; a
cold start takes seconds and 330 MB. `core.runs.starter` talks to it over one socket of whole messages (JSON):

    to it     {"start": token, "job": "run", "run": id}       carry out a run
              {"start": token, "job": "look"} + a socket      answer looks inside over that socket
              {"kill": token}
    from it   {"ready": true}, {"begun": token, "pid": n}, {"ended": token, "code": n}

It has a single thread (a fork copies only one), never opens the store or a GPU, and ends when the server's end of the
socket closes. Its children are sessions of their own and go on without it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace

from core.pace import Measured
from core.runs.bounds import keep_to_one_thread
from core.runs.machine import keep_machine
from core.shelf import default_home
from core.spec import Experiment

TIMED_STEPS = 12  # of each family's default model, a tenth of a second each


def warm_up() -> None:
    """Load what a job needs and take steps of each family, so that nothing is left to do for the first time."""
    keep_to_one_thread()
    import core.looking.look
    import core.runs.sight
    import core.runs.worker  # noqa: F401 (loaded for the children)

    few = {"train.steps": 2, "train.batch": 2, "train.held_out": 8, "train.device": "cpu"}
    for family in ("transformer", "lstm"):
        take_steps(Experiment().with_({"model.family": family, "model.size": "tiny", **few}))
    know_machine()
    gc.collect()
    gc.freeze()  # children never touch, and so never copy, what is here


def take_steps(experiment: Experiment) -> Measured:
    """Train, and say how fast it went."""
    from core.data.registry import open_source
    from core.events import Finished, Started
    from core.training import train

    parameters, speed = 0, 0.0
    for event in train(experiment, open_source(experiment.data.settings)):
        if isinstance(event, Started):
            parameters = event.parameters
        elif isinstance(event, Finished):
            speed = event.tokens_per_second
    return Measured(experiment, parameters, speed)


def know_machine() -> None:
    """Write down what pages can't find out by themselves: the devices, and how fast the default models learn.

    Steps are timed only where "auto" means the CPU: a GPU must not be opened before the fork.
    """
    devices = found_devices()
    keep_machine(default_home(), devices, time_first_steps() if devices == ["cpu"] else [])


def found_devices() -> list[str]:
    """This machine's devices, the best first; none where they can't be told.

    A child finds out: asking may open a GPU, which this process must not, and which may go wrong.
    """
    from core.device import devices

    read, write = os.pipe()
    if child := os.fork():
        os.close(write)
        with open(read) as told:
            names = told.read().split()
        os.waitpid(child, 0)
        return names
    try:
        os.write(write, " ".join(devices()).encode())
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def time_first_steps() -> list[Measured]:
    """Time some steps of each family's default model, for estimates before any run has finished here."""
    timed = []
    for family in ("transformer", "lstm"):
        default = Experiment().with_({"model.family": family})
        some = default.with_({"train.steps": TIMED_STEPS, "train.held_out": 8, "train.device": "cpu"})
        timed.append(replace(take_steps(some), experiment=default))
    return timed


def threads() -> int:
    """Threads of this process, whoever made them."""
    return len(os.listdir("/proc/self/task"))


class Parent:
    """Reads jobs from the server's socket, forks, and reports the ends of its children."""

    def __init__(self, server: socket.socket) -> None:
        self.server = server
        self.tokens: dict[int, int] = {}  # child's process id -> token
        self.wake, waker = socket.socketpair()
        for end in (self.wake, waker):
            end.setblocking(False)
        self.waker = waker
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # its arrival wakes the loop

    def serve(self) -> None:
        """Until the server is gone."""
        self.tell({"ready": True})
        while True:
            ready, _, _ = select.select([self.server, self.wake], [], [])
            if self.wake in ready:
                self.wake.recv(4096)
                self.reap()
            if self.server in ready:
                message, files, _, _ = socket.recv_fds(self.server, 65536, 1)
                if not message:
                    return
                self.obey(json.loads(message), files)

    def tell(self, message: dict[str, object]) -> None:
        self.server.send(json.dumps(message).encode())

    def obey(self, message: dict[str, object], files: list[int]) -> None:
        if "kill" in message:
            for child, token in self.tokens.items():
                if token == message["kill"]:
                    os.kill(child, signal.SIGKILL)  # not reaped yet, so the id is still this child's
        else:
            child = self.fork(job_of(message, files))
            self.tokens[child] = int(str(message["start"]))
            self.tell({"begun": message["start"], "pid": child})
        for file in files:
            os.close(file)

    def fork(self, job: Callable[[], int]) -> int:
        """Start a child for the job and return its process id."""
        if child := os.fork():
            return child
        code = 1
        try:
            self.forget()
            code = job()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)  # the parent's own clean-up is none of a child's business

    def forget(self) -> None:
        """What a child must not inherit: the parent's session, socket and signals."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self.server, self.wake, self.waker):
            end.close()

    def reap(self) -> None:
        """Collect the children that ended; none stays a zombie."""
        while self.tokens:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            self.tell({"ended": self.tokens.pop(child), "code": os.waitstatus_to_exitcode(status)})


def job_of(message: dict[str, object], files: list[int]) -> Callable[[], int]:
    """What the child is to do; gives its exit code."""
    if message["job"] == "look":
        from core.runs import sight

        end = socket.socket(fileno=os.dup(files[0]))
        return lambda: sight.serve(end.makefile("rb"), end.makefile("wb"))
    from core.runs import worker

    return lambda: worker.main(str(message["run"]))


def main() -> int:
    server = socket.socket(fileno=os.dup(0))
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    warm_up()
    if threads() != 1:
        print(f"The warm parent has {threads()} threads and can't fork safely.", file=sys.stderr)
        return 3
    try:
        Parent(server).serve()
    except (BrokenPipeError, ConnectionResetError):
        return 0  # the server is gone
    finally:
        signal.set_wakeup_fd(-1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
