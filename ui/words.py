"""The words of the pages in the learner's language: English stands in the code, the others in ui/catalogue.

`tr("Train {n} steps", n=steps)` is what a page says. `tr(words)` also takes what the engine wrote (a label, an error, a
sentence about a model): it is looked up, or recognised by its template. Words in a table that is made when a file is
imported, before any learner is there, are marked by `later("…")` and said by `tr` when they are drawn.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lessons.lesson import LANGUAGES
from ui import state
from ui.catalogue.entries import GAP, catalogue

KEY = "language"  # of the switch
FOUND = "_bothways_language"


def language() -> str:
    """The learner's language; found out once in each run of a page, which asks hundreds of times."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:  # no page is being drawn
        return "en"
    this = getattr(run, "cursors", object())  # Streamlit makes them anew at each run
    of, found = getattr(run, FOUND, (None, ""))
    if of is not this:
        found = _wanted()
        setattr(run, FOUND, (this, found))
    return found


def _wanted() -> str:
    """What the learner chose, in this link, in this tab or once in this browser; else what the browser asks for."""
    for chosen in (state.param("lang"), state.recall("language"), state.recall("link-language"), state.kept_language()):
        if chosen in LANGUAGES:
            return chosen
    asked = (st.context.locale or "").lower().split("-")[0]
    return asked if asked in LANGUAGES else "en"


def tr(words: str, /, **values: object) -> str:
    """These words in the learner's language, with `values` in the place of their {names}."""
    spoken = language()
    if spoken != "en":
        words = catalogue(spoken).said(words, exact=bool(values))
    return GAP.sub(lambda gap: str(values.get(gap[0][1:-1], gap[0])), words) if values else words


def later(words: str) -> str:
    """Marks words that `tr` says when they are drawn."""
    return words


def switch() -> None:
    """A switch between the languages, in place. What a link asks for holds on the pages that it leads to, too."""
    now = language()
    if state.param("lang"):
        state.remember("link-language", now)
    if state.recall("spoken", now) != now:
        state.choose_again(but=KEY)
    state.remember("spoken", now)
    st.segmented_control(
        tr("Language"),
        list(LANGUAGES),
        default=now,
        required=True,
        format_func=LANGUAGES.__getitem__,
        key=f"{KEY}-{now}",
        help=tr("The language of the pages. It is your browser's until you choose another."),
        label_visibility="collapsed",
        on_change=_choose,
        args=(now,),
    )


def _choose(before: str) -> None:
    chosen = state.widget(f"{KEY}-{before}") or before
    state.remember("language", chosen)
    state.set_param("lang", chosen)
    setattr(get_script_run_ctx(), FOUND, (None, ""))
