"""The language that was chosen stays with the browser: another tab of it opens in that language."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Opener

SOON = 20_000


def test_a_new_tab_speaks_the_language_that_was_chosen(visit: Opener) -> None:
    page = visit("/runs")
    expect(page.get_by_role("heading", name="Runs").first).to_be_visible(timeout=SOON)
    page.get_by_text("简体中文").first.click()
    expect(page.get_by_role("heading", name="运行记录").first).to_be_visible(timeout=SOON)
    page.wait_for_timeout(1_000)  # the browser keeps it a moment later
    other = visit("/runs", profile=page)
    expect(other.get_by_role("heading", name="运行记录").first).to_be_visible(timeout=SOON)
    assert "lang=" not in other.url
    other.get_by_text("English").first.click()
    expect(other.get_by_role("heading", name="Runs").first).to_be_visible(timeout=SOON)
