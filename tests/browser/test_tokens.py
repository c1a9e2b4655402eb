"""How text falls apart, in a real browser: a typed sentence is cut at once, on a phone nothing sticks out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, settled


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_sentence_falls_apart(visit: Opener, width: int, dark: bool) -> None:
    page = visit("/build", width=width, dark=dark)
    page.get_by_role("button", name="Write on").click()
    settled(page)
    page.get_by_text("How text falls apart", exact=True).click()
    expect(page.get_by_text("BPE: 37 tokens")).to_be_visible()
    page.get_by_label("A sentence to cut", exact=True).fill("the cook 🦊")
    page.get_by_label("A sentence to cut", exact=True).press("Enter")
    expect(page.get_by_text("byte: 13 tokens")).to_be_visible()
    expect(page.get_by_text("WordPiece: 3 tokens")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
