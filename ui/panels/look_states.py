"""Hidden states: where each layer puts the words."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.looking.pca import aligned
from core.picture import Picture
from ui.charts.states import agreement, states_figure
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked
from ui.panels.look_keep import code, draw, keep, left_out


def show_states(seen: Picture, last: Picture, looked: Looked) -> None:
    """One flat picture a layer, turned as the last snapshot's: dragging through training shows true movement."""
    seen = aligned(seen, last)
    arrays, notes = seen.arrays, seen.notes
    st.markdown(
        "Each dot is a word that the model is asked about, from sentences it never trained on; its colour is the true "
        "answer. Dots of one colour together, apart from the others: this layer knows the answer. Crosses are words of "
        "the sentence above. Press ▶ to go through the layers."
    )
    form = keep(seen, "states", ["layer", "answer", "first", "second", "sentence"], partial(rows, seen))
    said = f"Hidden states of {len(arrays['label'])} words by layer, flattened to two directions"
    points, own, explained = (arrays[name] for name in ("points", "own", "explained"))
    places = [[place for place in some if place < len(seen.tokens)] for some in (looked.asked, looked.cues)]
    draw(states_figure(points, own, explained, arrays["label"], seen.tokens, notes, *places), "states", said, form)
    left_out(seen)
    st.caption(
        "Two directions of many: principal components hold as much of the spread as any two directions can. What looks "
        "mixed here may still be apart in the others."
    )
    with st.expander("As a table", icon=":material/table:"):
        st.markdown(layers_table(seen))
    code(
        "core/looking/pca.py:pca",
        "core/looking/pca.py:turn",
        "core/looking/states.py:states",
        "core/models/tap.py:tapped",
    )


def layers_table(seen: Picture) -> str:
    """For each layer how much the picture holds, and how well it tells the answers apart."""
    lines = []
    for layer, name in enumerate(seen.notes["layers"]):
        held = percent(seen.arrays["explained"][layer].sum())
        same = percent(agreement(seen.arrays["points"][layer], seen.arrays["label"]))
        lines.append([name, held, same])
    return as_markdown(["Layer", "spread in this picture", "nearest dot has the same answer"], lines)


def rows(seen: Picture) -> list[list[Any]]:
    """Every dot of every layer."""
    told = []
    for layer, name in enumerate(seen.notes["layers"]):
        for (x, y), label, sentence in zip(
            seen.arrays["points"][layer], seen.arrays["label"], seen.notes["sentences"], strict=True
        ):
            told.append([name, seen.notes["classes"][label], round(float(x), 5), round(float(y), 5), sentence])
    return told
