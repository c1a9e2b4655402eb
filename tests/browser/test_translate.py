"""The Translate page in a real browser: from the choice to two models that write, and a phone's width."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Opener, Server, settled

SOON = 40_000  # milliseconds; the looking process starts first


@pytest.fixture(scope="module")
def runs(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two small models, one way and both ways, hardly trained."""
    file: Path = tmp_path_factory.mktemp("experiments") / "small.json"
    model = {"family": "encoder-decoder", "size": "tiny"}
    train = {"steps": 60, "held_out": 100, "snapshots": 2}
    file.write_text(json.dumps({"data": {"task": "backwards", "most": 3}, "model": model, "train": train}))
    home = {**os.environ, "BOTHWAYS_HOME": str(server.home / "bothways")}
    ids = []
    for direction in ("left-to-right", "both"):
        command = [sys.executable, "-m", "core", "run", str(file), "--set", f"model.direction={direction}", "--json"]
        said = subprocess.run(command, cwd=ROOT, env=home, capture_output=True, text=True, check=True).stdout
        ids.append(json.loads(said.splitlines()[-1])["run"])
    return ",".join(ids)


def test_the_first_click_can_be_to_train(visit: Opener) -> None:
    page = visit("/translate")
    expect(page.get_by_role("button", name="Train both models")).to_be_enabled()
    expect(page.get_by_text("true translation")).to_have_count(0)
    page.get_by_role("combobox", name="Language pair").click()
    page.get_by_role("option", name="Two dialects").click()
    expect(page.get_by_text("British all through")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_both_write_and_show_where_they_looked(visit: Opener, runs: str, width: int, dark: bool) -> None:
    page = visit(f"/translate?run={runs}", width=width, dark=dark)
    figures = page.locator(".js-plotly-plot")
    expect(figures).to_have_count(2, timeout=SOON)
    expect(page.get_by_text("true translation")).to_be_visible()
    figures.first.locator(".updatemenu-button").click()
    page.get_by_role("button", name="Next sentence").click()
    settled(page)
    expect(figures).to_have_count(2, timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_scores_are_measured_on_request(visit: Opener, runs: str) -> None:
    page = visit(f"/translate?run={runs}")
    page.get_by_role("button", name="Measure both").click(timeout=SOON)
    expect(page.get_by_role("cell", name="Agreement")).to_be_visible(timeout=3 * SOON)
    expect(page.get_by_text("By length of the true translation")).to_be_visible()
