"""Hidden states as a map: where each layer puts the words."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.looking.pca import aligned
from core.picture import Picture
from ui.canvas.cloud import show_cloud
from ui.charts.cloud import Cloud, Group, grouped, in_spreads, ranked
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, more, with_tokens

BY = {"answer": "Answer", "word": "Word", "place": "Place in the sentence", "right": "Right or wrong"}
CODE = (
    "core/looking/pca.py:pca",
    "core/looking/pca.py:turn",
    "core/looking/states.py:states",
    "core/models/tap.py:tapped",
)


def show_states(seen: Picture, last: Picture, looked: Looked) -> None:
    """One flat picture a layer, turned as the last snapshot's: dragging through training shows true movement."""
    seen = aligned(seen, last)
    st.markdown(
        "**Look for** dots of one colour that draw together, apart from the others: that layer knows the answer. Each "
        "dot is a word that the model is asked about, from sentences it never trained on. Crosses are words of the "
        "sentence above."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        by = st.segmented_control(
            "Colour by",
            [one for one in BY if one != "place" or "places" in seen.notes],
            format_func=BY.__getitem__,
            default="answer",
            required=True,
            key="look-colour",
            persist_state="session",
            help="What the colour of a dot tells.",
        )
    cloud = cloud_of(seen, looked, str(by))
    show_cloud(cloud, key="cloud-states")
    more("states", cloud.header(), cloud.lines, with_tokens(seen), CODE, cloud.table)
    left_out(seen)
    st.caption(
        "Two directions of many: principal components hold as much of the spread as any two directions can. What looks "
        "mixed here may still be apart in the others."
    )


def cloud_of(seen: Picture, looked: Looked, by: str) -> Cloud:
    """The states of one snapshot as points, coloured by one of BY."""
    points, own = in_spreads(seen.arrays["points"], seen.arrays["own"])
    asked, cues = (tuple(one for one in some if one < len(seen.tokens)) for some in (looked.asked, looked.cues))
    return Cloud(
        points,
        own,
        seen.arrays["explained"],
        tuple(seen.notes["layers"]),
        groups_by(seen, by),
        tuple(seen.notes["sentences"]),
        seen.tokens,
        asked,
        cues,
        by=BY[by].lower(),
    )


def groups_by(seen: Picture, by: str) -> tuple[Group, ...]:
    """Points of one colour."""
    if by == "word":
        words = [between_brackets(one) for one in seen.notes["sentences"]]
        names, labels = np.unique(words, return_inverse=True)
        return grouped(labels, names.tolist(), "other words")
    if by == "place":
        return ranked(np.array(seen.notes["places"]) + 1, "word")
    if by == "right":
        return grouped((seen.arrays["answer"] == seen.arrays["label"]).astype(int), ["wrong", "right"])
    return grouped(seen.arrays["label"], seen.notes["classes"], "other answers")


def between_brackets(sentence: str) -> str:
    """The word that a point stands for: "… the [bank] of …" → "bank"."""
    return sentence.rpartition(" [")[2].removeprefix("[").partition("]")[0] or sentence
