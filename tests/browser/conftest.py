"""A real server, a real Chromium; every page is watched for console errors and for requests that leave the machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser_install import find

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Opened by its own address, a page asks for these below its path first; Streamlit answers 404, it asks at the root.
HARMLESS = ("/_stcore/health", "/_stcore/host-config")


class Server:
    """The app as `make app` starts it, on a free port, with a store of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.log = home / "server.log"

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "ui/app.py", "--server.port", str(self.port)]
        environment = {**os.environ, "BOTHWAYS_HOME": str(self.home / "bothways")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).read()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()
    log = running.log.read_text()
    assert "Traceback" not in log, log
    assert "external IP" not in log, log  # it would have asked an outside host for it


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(headless=True, executable_path=find(), args=FLAGS)
    yield browser
    browser.close()


def watched(page: Page, complaints: list[str], server: Server) -> None:
    """Note console errors, uncaught exceptions, and requests that leave this machine."""

    def console(message: object) -> None:
        kind, text, where = message.type, message.text, message.location.get("url", "")  # type: ignore[attr-defined]
        if kind == "error" and not any(urlparse(where).path.endswith(path) for path in HARMLESS):
            complaints.append(f"console: {text} ({where})")

    def request(asked: object) -> None:
        host = urlparse(asked.url).hostname  # type: ignore[attr-defined]
        if host not in {"localhost", "127.0.0.1", None}:
            complaints.append(f"request left this machine: {asked.url}")  # type: ignore[attr-defined]

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on("request", request)


Opener = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Opener]:
    """visit(path, width=1280) → a page in a fresh browser profile; `profile=` reuses another page's storage.

    `locale` is the language that the browser asks for.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(
        path: str = "/",
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        profile: Page | None = None,
        locale: str = "en-US",
    ) -> Page:
        if profile is None:
            scheme = "dark" if dark else "light"
            context = chromium.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale
            )
            contexts.append(context)
        else:
            context = profile.context
        page = context.new_page()
        page.set_default_timeout(20_000)
        watched(page, complaints, server)
        page.goto(path if path.startswith("http") else server.url + path)
        settled(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def settled(page: Page) -> None:
    """Wait until the script has run once and the app is connected."""
    page.wait_for_timeout(150)
    page.wait_for_selector(
        "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
    )
