"""From a choice to a run in a real browser: a conflict is repaired, another page loses nothing, training starts."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, settled


def pick(page: Page, label: str, option: str) -> None:
    """Choose from a menu; one that is opened while the page is drawn anew closes again, and is opened once more."""
    wanted = page.get_by_role("option", name=option, exact=True)
    for _ in range(10):
        settled(page)
        page.get_by_role("combobox", name=label).press("ArrowDown")
        page.wait_for_timeout(500)
        if wanted.is_visible():
            break
    wanted.click()


def test_a_conflict_is_repaired_and_the_rest_stays(visit: Opener) -> None:
    page = visit("/build")
    page.get_by_role("button", name="Write on").click()
    page.get_by_role("radio", name="character").click()
    expect(page.get_by_text("Every character is a token")).to_be_visible()
    pick(page, "Objective", "masked word")
    expect(page.get_by_text("a left-to-right model can't")).to_be_visible()
    expect(page.get_by_role("button", name="Train it", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Set direction to").click()
    expect(page.get_by_role("button", name="Train it", exact=True)).to_be_enabled()
    expect(page.get_by_role("radio", name="both ways")).to_be_checked()
    expect(page.get_by_role("radio", name="character")).to_be_checked()


def test_choices_survive_another_page_and_become_two_runs(visit: Opener) -> None:
    page = visit("/build")
    page.get_by_role("button", name="Read one way").click()
    settled(page)
    page.get_by_role("link", name="Runs").click()
    page.wait_for_url(re.compile(r"/runs"))
    settled(page)
    page.get_by_role("link", name="Build").click()
    page.wait_for_url(re.compile(r"/build"))
    expect(page.get_by_role("radio", name="tiny")).to_be_checked()
    page.get_by_role("button", name="both ways beside it").click()
    page.wait_for_url(re.compile(r"/train\?run=[0-9a-f]{32}(,|%2C)[0-9a-f]{32}"))
