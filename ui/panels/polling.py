"""Parts of a page that draw themselves again while something is going on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import streamlit as st

SECONDS = 0.3  # between two drawings: more than three a second
SLOWLY = 1.0  # for what changes rarely: a redraw costs training time on the same machine
_log = logging.getLogger("bothways.page")


def polled(draw: Callable[[], bool], live: bool, seconds: float = SECONDS) -> None:
    """Draw now, and every `seconds` while `live`. `draw` says whether it is still live; a change redraws all.

    The timer lives in the browser, so it stops with the tab; the redraw takes it away or brings it back.
    """

    def once() -> None:
        began = time.perf_counter()
        still = draw()
        _log.debug("fragment %.1f ms", 1000 * (time.perf_counter() - began))
        if still != live:
            st.rerun()

    st.fragment(once, run_every=seconds if live else None)()
