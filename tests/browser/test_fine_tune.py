"""The Fine-tune page in a real browser: a small race from the first click to its verdict, found again by its link."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, settled

SOON = 40_000  # milliseconds
RACED = 150_000
LEFT_OUT = ("From scratch", "LoRA", "Top and bottom in turn", "Two-way alignment")


def tick(page: Page, name: str) -> None:
    page.locator("[data-testid=stCheckbox]").filter(has_text=name).first.locator("label").first.click()
    settled(page)


def test_a_small_race_runs_to_its_verdict_and_is_found_again(visit: Opener) -> None:
    page = visit("/fine_tune", height=1400)
    expect(page.get_by_text("6 strategies × 3 seeds = 18 runs")).to_be_visible(timeout=SOON)
    for name in LEFT_OUT:
        tick(page, name)
    page.get_by_text("Take each strategy’s usual learning rate").click()
    settled(page)
    page.get_by_role("slider", name="Seeds").press("ArrowLeft")
    settled(page)
    page.get_by_text("Open every setting").click()
    steps = page.get_by_role("spinbutton", name="Steps")
    steps.fill("4")
    steps.press("Enter")
    expect(page.get_by_text("2 strategies × 2 seeds = 4 runs")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_role("button", name="Stop all")).to_be_visible(timeout=SOON)
    expect(page.locator("canvas").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text("has the best mean score").first).to_be_visible(timeout=RACED)
    expect(page.get_by_text("a test needs 3 seeds").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=SOON)
    again = visit(page.url, width=390, dark=True)
    expect(again.get_by_text("View only").first).to_be_visible(timeout=SOON)
    expect(again.get_by_text("has the best mean score").first).to_be_visible()
    again.get_by_role("radio", name="Forgetting").or_(again.get_by_role("button", name="Forgetting")).first.click()
    expect(again.get_by_text("it has forgotten").first).to_be_visible(timeout=SOON)
    assert again.evaluate("document.documentElement.scrollWidth") <= 390
