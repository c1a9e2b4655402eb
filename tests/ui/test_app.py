"""The entry file where the server was set up wrongly: words, not a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.store import Store
from ui import backend
from ui.panels.naming import plain

APP = Path(__file__).resolve().parents[2] / "ui" / "app.py"


def error_of_the_page() -> str:
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not app.exception
    (said,) = app.error
    return str(said.value)


@pytest.mark.parametrize("name", ["WORKERS", "LEARNER_RUNS", "MEMORY_MB", "MINUTES"])
def test_a_bad_environment_is_said_on_the_page(store: Store, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"BOTHWAYS_{name}", "lots")
    assert plain(f'BOTHWAYS_{name} = "lots"') in error_of_the_page()


def test_a_home_that_can_not_be_is_said_on_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (store.home / "file").write_text("")
    monkeypatch.setenv("BOTHWAYS_HOME", str(store.home / "file"))
    backend.store.cache_clear()
    assert "file" in error_of_the_page()
