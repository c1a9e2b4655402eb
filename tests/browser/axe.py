"""Axe: the rules of WCAG 2.2, levels A and AA, that a page breaks."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def violations(page: Page) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}" for one in found]


def in_both_themes(page: Page) -> list[str]:
    """What the page breaks in light and in dark, while it stays open."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(1_000)  # charts are drawn after the script has run
        found += [f"{scheme}: {one}" for one in violations(page)]
    return found
