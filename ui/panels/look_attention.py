"""Attention: all heads at a glance, one of them in detail, and one word as every head sees it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.picture import Picture
from ui import state
from ui.canvas.grid import attention_grid
from ui.charts.layers import short
from ui.charts.matrix import READ, Matrix, places, window, words_matrix
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, show, sides_said, with_tokens
from ui.words import later, tr

MODES = {"fields": later(":material/grid_on: Matrix"), "lines": later(":material/timeline: Lines")}
MOST_IN_LINES = 40
GIVES = later("{row} gives {column}")
CODE = (
    "core/models/attention.py:attend",
    "core/looking/attention.py:attention",
    "core/looking/attention.py:entropies",
    "core/models/tap.py:tapped",
)


def show_heads(seen: Picture, looked: Looked) -> None:
    """The grid on the left, the chosen head on the right; on a phone one below the other."""
    grid, detail = st.columns([5, 6], gap="large")
    with grid:
        st.markdown(
            tr(
                "**Look for** a head with one strong field in each row: it has learned where to look. "
                "Choose a head with a click or the arrow keys."
            )
        )
        layer, head = choose_head(seen, looked)
        st.caption(tr("{sides}; the stronger, the more weight", sides=sides_said()))
    with detail:
        mode = st.segmented_control(
            tr("Draw the head as"),
            list(MODES),
            format_func=lambda one: tr(MODES[one]),
            default="fields",
            required=True,
            key="look-mode",
            persist_state="session",
            label_visibility="collapsed",
            help=tr("A matrix shows all numbers, lines show who reads whom."),
        )
        matrix = head_matrix(seen, layer, head, looked.asked)
        hint = cue_said(seen.arrays["attention"][layer, head], looked)
        if mode == "lines":
            matrix = in_window(matrix)
        show(matrix, "head", with_tokens(seen), CODE, mode=str(mode), link="words", hint=hint)
        left_out(seen)


def in_window(matrix: Matrix) -> Matrix:
    """As many words as lines can be followed between; a slider moves along a longer sentence."""
    beyond = len(matrix.rows) - MOST_IN_LINES
    if beyond <= 0:
        return matrix
    first = st.slider(
        tr("Lines between {some} of {all} words, from word", some=MOST_IN_LINES, all=len(matrix.rows)),
        1,
        beyond + 1,
        key=f"look-lines-{len(matrix.rows)}",
        help=tr("Weights that leave these words are not drawn; the matrix shows them all."),
    )
    return window(matrix, int(first) - 1, MOST_IN_LINES)


def choose_head(seen: Picture, looked: Looked) -> tuple[int, int]:
    """The grid of all heads; gives the (layer, head) chosen in it, and remembers it."""
    names = [short(name) for name in seen.notes["layers"]]
    chosen = attention_grid(seen.arrays["attention"], names, captions(seen), start(seen, looked))
    state.remember("look head", chosen)
    return chosen


def head_matrix(seen: Picture, layer: int, head: int, asked: Sequence[int] = ()) -> Matrix:
    """One head's weights, words that read down, words that are read across."""
    weights = seen.arrays["attention"][layer, head]
    title = tr("{head}: what each word attends to", head=head_name(seen, layer, head))
    allowed, first = seen.arrays["allowed"][layer], seen.notes["first"]
    marked = [place - first for place in asked if 0 <= place - first < len(seen.tokens)]
    most = max(float(weights.max()), 0.25)
    full = f"{most:.2g}"
    say = (
        tr("Every row adds up to 1. Full colour: {most}.", most=full)
        if allowed.all()
        else tr("Every row adds up to 1. Full colour: {most}. Grey: hidden from it.", most=full)
    )
    return words_matrix(weights, allowed, seen.tokens, title, most=most, marked=marked, say=say, first=first)


def head_name(seen: Picture, layer: int, head: int) -> str:
    return tr("{layer}, head {n}", layer=tr(seen.notes["layers"][layer]).capitalize(), n=head + 1)


