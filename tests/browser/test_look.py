"""Looking inside in a real browser: heads by mouse and keyboard, one slider through training, files, a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runs.store import Store
from tests.browser.conftest import Opener, Server, settled
from tests.ui.records import write_run
from tests.ui.snapshots import keep_snapshots

SOON = 40_000  # milliseconds; the looking process starts first
STEPS = (0, 25, 50, 75, 100)


@pytest.fixture(scope="module")
def run_id(server: Server) -> str:
    store = Store(server.home / "bothways")
    run_id = write_run(store, "both")
    keep_snapshots(store, run_id, STEPS)
    return run_id


def picture(page: Page, title: str) -> Locator:
    """The picture whose title begins so."""
    return page.locator(f'canvas[aria-label^="{title}"]')


def slider(page: Page) -> Locator:
    return page.locator(".track[role=slider]")


def test_a_head_is_chosen_by_click_and_by_arrow_keys_and_its_picture_is_redrawn_in_place(
    visit: Opener, run_id: str
) -> None:
    page = visit(f"/look?run={run_id}", height=1200)
    expect(picture(page, "Layer")).to_have_count(1, timeout=SOON)
    picture(page, "Layer").evaluate("node => { node.dataset.mine = 'same node' }")
    canvas = page.locator('canvas[aria-label^="Attention of 2 × 4 heads"]')
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] - 40, "y": box["height"] - 30})  # the last head of the last layer
    expect(picture(page, "Layer 2, head 4")).to_have_count(1, timeout=SOON)
    canvas.focus()
    canvas.press("ArrowLeft")
    canvas.press("ArrowUp")
    expect(picture(page, "Layer 1, head 3")).to_have_count(1, timeout=SOON)
    expect(picture(page, "Layer")).to_have_attribute("data-mine", "same node")  # nothing was torn down


def test_a_field_tells_its_weight_and_the_picture_is_saved(visit: Opener, run_id: str) -> None:
    page = visit(f"/look?run={run_id}", height=1200)
    expect(picture(page, "Layer")).to_have_count(1, timeout=SOON)
    picture(page, "Layer").focus()
    picture(page, "Layer").press("ArrowDown")
    picture(page, "Layer").press("ArrowRight")
    expect(page.get_by_text("reads").filter(has_text="weight")).to_be_visible()
    for kind in ("PNG", "SVG"):
        with page.expect_download() as saved:
            page.get_by_role("button", name=kind, exact=True).click()
        assert saved.value.suggested_filename.endswith(kind.lower())
    drawn = saved.value.path().read_text()
    assert drawn.startswith("<svg xmlns")
    assert "what each word attends to" in drawn
    page.get_by_role("radio", name="Numbers").click()
    expect(page.get_by_role("columnheader", name="word that reads")).to_be_visible(timeout=SOON)


def test_one_slider_goes_through_training_plays_and_keeps_marks_in_the_link(visit: Opener, run_id: str) -> None:
    page = visit(f"/look?run={run_id}", height=1200)
    expect(picture(page, "Layer")).to_have_count(1, timeout=SOON)
    answer = page.get_by_text("the model says").first
    before = answer.inner_text()
    slider(page).focus()
    slider(page).press("Home")
    expect(page.get_by_text("untrained, every weight")).to_be_visible(timeout=SOON)
    expect(answer).not_to_have_text(before, timeout=SOON)
    page.get_by_role("button", name="Mark this moment").click()
    expect(page.get_by_role("button", name="⚑ 0")).to_be_visible(timeout=SOON)
    assert "marks=0" in page.url
    page.evaluate(
        "() => { window.seen = []; addEventListener('bothways-drawn', (one) => seen.push(performance.now())) }"
    )
    page.get_by_role("button", name="Play through training").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "100", timeout=SOON)
    expect(answer).to_have_text(before, timeout=SOON)
    page.get_by_role("button", name="⚑ 0").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "0", timeout=SOON)


@pytest.mark.parametrize("dark", [False, True])
def test_every_view_fits_a_phone(visit: Opener, run_id: str, dark: bool) -> None:
    page = visit(f"/look?run={run_id}", width=390, height=844, dark=dark)
    for view, title in (("Attention", "Layer"), ("Hidden states", "Hidden states"), ("Influence", "Who sees whom")):
        page.get_by_role("radio", name=view).click()
        settled(page)
        expect(picture(page, title)).to_have_count(1, timeout=SOON)
        box = picture(page, title).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_moments_side_by_side_point_at_the_same_field(visit: Opener, run_id: str) -> None:
    page = visit(f"/look?run={run_id}", height=1400)
    page.get_by_role("radio", name="Two at once").click(timeout=SOON)
    expect(picture(page, "A − B")).to_have_count(1, timeout=SOON)
    expect(slider(page)).to_have_count(2)
    first = picture(page, "Layer").first
    first.focus()
    first.press("ArrowDown")
    first.press("ArrowRight")
    told = page.get_by_text("reads").filter(has_text=": weight")
    expect(told).to_have_count(3)  # in A, in B and in their difference
