"""Bring the top of a page into view when something begins there: on a phone the button that began it is far below."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("arrival.js").read_text(encoding="utf-8")
_arrival = st.components.v2.component("bothways_arrival", html="<span></span>", js=_SCRIPT)


def arrive(what: str) -> None:
    """Scroll the page to its top, once for each `what`."""
    _arrival(key="arrival", data={"what": what})
