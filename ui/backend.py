"""The store, the runner and the looker of this server: one of each, shared by every visitor.

Kept by the process, not by Streamlit's cache: any visitor's browser can ask Streamlit to clear its caches.
"""

from __future__ import annotations

from functools import cache

from core.runs.downloads import Downloads
from core.runs.local import Runner
from core.runs.looker import Looker
from core.runs.machine import Machine, read_machine
from core.runs.starter import Starter
from core.runs.store import Store, open_store


@cache
def store() -> Store:
    return open_store()


@cache
def starter() -> Starter:
    """Starts the processes of both, from one warm parent."""
    return Starter(store())


def machine() -> Machine:
    """What is known of this machine by now; the warm parent finds it out while the server goes on."""
    return read_machine(store().home)


@cache
def runner() -> Runner:
    return Runner(store(), starter())


@cache
def downloads() -> Downloads:
    return Downloads(store().home)


@cache
def looker() -> Looker:
    return Looker(store(), starter())
