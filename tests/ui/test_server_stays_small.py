"""Walking through every page loads neither torch nor, before looking inside, pandas: the server must stay small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WALK = """
import sys
from streamlit.testing.v1 import AppTest
from tests.ui.records import OWNER, write_run
from ui import backend
from ui.places import PLACES

PAGE = "from importlib import import_module; import_module('ui.views.{}').show()"
runs = ",".join([write_run(backend.store()), write_run(backend.store(), "both")])
heavy = {"torch", "pandas", "pyarrow", "matplotlib"}
for place in sorted(PLACES, key=lambda place: place.name == "look"):
    for link in ("", runs):
        app = AppTest.from_string(PAGE.format(place.name), default_timeout=60)
        app.session_state["owner"] = OWNER
        if link:
            app.query_params["run"] = link
        app.run()
        assert not app.exception, (place.name, app.exception)
        loaded = heavy & set(sys.modules) - ({"pandas", "pyarrow"} if place.name == "look" else set())
        assert not loaded, (place.name, loaded)
print("walked")
"""


def test_no_page_loads_what_the_server_has_no_room_for(tmp_path: Path) -> None:
    environment = {**os.environ, "BOTHWAYS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    walk = subprocess.run(
        [sys.executable, "-c", WALK], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=150
    )
    assert walk.returncode == 0, walk.stderr[-3000:]
    assert walk.stdout.endswith("walked\n")
