"""From a choice to a run in a real browser: a conflict is repaired, another page loses nothing, training starts."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener, settled


def test_a_conflict_is_repaired_and_the_rest_stays(visit: Opener) -> None:
    page = visit("/build")
    page.get_by_role("button", name="Write on").click()
    page.get_by_role("radio", name="character").click()
    expect(page.get_by_text("Every character is a token")).to_be_visible()
    settled(page)  # else the menu would close again
    page.get_by_role("combobox", name="Objective").press("ArrowDown")
    page.get_by_role("option", name="masked word", exact=True).click()
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
