"""Parts of a page that draw themselves again while something is going on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import streamlit as st

SECONDS = 0.25  # between two drawings: more than three a second, also on a busy machine
_log = logging.getLogger("bothways.page")


def polled(draw: Callable[[], bool], live: bool) -> None:
    """Draw now, and every 0.25 s while `live`. `draw` says whether it is live still; a change redraws the whole page.

    The timer lives in the browser, so it stops with the tab; the redraw takes it away or brings it back.
    """

    def once() -> None:
        began = time.perf_counter()
        still = draw()
        _log.debug("fragment %.1f ms", 1000 * (time.perf_counter() - began))
        if still != live:
            st.rerun()

    st.fragment(once, run_every=SECONDS if live else None)()
