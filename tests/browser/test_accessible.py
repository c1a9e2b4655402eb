"""Axe finds no violation of WCAG 2.2, levels A and AA, on any page, in light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from core.runs.store import Store
from tests.browser.conftest import Opener, Server, settled
from tests.ui.records import write_run
from tests.ui.snapshots import keep_snapshots
from ui.places import PLACES

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
OF_RUNS = ("train", "look")


def violations(page: Page) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}" for one in found]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible(visit: Opener, server: Server, dark: bool) -> None:
    store = Store(server.home / "bothways")
    run_id = write_run(store, "both")
    keep_snapshots(store, run_id, (0, 100))
    page = visit(dark=dark)
    found = {}
    for place in PLACES:
        query = f"?run={run_id}" if place.name in OF_RUNS else ""
        page.goto(f"{server.url}/{'' if place.name == 'start' else place.name}{query}")
        settled(page)
        page.wait_for_timeout(1_000)  # charts are drawn after the script has run
        found[place.name] = violations(page)
    assert not any(found.values()), found