def heads_of(seen: Picture) -> list[str]:
    """Every head's short name, layer by layer: "1.2"."""
    layers, heads = seen.arrays["attention"].shape[:2]
    return [f"{short(seen.notes['layers'][layer])}.{head + 1}" for layer in range(layers) for head in range(heads)]


def show_word(seen: Picture, looked: Looked) -> None:
    """One word, all heads: a row for each head."""
    names = places(seen.tokens)
    asked = looked.asked[0] if looked.asked and looked.asked[0] < len(names) else len(names) - 1
    word = st.select_slider(
        tr("Word that reads"),
        range(len(names)),
        value=asked,
        format_func=lambda place: names[place],
        key=f"look-word-{len(names)}-{asked}",
        help=tr("Drag to see the sentence through the eyes of another word."),
    )
    st.markdown(tr("**Look for** heads that agree on one word: that is where this word gets its meaning from."))
    show(word_matrix(seen, word), "word", with_tokens(seen), CODE, link="read")
    left_out(seen)


def word_matrix(seen: Picture, word: int) -> Matrix:
    """The attention of one word in every head (L·H, S)."""
    weights = seen.arrays["attention"][:, :, word].reshape(-1, len(seen.tokens))
    names = places(seen.tokens)
    title = tr("What “{word}” attends to, in every head", word=names[word])
    most = max(float(weights.max()), 0.25)
    say = tr("Every row adds up to 1. Full colour: {most}.", most=f"{most:.2g}")
    marked = tuple(int(one) for one in np.flatnonzero(weights.max(1) >= 0.5))
    return Matrix(
        weights,
        tuple(heads_of(seen)),
        names,
        title,
        later("head (layer.head)"),
        READ,
        later("weight"),
        "amount",
        most,
        joint=GIVES,
        marked=marked,
        say=say,
    )


def captions(seen: Picture) -> list[list[str]]:
    """One line on each head: how spread out, how far, to which side."""
    told = []
    for layer in range(len(seen.notes["layers"])):
        row = []
        for head in range(seen.arrays["entropy"].shape[1]):
            spread, far, left, right = (
                seen.arrays[one][layer, head] for one in ("entropy", "distance", "left", "right")
            )
            row.append(
                tr(
                    "{head}: {left} of its weight goes left, {right} right; {far} words away on average; spread "
                    "{spread} of even.",
                    head=head_name(seen, layer, head),
                    left=percent(left, 0),
                    right=percent(right, 0),
                    far=f"{far:.1f}",
                    spread=percent(spread, 0),
                )
            )
        told.append(row)
    return told


def start(seen: Picture, looked: Looked) -> tuple[int, int]:
    """The head chosen before; at first the one that gives the cue most weight, where there is a cue."""
    weights = seen.arrays["attention"]
    before = state.recall("look head")
    if before:
        return tuple(before)
    if not (looked.asked and looked.cues):
        return weights.shape[0] - 1, 0
    on_cue = weights[:, :, looked.asked[0], list(looked.cues)].sum(-1)  # (L, H)
    layer, head = np.unravel_index(int(on_cue.argmax()), on_cue.shape)
    return int(layer), int(head)


def cue_said(weights: np.ndarray, looked: Looked) -> str:
    """How much of the asked word's attention goes to the cue; "" without a cue."""
    if not (looked.asked and looked.cues) or max(*looked.asked, *looked.cues) >= len(weights):
        return ""
    asked, cue = looked.asked[0], looked.cues[0]
    share = percent(weights[asked, list(looked.cues)].sum())
    return tr(
        "At “{word}” this head gives {share} of its weight to the cue “{cue}”.",
        word=looked.words[asked],
        share=share,
        cue=looked.words[cue],
    )


def caveat() -> None:
    """What attention does not tell."""
    st.caption(
        tr(
            "Attention is not by itself an explanation (Jain & Wallace 2019; Wiegreffe & Pinter 2019): a weight tells "
            "where a head looked, not whether the answer hangs on it. **Switch heads off** tests that."
        )
    )
