"""Runs under control: pause, one step, go on, stop; a killed worker, a restarted server, a stranger with the link."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runs.store import Store
from core.spec import from_json
from tests.browser.conftest import Opener, Server, settled
from ui.links import encode

LONG = encode(from_json({"data": {"task": "sense"}, "model": {"size": "tiny"}, "train": {"steps": 50_000}}))
SOON = 20_000  # milliseconds


def store_of(server: Server) -> Store:
    return Store(server.home / "bothways")


def begin(visit: Opener) -> tuple[Page, str]:
    """Train a run of some minutes, which the test ends, from Build's link: the Train page and the run's id."""
    page = visit(f"/build?experiment={LONG}")
    page.get_by_role("button", name="Train it", exact=True).click()
    page.wait_for_url(re.compile(r"/train\?.*run=[0-9a-f]{32}"))
    expect(page.get_by_text("tokens/s").first).to_be_visible(timeout=SOON)
    found = re.search(r"run=([0-9a-f]{32})", page.url)
    assert found
    return page, found[1]


def eventually(true: Callable[[], bool], seconds: float = 10) -> None:
    """Fail unless it comes true within these seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def step_of(store: Store, run_id: str) -> int:
    return store.existing(run_id).step


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Resume from step"))).to_be_visible(timeout=SOON)


def test_pause_one_step_go_on_and_stop(visit: Opener, server: Server) -> None:
    page, run_id = begin(visit)
    store = store_of(server)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused at step")).to_be_visible(timeout=SOON)
    before = step_of(store, run_id)

    page.get_by_role("button", name="One step").click()
    eventually(lambda: step_of(store, run_id) == before + 1)
    expect(page.get_by_text(f"Paused at step {before + 1:,}")).to_be_visible(timeout=SOON)

    page.reload()  # paused is still paused
    settled(page)
    page.get_by_role("button", name="Go on").click()
    eventually(lambda: step_of(store, run_id) > before + 1)
    page.get_by_role("button", name="Pause").wait_for()
    settled(page)

    with page.expect_download() as downloaded:  # another click is answered while it trains
        page.get_by_role("button", name="Download all steps").click()
    assert Path(downloaded.value.path()).read_text().startswith("run,step,loss")
    page.get_by_text("The numbers").click()
    expect(page.get_by_text("Held-out loss")).to_be_visible()
    stop(page)


def test_a_killed_worker_is_told_in_words_and_resumes(visit: Opener, server: Server) -> None:
    page, run_id = begin(visit)
    store = store_of(server)
    eventually(lambda: store.resume_step(run_id) > 0, seconds=60)
    holder = store.existing(run_id).holder
    os.kill(int(holder.split()[-1]), signal.SIGKILL)
    expect(page.get_by_text("ended unexpectedly")).to_be_visible(timeout=5_000)
    assert "Traceback" not in page.inner_text("body")

    page.get_by_role("button", name=re.compile("Resume from step")).click()
    eventually(lambda: store.existing(run_id).status == "running")
    stop(page)


def test_a_stranger_may_look_but_not_touch(visit: Opener, server: Server) -> None:
    page, _ = begin(visit)
    stranger = visit(page.url)  # another browser
    expect(stranger.get_by_text("View only")).to_be_visible()
    assert stranger.get_by_role("button", name="Pause").count() == 0
    stop(page)


def test_a_restarted_server_finds_the_run(visit: Opener, server: Server) -> None:
    page, run_id = begin(visit)
    store = store_of(server)
    before, link = step_of(store, run_id), page.url
    page.goto("about:blank")  # an open page would note that its server is gone
    server.stop()
    eventually(lambda: step_of(store, run_id) > before)  # it goes on alone
    server.start()
    again = visit(link, profile=page)
    expect(again.get_by_text("tokens/s").first).to_be_visible(timeout=SOON)
    stop(again)


@pytest.mark.parametrize("width", [1280, 390])
def test_runs_are_listed_shared_renamed_and_deleted(visit: Opener, server: Server, width: int) -> None:
    page, run_id = begin(visit)
    stop(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.url}/runs")
    settled(page)
    expect(page.get_by_text("stopped").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    page.locator(f".st-key-menu-{run_id} button:visible").click()
    expect(page.get_by_text(f"{server.url}/train?run={run_id}")).to_be_visible()
    page.get_by_role("textbox", name="Title").fill("<b>Mine</b> & *yours*")
    page.keyboard.press("Enter")
    eventually(lambda: store_of(server).existing(run_id).title == "<b>Mine</b> & *yours*")
    page.keyboard.press("Escape")
    expect(page.locator(f".st-key-row-{run_id}").get_by_text("<b>Mine</b> & *yours*", exact=True)).to_be_visible()

    page.locator(f".st-key-row-{run_id} [data-testid=stCheckbox] label").click()
    page.get_by_role("button", name="Delete the ticked").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(f".st-key-row-{run_id}")).to_have_count(0)
    assert store_of(server).run(run_id) is None
