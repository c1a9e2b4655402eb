"""The thirty-second experience in a real browser, from the prediction to the reading of what was measured."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, settled

FINISHED = 90_000  # milliseconds; two small models on a busy machine


def predict(page: Page, guess: str) -> None:
    page.get_by_text(guess, exact=True).click()
    expect(page.get_by_role("button", name="Train both models")).to_be_enabled()


def overflows(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_nothing_is_measured_before_a_prediction(visit: Opener) -> None:
    page = visit("/")
    expect(page.get_by_role("button", name="Train both models")).to_be_disabled()
    expect(page.get_by_text("How often can a model that reads only the words to the left be right?")).to_be_visible()
    assert "ceiling" not in page.inner_text("[data-testid=stMain]").lower()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_one_way_stops_at_its_line_and_both_ways_pass_it(visit: Opener, width: int, dark: bool) -> None:
    page = visit("/", width=width, dark=dark)
    predict(page, "90 %")
    page.get_by_role("button", name="Train both models").click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"))

    page.reload()  # in mid-run: the link finds both again
    settled(page)
    expect(page.get_by_role("heading", name="What happened")).to_be_visible(timeout=FINISHED)

    told = page.inner_text("[data-testid=stMain]").replace("\u00a0", " ")
    stopped = re.search(r"Left to right stopped at ([\d.]+)\s%. Its ceiling is ([\d.]+)\s%", told)
    passed = re.search(r"Both ways passed that line: ([\d.]+)\s%", told)
    assert stopped, told
    assert passed, told
    assert float(stopped[2]) == 60.0
    assert abs(float(stopped[1]) - 60) < 5.3  # two points and three standard errors of 2,000 sentences
    assert float(passed[1]) > 90
    assert re.search(r"You predicted 90\s%", told)
    assert overflows(page) == 0
    for way_on in ("Build your own", "See all their curves", "Look inside"):
        expect(page.get_by_role("button", name=way_on)).to_be_visible()

    beside = visit(page.url, profile=page)  # a second tab shows the same, at once
    expect(beside.get_by_role("heading", name="What happened")).to_be_visible()
    assert stopped[0] in beside.inner_text("[data-testid=stMain]").replace("\u00a0", " ")


def test_a_broken_link_is_no_dead_end(visit: Opener) -> None:
    page = visit("/?run=../../etc/passwd,zz&p=nonsense")
    expect(page.get_by_role("button", name="Train both models")).to_be_visible()
    page = visit(f"/train?run={'0' * 32}")
    expect(page.get_by_text("can't be found")).to_be_visible()
