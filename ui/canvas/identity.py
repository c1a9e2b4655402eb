"""An anonymous learner's id, kept by the browser (localStorage), so that their runs are theirs after a reload."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("identity.js").read_text(encoding="utf-8")
_identity = st.components.v2.component("bothways_identity", html="<span></span>", js=_SCRIPT)


def stored_identity(candidate: str) -> str | None:
    """The id this browser keeps; a browser that has none keeps `candidate`. None until the browser has answered."""
    answer = _identity(key="identity", data={"candidate": candidate}, on_id_change=lambda: None)
    return answer.id
