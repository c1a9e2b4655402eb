"""An anonymous learner's id, kept by the browser (localStorage), so that their runs are theirs after a reload."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("identity.js").read_text(encoding="utf-8")
_identity = st.components.v2.component("bothways_identity", html="<span></span>", js=_SCRIPT)


def ask_identity(candidate: str, key: str) -> None:
    """Have the browser put the id that it keeps into the component's state as `id`; a new one keeps `candidate`."""
    _identity(key=key, data={"candidate": candidate}, on_id_change=lambda: None)
