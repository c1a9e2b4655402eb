"""Look inside an encoder–decoder: what it wrote, where each word looked, and what else its layers attend to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.matrix import LEAST_SCALE, Matrix, places
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked
from ui.panels.look_frame import choice, look, show, with_tokens
from ui.panels.look_pair_more import show_pair_ablation, show_pair_influence, show_pair_states
from ui.words import later, tr

PARTS = {
    "cross": later("Written words → source"),
    "encoder": later("Within the source"),
    "decoder": later("Within what is written"),
}
AXES = {
    "cross": (later("source word that is looked at"), later("written word")),
    "encoder": (later("source word that is read"), later("source word that reads")),
    "decoder": (later("word that was given"), later("word that looks")),
}
SAID = {
    "cross": later(
        "Where did each word look in the source when it was written? Every row adds up to 1. A learned alignment: "
        "nobody told the model which word belongs to which."
    ),
    "encoder": later("What each source word attends to in its own sentence. Every row adds up to 1."),
    "decoder": later(
        "What each word of the translation attends to among those that the decoder was given, in the order of "
        "writing, from its start mark on. Every row adds up to 1."
    ),
}

PICTURES = {
    "attention": later("Attention"),
    "influence": later("Who sees whom"),
    "ablation": later("Switch heads off"),
    "map": later("Map of states"),
    "probes": later("Probes"),
    "likeness": later("Likeness of layers"),
}
CODE = ("core/models/cross.py:CrossAttention", "core/models/cross.py:Alignment", "core/looking/pair.py:look_at_pair")


def show_pair(run: Run, step: int, looked: Looked) -> None:
    """The translation of a sentence, and one head in detail."""
    seen = look(run.id, step, looked.text, "attention")
    if seen is None:
        return
    sure = seen.notes["probabilities"]
    written = [
        Word(word, "new", tr("{share} sure", share=percent(one, 0)))
        for word, one in zip(seen.tokens, sure, strict=True)
    ]
    rows = [Row(tr("source"), [Word(one) for one in seen.notes["source"]])]
    show_sentences([*rows, Row(tr("written"), written or [Word(tr("(nothing)"), "hidden")])], key="look-pair")
    if not seen.tokens:
        st.info(tr("The model ended its sentence at once, so there is no word to look at. Choose a later moment."))
        return
    help = tr("Different ways to look at the same translation.")
    picture = choice(tr("Picture"), PICTURES, "look-pair-picture", help)
    if picture == "attention":
        show_pair_attention(seen)
    elif picture == "influence":
        show_pair_influence(run, step, looked)
    elif picture == "ablation":
        show_pair_ablation(run, step, looked)
    else:
        show_pair_states(picture, run, step, looked)


def show_pair_attention(seen: Picture) -> None:
    """Where each word looked, and what else is attended to."""
    part = st.segmented_control(
        tr("Attention"),
        [one for one in PARTS if one in seen.arrays],
        format_func=lambda one: tr(PARTS[one]),
        default="cross",
        required=True,
        key="look-part",
        help=tr("Which words look at which."),
    )
    _show_head(seen, str(part))


def _show_head(seen: Picture, part: str) -> None:
    weights, layers = seen.arrays[part], seen.notes[f"{part} layers"]
    left, right = st.columns(2)
    name = left.selectbox(
        tr("Layer"),
        layers,
        format_func=tr,
        index=len(layers) - 1,
        key=f"look-layer-{part}",
        help=tr("Which layer is drawn; the last at first."),
    )
    heads = [later("all, on average"), *(str(one + 1) for one in range(weights.shape[1]))]
    help = tr("One head, or the mean of all.")
    chosen = right.selectbox(tr("Head"), heads, format_func=tr, key=f"look-head-{part}", help=help)
    layer = weights[layers.index(name)]
    shown = layer.mean(0) if chosen == heads[0] else layer[int(chosen) - 1]
    source, given = seen.notes["source"], seen.notes["given"]
    rows, columns = {"cross": (seen.tokens, source), "encoder": (source, source), "decoder": (given, given)}[part]
    st.markdown(tr(SAID[part]))
    named = tr(str(name)).capitalize()
    title = (
        tr("{layer}, mean of all heads", layer=named)
        if chosen == heads[0]
        else tr("{layer}, head {n}", layer=named, n=chosen)
    )
    show(pair_matrix(shown, rows, columns, part, title), f"pair-{part}", with_tokens(seen), CODE, link=f"pair-{part}")


def pair_matrix(weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], part: str, title: str) -> Matrix:
    """Weights (T, S) of one part of the model: words that look, and what they look at."""
    across, down = AXES[part]
    values = np.asarray(weights, float)
    most = max(float(values.max(initial=0)), LEAST_SCALE)
    say = tr("Every row adds up to 1. Full colour: {most}.", most=f"{most:.2g}")
    drawn = Matrix(values, places(rows), places(columns), title, down, across, later("weight"), "amount", most)
    return replace(drawn, joint=later("{row} looks at {column}"), say=say)
