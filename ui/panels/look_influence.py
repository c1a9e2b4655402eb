"""Who can see whom: measured on the model itself, for attention and memory alike."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from ui.charts.heads import readable
from ui.charts.influence import forbidden_said, influence_figure, precision_said, strongest
from ui.charts.tables import as_markdown
from ui.panels.look_keep import SIDES_SAID, code, dark, draw, keep, left_out, shades_said
from ui.panels.naming import plain


def show_influence(seen: Picture) -> None:
    """The heat map, and what it proves."""
    norms, allowed, notes = seen.arrays["influence"], seen.arrays["allowed"], seen.notes
    picture, words = st.columns([7, 4], gap="large")
    with words:
        st.markdown(
            "How much does the state of one word change when another word's meaning changes a little? Not what the "
            "model was told to ignore, but what it truly ignores: this is measured by derivatives."
        )
        st.markdown(f"{leaks_said(notes)} {precision_said(notes)}")
        form = keep(seen, "influence", ["word", *seen.tokens], partial(rows, seen))
    with picture:
        st.markdown("**How strongly each word's state depends on each word**")
        st.caption(f"{forbidden_said(notes)}  \n{SIDES_SAID}. {shades_said(strongest(norms))}")
        said = f"Influence of every word on every word's state. {forbidden_said(notes)}"
        draw(influence_figure(norms, allowed, seen.tokens, dark()), "influence", said, form)
    left_out(seen)
    with st.expander("As a table", icon=":material/table:"):
        st.markdown(influence_table(seen))
    code(
        "core/looking/influence.py:influence",
        "core/looking/influence.py:vector_jacobian_squares",
        "core/looking/influence.py:leaks",
        "core/models/direction.py:visible",
    )


def leaks_said(notes: dict[str, Any]) -> str:
    """What changing each word, one at a time, has shown."""
    if notes["largest_forbidden"] is None:
        return ""
    if not notes["leaks"]:
        return "Changing each word in turn moved no state that should not see it."
    return f"Changing each word in turn moved {len(notes['leaks'])} states that should not see it."


def influence_table(seen: Picture) -> str:
    """For each word how much comes from each side, and the other word that matters most."""
    norms, lines = seen.arrays["influence"], []
    for t, token in enumerate(seen.tokens):
        others = np.where(np.arange(len(norms)) == t, 0, norms[t])
        most = int(others.argmax())
        name = f"{plain(readable(seen.tokens[most]))} ({most + 1})" if others[most] > 0 else "–"
        sides = (norms[t, :t].sum(), norms[t, t], norms[t, t + 1 :].sum())
        lines.append([f"{plain(readable(token))} ({t + 1})", *(f"{side:.3g}" for side in sides), name])
    return as_markdown(["Word", "from the left", "from itself", "from the right", "most from"], lines)


def rows(seen: Picture) -> list[list[Any]]:
    return [
        [token, *(float(f"{value:.6g}") for value in row)]
        for token, row in zip(seen.tokens, seen.arrays["influence"], strict=True)
    ]
