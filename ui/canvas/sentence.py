"""Words as boxes: which is asked about, which is the cue, which can't be seen, what was filled in.

Words may be a learner's own text: they travel as data and are set as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from ui.charts.palette import BOTH, CUE, FUTURE
from ui.words import later, tr

_HERE = Path(__file__)
_sentence = st.components.v2.component(
    "bothways_sentence",
    html='<div class="rows"></div>',
    css=_HERE.with_name("sentence.css").read_text(encoding="utf-8"),
    js=_HERE.with_name("sentence.js").read_text(encoding="utf-8"),
)
MEANINGS = {
    "asked": later("asked about"),
    "cue": later("the cue"),
    "hidden": later("can't be seen"),
    "right": later("filled rightly"),
    "wrong": later("filled wrongly"),
    "new": later("written by the model"),
}
MARKS = ("", *MEANINGS)


@dataclass(frozen=True)
class Word:
    """`mark` is one of MARKS; `note` stands under the word in small letters."""

    text: str
    mark: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """`flow`: "" boxes; "spaced" and "joined" set unmarked words as running text, with or without spaces between."""

    label: str
    words: Sequence[Word]
    colour: str = ""
    flow: str = ""


def show_sentences(rows: Sequence[Row], key: str) -> None:
    """Draw rows of words, wrapping on narrow screens."""
    colours = (("cue", CUE), ("right", BOTH), ("wrong", FUTURE))
    # Tuples, not lists: Streamlit looks for data frames in lists and dicts, and loads pandas (100 MB) to do so.
    meanings = tuple((mark, tr(words)) for mark, words in MEANINGS.items())
    _sentence(key=key, data={"rows": tuple(asdict(row) for row in rows), "colours": colours, "meanings": meanings})
