"""How a model writes on after the sentence that is looked at."""

from __future__ import annotations

import streamlit as st

from core.picture import Picture
from core.spec import Experiment
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels.amounts import percent
from ui.panels.samples import running
from ui.words import later, tr

WRITES = ("next-word", "previous-word")
SAID = {
    "likeliest": later("always the likeliest"),
    "searched": later("the likeliest as a whole"),
    "drawn": later("drawn by chance"),
}


def writes(experiment: Experiment) -> bool:
    """Whether this model can write on: it fills no blanks."""
    return experiment.objective_name in WRITES


def show_writing(seen: Picture) -> None:
    """The text, and what is written after it in three ways."""
    st.markdown(
        tr("**What it writes before this**, token by token. Marked: what it wrote.")
        if seen.notes["backwards"]
        else tr("**What it writes after this**, token by token. Marked: what it wrote.")
    )
    given = [running(token) for token in seen.tokens]
    flow = "joined" if any("␣" in word for way in SAID for word in seen.notes[way]) else "spaced"
    rows = []
    for way, label in SAID.items():
        written = [Word(running(token).text, "new") for token in seen.notes[way]]
        rows.append(Row(tr(label), written + given if seen.notes["backwards"] else given + written, flow=flow))
    show_sentences(rows, key="look-writing")
    sure = " · ".join(
        tr("{name}: {value}", name=tr(label), value=percent(float(seen.arrays[way].mean())))
        for way, label in SAID.items()
    )
    st.caption(
        tr(
            "Mean probability of the tokens it chose – {sure}. The likeliest words, and the likeliest text that a beam "
            "finds, soon repeat themselves; words drawn by their probabilities are livelier, and stray (Holtzman et "
            "al. 2020).",
            sure=sure,
        )
    )
