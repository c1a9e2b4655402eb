"""The views of Look inside: each opens with one picture, and offers the others of its subject."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.picture import WRITING, Picture
from core.runs.store import Run
from ui import backend
from ui.panels.look_attention import caveat, show_heads, show_word
from ui.panels.look_examples import Looked
from ui.panels.look_frame import choice, look
from ui.panels.look_influence import show_influence
from ui.panels.look_states import show_states
from ui.panels.look_writing import show_writing

OF_ATTENTION = {"heads": "Every head", "word": "One word, all heads"}


def attention(run: Run, step: int, looked: Looked, first: Picture) -> None:
    if not has_attention(run):
        without_attention()
        return
    picture = choice("Picture", OF_ATTENTION, "look-attention", "Ways to look at the same weights.")
    (show_heads if picture == "heads" else show_word)(first, looked)
    caveat()


def states(run: Run, step: int, looked: Looked, first: Picture) -> None:
    seen = look(run.id, step, looked.text, "states")
    last = seen and look(run.id, backend.store().snapshots(run.id)[-1], looked.text, "states")
    if seen and last:
        show_states(seen, last, looked)


def influence(run: Run, step: int, looked: Looked, first: Picture) -> None:
    if seen := look(run.id, step, looked.text, "influence"):
        show_influence(seen, looked)


def writing(run: Run, step: int, looked: Looked, first: Picture) -> None:
    if seen := look(run.id, step, looked.text, WRITING):
        show_writing(seen)


def has_attention(run: Run) -> bool:
    return run.experiment.model.family == "transformer"


def without_attention() -> None:
    """What to look at in an LSTM instead."""
    st.info(
        "An LSTM has no attention: it reads word by word and carries everything in its memory. What that memory holds "
        "is under **Hidden states**; which words have reached it, and how strongly, under **Influence**.",
        icon=":material/memory:",
    )


SHOW: dict[str, Callable[[Run, int, Looked, Picture], None]] = {
    "attention": attention,
    "states": states,
    "influence": influence,
    WRITING: writing,
}
