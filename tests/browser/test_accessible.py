"""Axe finds no violation of WCAG 2.2, levels A and AA, on any page, in light and dark."""

from __future__ import annotations

import pytest

from core.runs.store import Store
from lessons.catalogue import COURSE
from lessons.lesson import Lesson
from lessons.outline import folder_of
from lessons.texts import Text
from tests.browser.axe import in_both_themes, violations
from tests.browser.conftest import Opener, Server, settled
from tests.ui.records import write_run
from tests.ui.snapshots import keep_snapshots
from ui.places import PLACES

OF_RUNS = ("train", "look")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible(visit: Opener, server: Server, dark: bool) -> None:
    store = Store(server.home / "bothways")
    run_id = write_run(store, "both")
    keep_snapshots(store, run_id, (0, 100))
    page = visit(dark=dark)
    found = {}
    for place in PLACES:
        query = f"?run={run_id}" if place.name in OF_RUNS else ""
        page.goto(f"{server.url}/{'' if place.name == 'start' else place.name}{query}")
        settled(page)
        page.wait_for_timeout(1_000)  # charts are drawn after the script has run
        found[place.name] = violations(page)
    assert not any(found.values()), found


def linked(lesson: Lesson) -> bool:
    """Do its predictions name a word of the glossary, in small letters?"""
    return any("[[" in Text(folder_of(lesson), "en").body(f"guess.{guess.key}") for guess in lesson.guesses)


def test_words_of_the_glossary_can_be_read_beside_a_prediction(visit: Opener, server: Server) -> None:
    page, found = visit(), {}
    for lesson in filter(linked, COURSE):
        page.goto(f"{server.url}/lessons?lesson={lesson.slug}&step=predict")
        settled(page)
        found[lesson.slug] = in_both_themes(page)
    assert found
    assert not any(found.values()), found
