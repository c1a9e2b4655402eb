"""Asking the store or the runner for something that may be refused."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.runs.failures import StoreError
from ui.panels.naming import plain
from ui.words import tr


def attempt(act: Callable[[], object]) -> bool:
    """Do it; a refusal is said on the page in its own plain words. True when it worked."""
    try:
        act()
    except StoreError as error:
        st.toast(plain(tr(str(error))), icon=":material/error:")
        return False
    return True
