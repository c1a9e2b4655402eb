"""Switching the language in a real browser: what was chosen and what is open stays, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runs.store import open_store
from tests.browser.conftest import Opener, Server, settled
from tests.browser.test_start import overflows
from tests.ui.records import Score, write_run

SOON = 20_000


@pytest.fixture
def run_id(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished run of somebody's."""
    monkeypatch.setenv("BOTHWAYS_HOME", str(server.home / "bothways"))
    return write_run(open_store(), "both", Score(0.991))


def speak(page: Page, language: str, heading: str) -> None:
    page.get_by_text(language, exact=True).first.click()
    expect(page.get_by_role("heading", name=heading).first).to_be_visible(timeout=SOON)
    settled(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_prediction_outlives_the_switch(visit: Opener, width: int) -> None:
    page = visit("/", width=width)
    page.get_by_text("70 %", exact=True).click()
    expect(page.get_by_role("button", name="Train both models")).to_be_enabled(timeout=SOON)
    for language, heading, button in (
        ("简体中文", "有些东西，只读一边是学不会的", "训练两个模型"),
        ("English", "Some things can't be learned from one side", "Train both models"),
        ("简体中文", "有些东西，只读一边是学不会的", "训练两个模型"),
    ):
        speak(page, language, heading)
        expect(page.get_by_role("button", name=button)).to_be_enabled(timeout=SOON)
        expect(page.locator(".st-key-guess-0-8 [aria-checked=true]")).to_have_count(1, timeout=SOON)
        assert overflows(page) == 0
    assert "lang=zh" in page.url
    page.reload()
    expect(page.get_by_role("heading", name="有些东西，只读一边是学不会的").first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_open_run_and_how_it_is_drawn_outlive_the_switch(visit: Opener, run_id: str, width: int) -> None:
    page = visit(f"/train?run={run_id}", width=width)
    expect(page.get_by_text("right on held-out data").first).to_be_visible(timeout=SOON)
    curves(page, "Curves").get_by_role("button", name="training", exact=True).click()
    page.keyboard.press("Escape")
    settled(page)
    for language, heading, measured, menu in (
        ("简体中文", "训练", "留出数据正确率", "曲线"),
        ("English", "Train", "right on held-out data", "Curves"),
        ("简体中文", "训练", "留出数据正确率", "曲线"),
    ):
        speak(page, language, heading)
        expect(page.get_by_text(measured).first).to_be_visible(timeout=SOON)
        kinds = curves(page, menu).get_by_role("button", pressed=True)
        expect(kinds).to_have_count(1, timeout=SOON)
        page.keyboard.press("Escape")
    assert run_id in page.url
    assert "lang=zh" in page.url
    page.reload()
    expect(page.get_by_text("留出数据正确率").first).to_be_visible(timeout=SOON)
    assert overflows(page) == 0


def curves(page: Page, name: str) -> Locator:
    """The opened menu of how curves are drawn."""
    page.get_by_role("button", name=name).first.click()
    menu = page.locator("[data-testid=stPopoverBody]")
    expect(menu).to_be_visible(timeout=SOON)
    return menu


def test_a_choice_outlives_the_switch_and_what_comes_after(visit: Opener) -> None:
    """The browser knows choices by their words, so that a switch alone would make it forget them a moment later."""
    page = visit("/lessons?lesson=one-way&step=predict")
    answers = page.locator(".st-key-ask-one-way-more")
    answers.locator("label:has(input)").nth(1).click()
    for language, heading in (("简体中文", "只看一个方向"), ("English", "One direction"), ("简体中文", "只看一个方向")):
        speak(page, language, heading)
        expect(answers.locator(":checked")).to_have_count(1, timeout=SOON)
    expect(answers.locator("input").nth(1)).to_be_checked()


def test_a_chinese_browser_is_answered_in_chinese(visit: Opener) -> None:
    page = visit("/runs", locale="zh-CN")
    expect(page.get_by_role("heading", name="运行记录").first).to_be_visible(timeout=SOON)
    assert "lang" not in page.url
    speak(page, "English", "Runs")
    page.reload()
    expect(page.get_by_role("heading", name="Runs").first).to_be_visible(timeout=SOON)


def test_the_language_of_a_link_holds_on_the_pages_behind_it(visit: Opener) -> None:
    page = visit("/runs?lang=zh")
    page.get_by_role("button", name="搭建一个模型").click()
    expect(page.get_by_role("heading", name="搭建").first).to_be_visible(timeout=SOON)
    assert "lang" not in page.url


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
