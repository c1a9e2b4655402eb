"""Parts of a page that draw themselves again while something is going on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

import streamlit as st

from core.runs.store import Run

SECONDS = 0.3  # between two drawings: more than three a second
EAGER, EAGER_FOR = 0.1, 3.0  # while a run that was just begun has no step yet: the first one is shown at once
SLOWLY = 1.0  # for what changes rarely: a redraw costs training time on the same machine
_log = logging.getLogger("bothways.page")


def pace(runs: Iterable[Run], usual: float = SECONDS) -> float | None:
    """How often a part that shows these runs should be drawn; None when none is under way."""
    under_way = [run for run in runs if run.under_way]
    if not under_way:
        return None
    new = (run for run in under_way if not run.step and time.time() - (run.queued or run.created) < EAGER_FOR)
    return EAGER if usual < SLOWLY and any(new) else usual


def polled(draw: Callable[[], float | None], seconds: float | None) -> None:
    """Draw now, and every `seconds` (None: never). `draw` says how often from now on; a change redraws the whole page.

    The timer lives in the browser, so it stops with the tab; the redraw takes it away or brings it back.
    """

    def once() -> None:
        began = time.perf_counter()
        wanted = draw()
        _log.debug("fragment %.1f ms", 1000 * (time.perf_counter() - began))
        if wanted != seconds:
            st.rerun()

    st.fragment(once, run_every=seconds)()
