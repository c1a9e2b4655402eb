"""Can a scripted learner take every lesson in a real Chromium, in both languages, on a desktop and on a phone?

Predicts, trains, reads, answers wrong, takes a hint, tries in vain and answers right; prints the seconds that each
lesson took. Fails where a lesson can't be finished, takes longer than it may, or is wider than its window.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from lessons.catalogue import LESSONS
from lessons.lesson import LANGUAGES, Lesson
from tests.browser.axe import in_both_themes
from tests.browser.conftest import FLAGS, Server, settled
from tests.browser.learner import Learner
from tests.browser_install import find

SECONDS = 180
WIDTHS = (1280, 390)


def taken(browser: Browser, server: Server, lesson: Lesson, language: str, width: int, axe: bool) -> tuple[float, str]:
    """(seconds, what went wrong or "") of one learner in a fresh browser profile; `axe`: judge each step as well."""
    broken: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, began = context.new_page(), time.perf_counter()
    page.set_default_timeout(30_000)
    try:
        page.goto(f"{server.url}/lessons?lesson={lesson.slug}&lang={language}")
        settled(page)
        looks = (lambda step: broken.extend(f"{step}: {one}" for one in in_both_themes(page))) if axe else _by
        Learner(page, lesson, language, looks).takes_it_all()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return time.perf_counter() - began, "WIDER THAN ITS WINDOW" if wide else "; ".join(broken)
    except (Error, AssertionError) as problem:
        return time.perf_counter() - began, f"FAILED: {' '.join(str(problem).split())[:400]}"
    finally:
        context.close()


def _by(step: str) -> None:
    """Passes by without a look."""


def main(arguments: list[str] | None = None) -> int:
    """Print a row for each learner; the exit status is 1 where one could not finish in time."""
    parser = argparse.ArgumentParser(prog="benchmarks learners", description=__doc__)
    parser.add_argument("lessons", nargs="*", default=list(LESSONS), metavar="LESSON")
    parser.add_argument("--languages", nargs="*", default=list(LANGUAGES), choices=list(LANGUAGES))
    parser.add_argument("--widths", nargs="*", type=int, default=list(WIDTHS))
    parser.add_argument("--axe", action="store_true", help="judge each step by WCAG 2.2, A and AA, in light and dark")
    chosen = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home))
        server.start()
        browser = playwright.chromium.launch(headless=True, executable_path=find(), args=FLAGS)
        for slug in chosen.lessons:
            for language in chosen.languages:
                for width in chosen.widths:
                    seconds, problem = taken(browser, server, LESSONS[slug], language, width, chosen.axe)
                    problem = problem or ("TOO LONG" if seconds > SECONDS else "")
                    wrong += bool(problem)
                    print(f"{slug:18}{language:4}{width:6}{seconds:8.1f} s  {problem}".rstrip(), flush=True)
        browser.close()
        server.stop()
    print("every lesson can be taken" if not wrong else f"{wrong} could not")
    return int(wrong > 0)
