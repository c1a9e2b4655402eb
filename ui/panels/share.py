"""Take an experiment elsewhere: a link that anyone can open, or a file."""

from __future__ import annotations

import json

import streamlit as st

from core.spec import Experiment
from ui import links, state
from ui.words import tr


def show_share(experiment: Experiment) -> None:
    """A popover with the experiment's link and file."""
    words = tr("Take this experiment elsewhere, by a link or as a file.")
    with st.popover(tr("Share"), icon=":material/share:", help=words):
        st.markdown(tr("**A link to this experiment.** Who opens it sees these choices, and can train them."))
        st.code(f"{state.address()}/build?experiment={links.encode(experiment)}", language=None, wrap_lines=True)
        if experiment.data.own:
            st.caption(
                tr("Your own text is part of it: whoever has the link can read how it begins and train on it here.")
            )
        st.markdown(tr("**The file**, for `python -m core run`."))
        plain = json.dumps(experiment.to_json(), indent=2, ensure_ascii=False)
        st.download_button(
            tr("Experiment as JSON"),
            plain,
            "experiment.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            help=tr("Names only what differs from the defaults; every command of the terminal reads it."),
        )
