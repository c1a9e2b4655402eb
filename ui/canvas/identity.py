"""What the browser keeps (localStorage): an anonymous learner's id, so that runs stay theirs, and a language."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("identity.js").read_text(encoding="utf-8")
_identity = st.components.v2.component("bothways_identity", html="<span></span>", js=_SCRIPT)


def ask_identity(candidate: str, language: str, known: str, key: str) -> None:
    """Have the browser put what it keeps into the component's state, as `id` and `language`.

    A new browser keeps the `candidate` for an id. A `language` other than "" was chosen in this tab and is kept;
    `known` is the one that the browser told before.
    """
    told = {"candidate": candidate, "language": language, "known": known}
    _identity(key=key, data=told, on_id_change=lambda: None, on_language_change=lambda: None)
