"""Who is alive: a worker holds its run's lock for as long as it lives, and the operating system frees it at its death.

A process id would lie: ids are reused. A heartbeat would guess: a slow worker is not a dead one.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


def lock_of(folder: Path) -> FileLock:
    """The lock of a run's folder, not yet taken."""
    return FileLock(folder / "lock", thread_local=False)


def held(folder: Path) -> bool:
    """Does a living process hold the lock of this run's folder?"""
    if not (folder / "lock").exists():
        return False
    lock = lock_of(folder)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False
