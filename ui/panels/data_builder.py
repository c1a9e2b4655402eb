"""Choose the data: a language game with a known ceiling, the built-in text, or the learner's own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.data.registry import DATA, GAMES, LABELLED, PAIRS
from core.data.registry import OWN as OWN_LABELS
from core.data.transfer.questions import QUESTIONS
from core.fields import settings_of
from core.runs.failures import StoreError
from core.spec import Experiment
from core.text import TOKENIZERS, check_text
from ui import backend, state
from ui.canvas.sentence import show_sentences
from ui.panels import choices
from ui.panels.controls import explain
from ui.panels.opened import Glimpse, beginning
from ui.panels.own_labels import COLUMNS, choose_labels
from ui.panels.own_pairs import bring_pairs
from ui.words import later, tr

OWN, BUILT_IN, OWN_PAIRS = later("own text"), later("built-in text"), "own-pairs"
SHOWN = 3  # example sentences
BROUGHT = ("tokenizer", "vocabulary")  # what a checkpoint brings


def choose_data() -> None:
    """Draw the data's widgets; what is chosen is kept by `choices`."""
    before = choices.get("data", "task")
    task = st.selectbox(
        tr("Data"),
        list(DATA),
        index=list(DATA).index(before),
        format_func=_title_of,
        key=f"task {state.recall('choices round', 0)}",
        help=tr("Games have a ceiling that is known exactly; text is the real thing, without one."),
    )
    choices.choose_task(task)
    st.markdown(tr(DATA[task].story))
    if task in ("text", "spans"):
        _choose_text()
    elif task in OWN_LABELS:
        choose_labels(task)
    elif task == OWN_PAIRS:
        choices.change("data", "text", bring_pairs())
    brought = BROUGHT if choices.get("model", "checkpoint") and task == "text" else ()
    settings = [(one, about) for one, about in settings_of(DATA[task]) if one.name not in (*COLUMNS, *brought)]
    for one, about in settings:
        if not about.deeper:
            value = choices.ask("data", one.name)
            if one.name == "tokenizer":
                about_it = tr(TOKENIZERS[value])
                explain(tr("{sentence}.", sentence=about_it[0].upper() + about_it[1:]))
            elif one.name == "question":
                explain(tr(QUESTIONS[value].asks))
    deeper = [one.name for one, about in settings if about.deeper]
    if deeper:
        with st.expander(
            tr("Open every setting"), key="open-data", on_change="rerun", icon=":material/tune:"
        ) as opened:
            if opened.open:
                for name in deeper:
                    choices.ask("data", name)
    if task == "text":
        _try_again()


def _title_of(task: str) -> str:
    """Its title, and what sort of data it is."""
    title = tr(DATA[task].title)
    if task in PAIRS:
        return tr("{title} (translation)", title=title)
    if task in GAMES:
        return tr("{title} (a game)", title=title)
    return tr("{title} (labelled sentences)", title=title) if task in (*LABELLED, "transfer") else title


def show_examples(seen: Glimpse, experiment: Experiment) -> None:
    """Some sequences, with what is asked, its answer, and for games the cue."""
    first = state.recall("build example", 0)
    pairs = experiment.model.family == "encoder-decoder"
    left, right = st.columns([4, 1], vertical_alignment="center")
    said = tr("**Examples.** Outlined: what is asked, its answer below.")
    if pairs:
        said = tr("**Examples.** Outlined: what is to be written.")
    if seen.batch.cues is not None:
        said = tr("{sentence} {next}", sentence=said, next=tr(":orange-badge[Cue]: what tells it."))
    left.markdown(said)
    with right:
        words = tr("Draw other examples.")
        st.button(tr("Others"), icon=":material/casino:", type="tertiary", help=words, on_click=_others)
    objective = experiment.resolved().objective
    show_sentences([seen.row(first + n, objective) for n in range(SHOWN)], key="build examples")


def _others() -> None:
    state.remember("build example", state.recall("build example", 0) + SHOWN)


def _choose_text() -> None:
    """The built-in text, or one's own by paste or upload."""
    own = bool(choices.get("data", "text")) or state.recall("wants own text", False)
    which = st.segmented_control(
        tr("Text"),
        (BUILT_IN, OWN),
        default=OWN if own else BUILT_IN,
        required=True,
        key=choices.key("data", "which"),
        format_func=tr,
        help=tr(
            "The built-in text was written for this course by a known grammar. Your own text stays on this server."
        ),
    )
    state.remember("wants own text", which == OWN)
    if which == BUILT_IN:
        if choices.get("data", "text"):
            state.remember("own text before", choices.get("data", "text"))
            choices.change("data", "text", "")
    else:
        if not choices.get("data", "text") and state.recall("own text before"):
            choices.change("data", "text", state.recall("own text before"))
        _bring_text()
    _show_beginning(which)


def _bring_text() -> None:
    """Paste or upload; a text that can't be used says why, and the one before it stays in use."""
    st.text_area(
        tr("Paste your text"),
        key="own-text",
        height=120,
        persist_state="session",
        placeholder=tr("A few paragraphs at least; more is better."),
        help=tr("Up to 5 MB. Press Ctrl+Enter, or click elsewhere, to use it."),
        on_change=_take_paste,
    )
    st.file_uploader(
        tr("Or upload a .txt file"),
        type="txt",
        key="own-file",
        help=tr("Plain text in UTF-8, up to 5 MB."),
        on_change=_take_upload,
    )
    problem = state.recall("own text problem")
    if problem:
        words = tr(problem["words"])
        if choices.get("data", "text"):
            words = tr("{sentence} {next}", sentence=words, next=tr("Until then the text before it stays in use."))
        st.error(words, icon=":material/error:")


def _take_paste() -> None:
    text = state.widget("own-text")
    state.remember("own text problem", None)
    if text:
        _take(text, "paste")


def _take_upload() -> None:
    file = state.widget("own-file")
    state.remember("own text problem", None)
    if file is not None:
        _take(file.getvalue(), "upload")


def _take(raw: bytes | str, way: str) -> None:
    """Check a text and keep it; words to show where it can't be used."""
    fit = [choices.get("data", "length"), choices.get("data", "tokenizer")]
    try:
        kept = backend.store().keep_text(check_text(raw, *fit))
    except (TextError, StoreError) as error:
        state.remember("own text problem", {"words": str(error), "way": way, "fit": fit})
        return
    choices.change("data", "text", kept)


def _try_again() -> None:
    """A text that was too short may do once the context or the tokenizer is another."""
    problem = state.recall("own text problem")
    if problem and problem["fit"] != [choices.get("data", "length"), choices.get("data", "tokenizer")]:
        _take_paste() if problem["way"] == "paste" else _take_upload()
        st.rerun()


def _show_beginning(which: str) -> None:
    kept: Any = choices.get("data", "text")
    if which == OWN and not kept:
        words = tr("Paste or upload a text to learn from. Until then the built-in text is used.")
        st.info(words, icon=":material/info:")
    try:
        passage = beginning(kept)
    except (TextError, StoreError) as error:
        st.error(tr(str(error)), icon=":material/error:")
        return
    st.caption(tr("How it begins") if which == OWN and kept else tr("The built-in text begins"))
    st.code(passage[:300] + (" …" if len(passage) > 300 else ""), language=None, wrap_lines=True, height=120)
