"""Begin to translate: which language pair, and which two ways of writing race on it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.data.registry import DATA, open_source
from core.runs.failures import StoreError
from core.runs.sight import EXAMPLES
from core.spec import Experiment, SpecError, from_json
from ui import state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels.launch import launch
from ui.panels.naming import plain
from ui.panels.own_pairs import bring_pairs
from ui.words import later, tr

GAMES = {name: one for name, one in DATA.items() if getattr(one, "objectives", ()) == ("translate",)}
OWN = "own-pairs"
WRITERS: dict[str, tuple[str, dict[str, Any]]] = {
    later("Left to right"): (
        later("Writes from the first word on; each word may look at the words before it."),
        {"direction": "left-to-right"},
    ),
    later("Right to left"): (
        later("Writes the last word first and works its way back."),
        {"direction": "right-to-left"},
    ),
    later("Both, and they must agree"): (
        later("Two decoders, one each way, propose translations; the one that both together find likeliest wins."),
        {"direction": "both", "writing": "agreement"},
    ),
    later("From both ends"): (
        later("One half is written from the start, one from the end, and each listens to the other, until they meet."),
        {"direction": "both", "writing": "synchronous"},
    ),
    later("Fill the blanks"): (
        later("Writes all words at once from both sides, then rewrites those that it is least sure of."),
        {"direction": "both", "writing": "mask-predict"},
    ),
    later("No mask (it cheats)"): (
        later("While it trains it can see the word that it is asked for. Watch its training loss, then let it write."),
        {"direction": "both", "writing": "unmasked"},
    ),
}
USUAL = ("Left to right", "Both, and they must agree")
BUILT_OF = {
    "transformer": later("Transformer: attention everywhere (Vaswani et al. 2017)"),
    "lstm": later("LSTM with attention (Bahdanau et al. 2015)"),
}
SHOWN = 3  # example pairs


def begin() -> None:
    """Choose, look at some pairs, and start."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(tr("1 · The languages"))
        task = choose_game()
        st.markdown(tr(GAMES[task].story))
        brought = bring_pairs() if task == OWN else ""
        if task != OWN:
            show_pairs(task)
    with right:
        st.subheader(tr("2 · Two ways to write"))
        writers = [choose_writer(place) for place in range(2)]
        cells = st.selectbox(
            tr("Built of"),
            list(BUILT_OF),
            format_func=lambda name: tr(BUILT_OF[name]),
            key="translate-cells",
            persist_state="session",
            help=tr("What the encoder, which reads, and the decoder, which writes, are made of."),
        )
        st.subheader(tr("3 · Train both"))
        start(task, writers, cells, brought)


def choose_game() -> str:
    """One of the language pairs; a link may name it (?task=)."""
    names, linked = list(GAMES), state.param("task")
    task = st.selectbox(
        tr("Language pair"),
        names,
        index=names.index(linked) if linked in names else 0,
        format_func=lambda name: tr(GAMES[name].title),
        key="translate-task",
        persist_state="session",
        help=tr("Small languages whose grammar is known, so that the best possible score is known too."),
    )
    return str(task)


def choose_writer(place: int) -> str:
    name = st.selectbox(
        tr("Second model" if place else "First model"),
        list(WRITERS),
        index=list(WRITERS).index(USUAL[place]),
        format_func=tr,
        key=f"translate-writer-{place}",
        persist_state="session",
        help=tr("In which order the words of the translation are written, and what each may look at."),
    )
    st.caption(tr(WRITERS[name][0]))
    return str(name)


def show_pairs(task: str) -> None:
    """Some sentences with their translations, from those that are never trained on."""
    source, first = open_source(GAMES[task]()), state.recall("translate pairs", 0)
    rows = []
    for number in range(first, first + SHOWN):
        read, truth = pair_of(source, number)
        rows.append(Row(tr("source"), [Word(one) for one in read]))
        rows.append(Row(tr("translation"), [Word(one, "right") for one in truth]))
    show_sentences(rows, key="translate-pairs")
    words = tr("Show other sentences of this pair.")
    st.button(tr("Other pairs"), icon=":material/casino:", type="tertiary", help=words, on_click=_others)


def pair_of(source: Any, number: int) -> tuple[list[str], list[str]]:
    """A held-out sentence and its true translation, in words."""
    held_out = source.held_out(EXAMPLES)
    row = number % len(held_out.tokens)
    read = held_out.source[row, : held_out.source_lengths[row]]
    truth = held_out.tokens[row, : held_out.lengths[row] - 1]  # without its end mark
    return [source.source_words[one] for one in read], [source.words[one] for one in truth]


def start(task: str, writers: list[str], cells: str, brought: str) -> None:
    """The button; what can't be built says why beside it."""
    try:
        experiments = [experiment(task, name, cells, brought) for name in writers]
    except SpecError as error:
        why = plain(tr(error.reason))
        st.warning(tr("{why} Choose another way to write, or Transformers.", why=why), icon=":material/block:")
        return
    words = tr("Trains two encoder–decoders from scratch on this machine, side by side.")
    if st.button(tr("Train both models"), type="primary", icon=":material/play_arrow:", help=words):
        try:
            ids = launch(experiments)
        except (StoreError, TextError) as error:
            st.error(plain(tr(str(error))), icon=":material/error:")
            return
        state.show_runs(ids)
        state.remember("translated", list(ids))
        st.rerun()
    st.caption(tr("You watch them from the first step on. Nothing is prepared: every number will be measured now."))
    kept = state.recall("translated")
    words = tr("Opens the two models that you trained last.")
    if kept and st.button(tr("Your last two"), icon=":material/history:", type="tertiary", help=words):
        state.show_runs(kept)
        st.rerun()


def experiment(task: str, writer: str, cells: str, brought: str = "") -> Experiment:
    """Raises SpecError where these can't go together."""
    model = {"family": "encoder-decoder", "cells": cells, **WRITERS[writer][1]}
    data = {"task": task, "text": brought} if brought else {"task": task}
    return from_json({"data": data, "model": model})


def _others() -> None:
    state.remember("translate pairs", state.recall("translate pairs", 0) + SHOWN)
