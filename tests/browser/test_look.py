"""Looking inside in a real browser: choosing a head by mouse and by keyboard, and a phone's width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runs.store import Store
from tests.browser.conftest import Opener, Server, settled
from tests.ui.records import write_run
from tests.ui.snapshots import keep_snapshots

SOON = 40_000  # milliseconds; the looking process starts first


@pytest.fixture
def run_id(server: Server) -> str:
    store = Store(server.home / "bothways")
    run_id = write_run(store, "both")
    keep_snapshots(store, run_id, (0, 50, 100))
    return run_id


def title_of(page: Page) -> Locator:
    return page.locator(".js-plotly-plot .gtitle")


def shows(page: Page, head: str) -> None:
    """Wait for a head's picture; for a moment the one before it may still be drawn beside it."""
    expect(title_of(page).filter(has_text=head)).to_be_visible(timeout=SOON)
    expect(title_of(page)).to_have_count(1, timeout=SOON)


def test_a_head_is_chosen_by_click_and_by_arrow_keys(visit: Opener, run_id: str) -> None:
    page = visit(f"/look?run={run_id}", height=1200)
    expect(title_of(page)).to_have_count(1, timeout=SOON)
    canvas = page.locator("canvas[role=img]")
    assert "2 × 4 heads" in (canvas.get_attribute("aria-label") or "")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] - 40, "y": box["height"] - 30})  # the last head of the last layer
    shows(page, "Layer 2, head 4")
    canvas.focus()
    canvas.press("ArrowLeft")
    canvas.press("ArrowUp")
    shows(page, "Layer 1, head 3")
    expect(page.locator(".says")).to_contain_text("Layer 1, head 3")


@pytest.mark.parametrize("dark", [False, True])
def test_every_view_fits_a_phone(visit: Opener, run_id: str, dark: bool) -> None:
    page = visit(f"/look?run={run_id}", width=390, height=844, dark=dark)
    for view in ("Attention", "Hidden states", "Who sees whom"):
        page.get_by_role("tab", name=view).click()
        settled(page)
        figure = page.locator(".js-plotly-plot:visible")
        expect(figure).to_be_visible(timeout=SOON)
        box = figure.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_through_training_the_picture_changes(visit: Opener, run_id: str) -> None:
    page = visit(f"/look?run={run_id}", height=1200)
    expect(title_of(page)).to_be_visible(timeout=SOON)
    answer = page.get_by_text("the model says").first
    before = answer.inner_text()
    slider = page.locator("[data-testid=stSlider] [role=slider], [data-testid=stSlider] input").first
    slider.focus()
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(page.get_by_text("untrained, every weight")).to_be_visible(timeout=SOON)
    expect(answer).not_to_have_text(before)
