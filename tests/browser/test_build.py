"""Build in a real browser: conflicts are explained and repaired, bad text is refused in words, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.spec import from_json
from tests.browser.conftest import Opener, settled
from ui.links import encode


def built(visit: Opener, plain: dict[str, object], **window: object) -> Page:
    return visit(f"/build?experiment={encode(from_json(plain))}", **window)


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_known_before_a_step(visit: Opener, width: int) -> None:
    page = built(visit, {"data": {"task": "negate"}, "model": {"direction": "both", "join": "sum"}}, width=width)
    main = page.locator("[data-testid=stMain]")
    for words in ("parameters", "FLOPs", "ceiling"):
        expect(main.get_by_text(words).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


BAD = {
    "empty.txt": (b"", "There is no text in it"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "text"),
    "latin.txt": ("Müde Bären träumen. ".encode("latin-1") * 200, "UTF-8"),
    "short.txt": (b"Too short.", "Add more text"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_uploads_are_refused_in_words(visit: Opener, tmp_path: Path, name: str) -> None:
    raw, words = BAD[name]
    file = tmp_path / name
    file.write_bytes(raw)
    page = built(visit, {"data": {"task": "text"}})
    page.get_by_role("radio", name="own text").click()
    settled(page)
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.locator("[data-testid=stAlert]").get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("radio", name="own text")).to_be_checked()  # nothing else was lost
    assert "Traceback" not in page.inner_text("body")
