"""Attention: all heads at a glance, and one of them in detail."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.models.direction import visible
from core.picture import Picture
from ui import state
from ui.canvas.grid import attention_grid
from ui.charts.heads import head_figure, readable, strongest
from ui.charts.states import short
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked
from ui.panels.look_keep import SIDES_SAID, code, dark, draw, keep, left_out, shades_said
from ui.panels.naming import plain

READ_MOST = 3  # words named for each reading word


def show_attention(seen: Picture, looked: Looked) -> None:
    """The grid on the left, the chosen head on the right; on a phone one below the other."""
    weights = seen.arrays["attention"]
    grid, detail = st.columns([5, 6], gap="large")
    with grid:
        st.markdown("**Every head of every layer** as one small square; choose one with a click or the arrow keys.")
        names = [short(name) for name in seen.notes["layers"]]
        layer, head = attention_grid(weights, names, captions(seen), start(seen, looked))
        state.remember("look head", (layer, head))
        st.caption(f"{SIDES_SAID}; the stronger, the more weight")
    with detail:
        name = f"{seen.notes['layers'][layer].capitalize()}, head {head + 1}"
        allowed = visible(seen.notes["directions"][layer], len(seen.tokens))
        st.markdown("**What each word attends to** (every row adds up to 1)")
        st.caption(shades_said(strongest(weights[layer, head])))
        form = keep(seen, "attention", ["word", *seen.tokens], partial(rows, seen, layer, head))
        draw(
            head_figure(weights[layer, head], allowed, seen.tokens, name, dark()),
            "attention",
            captions(seen)[layer][head],
            form,
        )
        if said := cue_said(weights[layer, head], looked):
            st.markdown(said)
    left_out(seen)
    with st.expander("As tables", icon=":material/table:"):
        st.markdown(heads_table(seen))
        st.markdown(f"**{name}**: what each word reads most")
        st.markdown(reading_table(seen, layer, head))
    code(
        "core/models/attention.py:attend",
        "core/looking/attention.py:attention",
        "core/looking/attention.py:entropies",
        "core/models/tap.py:tapped",
    )


def captions(seen: Picture) -> list[list[str]]:
    """One line on each head: how spread out, how far, to which side."""
    told = []
    for layer, name in enumerate(seen.notes["layers"]):
        row = []
        for head in range(seen.arrays["entropy"].shape[1]):
            spread, far, left, right = (
                seen.arrays[one][layer, head] for one in ("entropy", "distance", "left", "right")
            )
            row.append(
                f"{name.capitalize()}, head {head + 1}: {percent(left, 0)} of its weight goes left, "
                f"{percent(right, 0)} right; {far:.1f} words away on average; spread {percent(spread, 0)} of even."
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
    if not (looked.asked and looked.cues):
        return ""
    asked, cue = looked.asked[0], looked.cues[0]
    share, word = percent(weights[asked, list(looked.cues)].sum()), plain(looked.words[asked])
    return f"At “{word}” this head gives **{share}** of its weight to the cue “{plain(looked.words[cue])}”."


def rows(seen: Picture, layer: int, head: int) -> list[list[Any]]:
    """The weights of one head, a row for each reading word."""
    weights = seen.arrays["attention"][layer, head]
    return [[token, *(round(float(w), 6) for w in row)] for token, row in zip(seen.tokens, weights, strict=True)]


def heads_table(seen: Picture) -> str:
    """Every head's summary."""
    lines = []
    for layer, name in enumerate(seen.notes["layers"]):
        for head in range(seen.arrays["entropy"].shape[1]):
            spread, far, left, right = (
                seen.arrays[one][layer, head] for one in ("entropy", "distance", "left", "right")
            )
            lines.append(
                [f"{name.capitalize()}, head {head + 1}", percent(left), percent(right), f"{far:.2f}", percent(spread)]
            )
    return as_markdown(["Head", "to the left", "to the right", "distance (words)", "spread (of even)"], lines)


def reading_table(seen: Picture, layer: int, head: int) -> str:
    """For each word the words it reads most, with their weights."""
    lines = []
    for place, (token, row) in enumerate(zip(seen.tokens, seen.arrays["attention"][layer, head], strict=True), 1):
        most = np.argsort(-row)[:READ_MOST]
        said = ", ".join(
            f"{plain(readable(seen.tokens[s]))} ({s + 1}) {percent(row[s], 0)}" for s in most if row[s] > 0
        )
        lines.append([f"{plain(readable(token))} ({place})", said])
    return as_markdown(["Word", "reads most"], lines)
