"""Attention through all layers: rollout and flow, from which words a word has come."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.picture import Picture
from ui.charts.matrix import LEAST_SCALE, Matrix, places
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, show, with_tokens
from ui.words import later, tr

CODE_OF_ROLLOUT = ("core/looking/flow.py:rollout", "core/looking/flow.py:mixed", "core/looking/through.py:rollout_of")
ON_TOP, CAME_IN = later("word on top"), later("word that came in")
CODE_OF_FLOW = ("core/looking/flow.py:flow", "core/looking/flow.py:_widest", "core/looking/through.py:flow_of")


def show_rollout(seen: Picture, looked: Looked) -> None:
    """Where each word has come from by a layer."""
    layers = seen.notes["layers"]
    st.markdown(
        tr(
            "**Look for** words that hold more than themselves. Rollout multiplies attention through the layers, half "
            "of each word staying what it was (Abnar & Zuidema 2020)."
        )
    )
    layer = layers[-1]
    if len(layers) > 1:
        layer = st.select_slider(
            tr("By layer"),
            layers,
            value=layers[-1],
            format_func=tr,
            key=f"look-rollout-{len(layers)}",
            help=tr("After how many layers; the last at first."),
        )
    show(
        rollout_matrix(seen, layers.index(layer), looked.asked),
        "rollout",
        with_tokens(seen),
        CODE_OF_ROLLOUT,
        link="words",
    )
    left_out(seen)


def rollout_matrix(seen: Picture, layer: int, asked: Sequence[int] = ()) -> Matrix:
    """(T, S) of one layer."""
    values, first = seen.arrays["rollout"][layer], seen.notes.get("first", 0)
    most = max(float(values.max()), LEAST_SCALE)
    marked = tuple(one - first for one in asked if 0 <= one - first < len(values))
    names = places(seen.tokens, first)
    by = tr(seen.notes["layers"][layer])
    title = tr("Attention rollout: from which words each word has come by {layer}", layer=by)
    say = tr("Every row adds up to 1. Full colour: {most}.", most=f"{most:.2g}")
    return Matrix(
        values,
        names,
        names,
        title,
        ON_TOP,
        CAME_IN,
        later("share"),
        "sides",
        most,
        joint=later("{row} has from {column}"),
        marked=marked,
        say=say,
    )


def show_flow(seen: Picture, looked: Looked) -> None:
    """How much can flow from each word on top down to each word that came in."""
    st.markdown(
        tr(
            "**Look for** what changes against rollout. Flow lets every connection carry its weight at most, so one "
            "narrow layer holds back whatever comes through it (Abnar & Zuidema 2020)."
        )
    )
    show(flow_matrix(seen, looked.asked), "flow", with_tokens(seen), CODE_OF_FLOW, link="words")
    left_out(seen)


def flow_matrix(seen: Picture, asked: Sequence[int] = ()) -> Matrix:
    """(N, S): a row for each word whose flow is known."""
    values, words = seen.arrays["flow"], seen.notes["words"]
    names = places(seen.tokens)
    most = max(float(values.max()), LEAST_SCALE)
    rows = tuple(names[one] for one in words)
    marked = tuple(number for number, one in enumerate(words) if one in asked)
    title = tr("Attention flow: how much can reach each word on top from each word that came in")
    colours = "sides" if rows == names else "amount"
    say = tr("Full colour: {most}.", most=f"{most:.2g}")
    return Matrix(
        values,
        rows,
        names,
        title,
        ON_TOP,
        CAME_IN,
        later("flow"),
        colours,
        most,
        joint=later("{row} gets from {column}"),
        marked=marked,
        say=say,
    )
