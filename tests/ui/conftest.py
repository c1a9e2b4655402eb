"""A store of its own for each test of a page, behind the same door that the pages use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runs.store import Store
from ui import backend
from ui.seen import KEPT


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("BOTHWAYS_HOME", str(tmp_path))
    for one in (backend.store, backend.starter, backend.runner, backend.looker, backend.downloads):
        one.cache_clear()
    yield backend.store()
    KEPT.forget()  # nothing is looked at any more
    for one in (backend.store, backend.starter, backend.runner, backend.looker, backend.downloads):
        one.cache_clear()
