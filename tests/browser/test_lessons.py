"""Lessons in a real browser, from the question to the last answer, by a learner who errs first."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lessons.catalogue import LESSONS
from lessons.lesson import STAGES
from tests.browser.axe import in_both_themes
from tests.browser.conftest import Opener, settled
from tests.browser.learner import Learner

SOON = 20_000


@pytest.mark.timeout(400)  # it trains for real, four times
@pytest.mark.parametrize(("slug", "language", "width"), [("joining", "en", 1280), ("masks", "zh", 390)])
def test_a_learner_takes_a_lesson_from_end_to_end(visit: Opener, slug: str, language: str, width: int) -> None:
    page = visit(f"/lessons?lesson={slug}&lang={language}", width=width)
    broken: dict[str, list[str]] = {}
    learner = Learner(page, LESSONS[slug], language, lambda step: broken.update({step: in_both_themes(page)}))
    learner.takes_it_all(in_vain=slug == "masks")
    assert set(broken) == set(STAGES)
    assert not any(broken.values()), broken
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    page.reload()  # the browser keeps who the learner is, the store what they did
    settled(page)
    expect(page.locator(".st-key-step-check button:visible").first).to_be_enabled(timeout=SOON)


def test_a_learner_leaves_for_another_page_and_comes_back_in_another_language(visit: Opener) -> None:
    page = visit("/lessons?lesson=joining")
    page.locator(".st-key-step-predict button:visible").first.click()
    page.wait_for_url(re.compile("step=predict"))
    page.get_by_text("简体中文").first.click()
    expect(page.get_by_text("锁定我的预测").first).to_be_visible(timeout=SOON)
    page.get_by_role("link", name="搭建").first.click()
    page.get_by_role("button", name=re.compile("回到课程")).first.click()
    page.wait_for_url(re.compile("lesson=joining"))
    expect(page.get_by_text("锁定我的预测").first).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="全部课程").first.click()
    expect(page.get_by_role("heading", name="课程").first).to_be_visible(timeout=SOON)
