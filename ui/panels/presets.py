"""Places to begin from, and the run that makes the best neighbour."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.spec import OBJECTIVE_OF, Experiment
from ui.panels import choices
from ui.panels.choices import workable
from ui.words import later, tr

BERT = {"norm_place": "post", "embedding_norm": True, "norm_epsilon": 1e-12, "token_types": 2}
BERT |= {"read_out": "transform", "tied_words": True}
PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    later("Read one way"): (
        later("A left-to-right Transformer looks for the sense of a word, and stops at its ceiling."),
        {"data": {"task": "sense"}, "model": {"direction": "left-to-right", "size": "tiny"}},
    ),
    later("Read both ways"): (
        later("The same model with both sides in sight."),
        {"data": {"task": "sense"}, "model": {"direction": "both", "size": "tiny"}},
    ),
    later("Two LSTMs, added up"): (
        later(
            "Two one-way LSTMs whose states are added can't do an exclusive-or. Swap the join for “product”, and they "
            "can."
        ),
        {"data": {"task": "negate"}, "model": {"family": "lstm", "direction": "both", "join": "sum"}},
    ),
    later("Deep or late"): (
        later("Looking up a pet by a name: full attention learns it; swap the join for a late one, and it doesn't."),
        {"data": {"task": "recall"}, "model": {"direction": "both", "join": "deep"}},
    ),
    later("Remember for long"): (
        later("An LSTM must keep a colour in memory over ten idle words."),
        {"data": {"task": "gap"}, "model": {"family": "lstm", "direction": "both", "join": "concat"}},
    ),
    later("Translate"): (
        later(
            "An encoder reads a list of animals, a decoder writes it in Spanish from the end. Look inside, and see "
            "where each word looked."
        ),
        {"data": {"task": "backwards"}, "model": {"cells": "lstm"}},
    ),
    later("Write on"): (
        later("A left-to-right Transformer learns to write the built-in text, word by word."),
        {"data": {"task": "text"}, "model": {"direction": "left-to-right"}},
    ),
    later("Fill blanks"): (
        later("A two-way Transformer fills hidden words of the built-in text, as BERT does."),
        {"data": {"task": "text"}, "model": {"direction": "both"}},
    ),
    later("A small BERT"): (
        later("Made as BERT is, part by part, so that it can be saved for other programs (transformers)."),
        {"data": {"task": "text"}, "model": {**BERT, "direction": "both"}},
    ),
    later("A small GPT-2"): (
        later("Made as GPT-2 is, part by part, so that it can be saved for other programs (transformers)."),
        {"data": {"task": "text"}, "model": {"activation": "gelu-tanh", "tied_words": True}},
    ),
}


def begin_from() -> None:
    """Presets, back, and start over."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for name, (words, plain) in PRESETS.items():
            st.button(tr(name), help=tr(words), on_click=choices.start, args=(plain,), key=f"preset {name}")
        back = {"on_click": choices.undo, "disabled": not choices.can_undo()}
        words = tr("Takes back your last choice.")
        st.button(tr("Undo"), icon=":material/undo:", type="tertiary", help=words, **back)
        over = {"on_click": choices.start, "args": ({},), "help": tr("Back to the defaults; Undo undoes that too.")}
        st.button(tr("Start over"), icon=":material/restart_alt:", type="tertiary", **over)


def counterpart(experiment: Experiment) -> Experiment:
    """The same experiment with the other kind of sight: both ways for a one-way model, else left to right."""
    direction = "left-to-right" if experiment.model.two_way else "both"
    plain = experiment.to_json()
    plain["model"] = {**plain.get("model", {}), "direction": direction}
    if experiment.data.asks_words:
        plain["objective"] = {**plain.get("objective", {}), "name": OBJECTIVE_OF[direction]}
    elif experiment.objective_name == "masked-and-next":  # no one-way model fills blanks
        plain["objective"] = {"name": "next-sentence"}
    return workable(plain) or Experiment(experiment.data)
