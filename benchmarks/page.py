"""The pages in a real browser while two runs train: click to first step, updates per second, redraw times, memory.

    python -m benchmarks.page

Starts the app as `make app` does, with a store of its own, opens it in headless Chromium, and prints one table. Memory
is unique set size (what would be free if the process ended), by psutil.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from core.runs.store import Store
from core.spec import from_json
from tests.browser.conftest import FLAGS
from tests.browser_install import find

ROOT = Path(__file__).resolve().parents[1]
WATCHED_SECONDS = 15.0
WARM_SECONDS = 12  # after which the warm parent has loaded the engine, on a busy machine too
APP = """
import logging, sys
logging.basicConfig(format="%(name)s %(message)s")
logging.getLogger("bothways.page").setLevel(logging.DEBUG)
from streamlit.web.cli import main
sys.argv = ["streamlit", "run", "ui/app.py", "--server.port", sys.argv[1]]
main()
"""
# Notes when a button was pressed, and each moment at which the page shows another number of steps.
WATCH = """
window.seen = {pressed: 0, moments: []};
addEventListener("pointerdown", () => { window.seen.pressed = performance.now(); }, true);
let last = "";
setInterval(() => {
  const shown = [...document.body.innerText.matchAll(/step ([\\d,]+) of/g)].map((found) => found[1]).join();
  if (shown !== last && /[1-9]/.test(shown)) { last = shown; window.seen.moments.push(performance.now()); }
}, 10);
"""


@contextmanager
def app(home: Path) -> Iterator[tuple[str, psutil.Process, Path]]:
    """The server: its address, its process, and its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BOTHWAYS_HOME": str(home), "PYTHONPATH": str(ROOT)}
    log = home / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", APP, str(port)], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}", psutil.Process(server.pid), log
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(address, timeout=1).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_full_info().uss) / 1e6


def busy(process: psutil.Process) -> float:
    """CPU seconds that a process has used."""
    used = process.cpu_times()
    return float(used.user + used.system)


def family(home: Path, server: psutil.Process) -> list[psutil.Process]:
    """The server and every process that works for this store."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("BOTHWAYS_HOME") == str(home):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    return found or [server]


def race(page: Page, address: str, store: Store) -> dict[str, float]:
    """The start page's race: from the click to the first step, in the store and on the page."""
    page.goto(address)
    page.get_by_role("radio", name="70 %").click()
    button = page.get_by_role("button", name="Train both models")
    page.wait_for_timeout(WARM_SECONDS * 1000)  # the warm parent has loaded the engine
    page.evaluate(WATCH)
    pressed = time.perf_counter()
    button.click()
    page.wait_for_url(re.compile("run="))
    ids = page.url.split("run=")[1].split("&")[0].replace("%2C", ",").split(",")
    while not all(store.existing(run_id).step for run_id in ids):
        time.sleep(0.005)
    in_store = time.perf_counter() - pressed
    page.wait_for_function("window.seen.moments.length > 0", timeout=60_000)
    seen = page.evaluate("window.seen")
    page.get_by_text("What happened").wait_for(timeout=120_000)
    return {
        "click to first step of both runs, in the store (s)": in_store,
        "click to first step on the page (s)": (seen["moments"][0] - seen["pressed"]) / 1000,
        "click to the end of the race (s)": time.perf_counter() - pressed,
    }


def watching(page: Page, address: str, store: Store, owner: str) -> dict[str, float]:
    """The Train page with two long runs: how often it changes."""
    plain = {"data": {"task": "sense"}, "train": {"steps": 100_000, "evaluate_every": 5000}}
    experiments = [from_json(plain), from_json({**plain, "model": {"direction": "both"}})]
    ids = [store.create(one, owner=owner) for one in experiments]
    for run_id in ids:
        store.enqueue(run_id)
    page.goto(f"{address}/train?run={','.join(ids)}")
    page.get_by_text("tokens/s").nth(1).wait_for(timeout=30_000)
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * WATCHED_SECONDS)
    moments = page.evaluate("window.seen.moments")
    gaps = [after - before for before, after in pairwise(moments)]
    return {
        "updates of the live page per second": len(moments) / WATCHED_SECONDS,
        "longest time without an update (s)": max(gaps, default=0.0) / 1000,
    }


def another_click(page: Page) -> float:
    """Seconds until another click is answered while both train."""
    began = time.perf_counter()
    page.get_by_role("button", name="Curves").click()
    page.get_by_text("Smoothing").first.wait_for()
    return time.perf_counter() - began


def redraws(log: Path, after: int) -> dict[str, float]:
    """Times of the polled fragments that the server logged since byte `after`."""
    found = [float(one) for one in re.findall(r"fragment ([\d.]+) ms", log.read_text()[after:])]
    cuts = statistics.quantiles(found, n=20)
    return {"redraw p50 (ms)": statistics.median(found), "redraw p95 (ms)": cuts[18], "redraws measured": len(found)}


def measure(home: Path) -> dict[str, float]:
    """All figures, in the order in which they are printed."""
    store, figures = Store(home), dict[str, float]()
    with app(home) as (address, server, log), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        figures |= race(page, address, store)
        figures["server after the race (MB)"] = megabytes(server)
        owner = page.evaluate("localStorage.getItem('bothways.learner')")
        before = log.stat().st_size
        spent, began = busy(server), time.perf_counter()
        figures |= watching(page, address, store, owner)
        figures["server's share of one core meanwhile (%)"] = (
            100 * (busy(server) - spent) / (time.perf_counter() - began)
        )
        figures |= redraws(log, before)
        figures["another click answered (s)"] = another_click(page)
        figures["server with two runs polled (MB)"] = megabytes(server)
        figures["everything: server, warm parent, two workers (MB)"] = sum(map(megabytes, family(home, server)))
        for run in store.under_way():
            store.tell(run.id, "stop")
        page.get_by_role("button", name=re.compile("Resume")).nth(1).wait_for(timeout=30_000)
        browser.close()
    return figures


def main(_: list[str] | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    for name, value in figures.items():
        print(f"{name:<56}{value:>10.2f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
