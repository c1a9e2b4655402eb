"""What can go wrong with a run, in a learner's words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from core.data.contract import TextError
from core.fields import SpecError
from core.hub import CheckpointError


class StoreError(RuntimeError):
    """Runs can't be kept or read just now; says why and what to do."""


class NoSuchRun(StoreError):
    """No run has this id (any more)."""


class NotYours(StoreError):
    """Only the owner of a run may control it."""


class QueueFull(StoreError):
    """This learner has as many runs under way as one may have."""


class NoSuchDevice(StoreError):
    """The run asks for a device that this machine hasn't got."""


class LookError(RuntimeError):
    """A look inside did not work; says why and what to do."""


DISK_FULL = "The disk is full, so nothing more can be kept. Delete runs that you no longer need, then try again."
BUSY = "The store is busy with other writers. Nothing was lost; try again in a moment."
MEMORY = (
    "This run needs more memory than it may use{limit}. Try a smaller batch, a shorter context or a smaller model; "
    "it can go on from its last snapshot."
)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn a database's or a disk's complaint into StoreError with plain words."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(in_words(error)) from error


def in_words(error: BaseException, memory_limit: int | None = None) -> str:
    """One or two plain sentences on what went wrong. `memory_limit` in MB, where one was set."""
    text = str(error)
    if isinstance(error, SpecError | TextError | StoreError | LookError | CheckpointError):
        return text
    if isinstance(error, MemoryError) or "can't allocate memory" in text or "out of memory" in text:
        return MEMORY.format(limit=f" ({memory_limit} MB)" if memory_limit else "")
    if "database or disk is full" in text or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if isinstance(error, DatabaseError):
        if "locked" in text or "busy" in text:
            return BUSY
        return f"The store can't be read or written ({str(error.orig).strip()})."
    if isinstance(error, OSError):
        return f"A file can't be read or written ({error.strerror or text})."
    first = (text.strip().splitlines() or ["no message"])[0]
    return f"Something broke ({type(error).__name__}: {first[:200]}). The full report is in the server's log."
