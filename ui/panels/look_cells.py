"""Inside an LSTM, word by word: its gates and its memory, and where else the cells of a span fire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.matrix import AT, Matrix, places
from ui.charts.tables import as_markdown
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, look, show, with_tokens
from ui.panels.naming import plain
from ui.words import later, tr

KINDS = {
    "cell": later("Cell memory"),
    "state": later("What it shows"),
    "forget": later("Forget gate"),
    "input": later("Input gate"),
    "output": later("Output gate"),
    "write": later("What is written"),
}
SAID = {
    "cell": later("what each cell remembers"),
    "state": later("what each cell shows"),
    "forget": later("how much of its memory each cell keeps"),
    "input": later("how much each cell lets in"),
    "output": later("how much of its memory each cell shows"),
    "write": later("what each cell would write"),
}
GATES = ("forget", "input", "output")
MOST_CELLS = 40  # drawn; the files have them all
MOST_MATCHES = 8
CODE = (
    "core/looking/cells.py:cells",
    "core/looking/firing.py:firing",
    "core/looking/firing.py:matches",
    "core/models/recurrent.py:LSTM._pass",
)


def show_cells(run: Run, step: int, looked: Looked) -> None:
    """One quantity of one layer over the words, and a span to look for elsewhere."""
    if run.experiment.model.family != "lstm":
        st.info(tr("A Transformer has no gates and no memory that is handed on: look at its attention."))
        return
    st.markdown(
        tr(
            "**Look for** cells that change at the cue and hold on until the question. Choose a span to find other "
            "sentences where the same cells fire (as in LSTMVis, Strobelt et al. 2018)."
        )
    )
    first = look(run.id, step, looked.text, "cells")
    if first is None:
        return
    left, right = st.columns(2)
    kind = left.selectbox(
        tr("Shown is"),
        list(KINDS),
        format_func=lambda one: tr(KINDS[one]),
        key="look-kind-of",
        help=tr("Of each cell."),
    )
    layers = first.notes["layers"]
    layer = right.selectbox(
        tr("Layer"),
        layers,
        index=len(layers) - 1,
        format_func=tr,
        key=f"look-cells-{len(layers)}",
        help=tr("Of the LSTM."),
    )
    number = layers.index(layer)
    options = span_of(first, number)
    seen = look(run.id, step, looked.text, "cells", **options) if options else first
    if seen is None:
        return
    chosen = seen.notes.get("cells", [])
    show(cells_matrix(seen, str(kind), number, chosen), "cells", with_tokens(seen), CODE, link="read")
    left_out(seen)
    if options:
        st.markdown(matches_said(seen, options))


def span_of(seen: Picture, layer: int) -> dict[str, Any]:
    """What is looked for elsewhere; {} while nothing is."""
    names = places(seen.tokens)
    if len(names) < 2 or not st.toggle(
        tr("Find where the same cells fire"), key="look-fire", help=tr("Select a span of words.")
    ):
        return {}
    left, right = st.columns(2)
    span = left.select_slider(
        tr("Span"),
        range(len(names)),
        value=(max(0, len(names) - 3), len(names) - 1),
        format_func=lambda place: names[place],
        key=f"look-span-{len(names)}",
        help=tr("From its first to its last word."),
    )
    threshold = right.slider(
        tr("Fires from"), 0.1, 0.9, 0.3, 0.05, key="look-threshold", help=tr("What a cell shows, at least.")
    )
    return {"span": [int(one) for one in span], "layer": layer, "threshold": float(threshold)}


def cells_matrix(seen: Picture, kind: str, layer: int, chosen: Sequence[int] = ()) -> Matrix:
    """(D, T) of the cells that change most, or of those that were chosen, first."""
    values = seen.arrays[kind][layer].T  # (D, T)
    order = [*chosen, *(one for one in np.argsort(-values.std(1)).tolist() if one not in set(chosen))][:MOST_CELLS]
    colours, most = ("amount", 1.0) if kind in GATES else ("change", max(float(abs(values).max()), 1e-6))
    rows = tuple(tr("cell {n}", n=one + 1) for one in order)
    title = tr(
        "{quantity}: {said}, word by word ({layer})",
        quantity=tr(KINDS[kind]),
        said=tr(SAID[kind]),
        layer=tr(seen.notes["layers"][layer]),
    )
    rest = len(values) - len(order)
    say = tr("Those that change most come first; {n} more are in the files.", n=rest) if rest else ""
    marked = tuple(range(min(len(chosen), len(order))))
    names = places(seen.tokens)
    cell, word = later("cell"), later("word")
    return Matrix(values[order], rows, names, title, cell, word, "", colours, most, joint=AT, marked=marked, say=say)


def matches_said(seen: Picture, options: dict[str, Any]) -> str:
    """The cells that fire on the span, and where else they do; Markdown."""
    cells, found = seen.notes["cells"], seen.notes["matches"][:MOST_MATCHES]
    first, last = options["span"]
    span = plain(" ".join(seen.tokens[first : last + 1]))
    if not cells:
        least = f"{options['threshold']:g}"
        return tr("No cell shows {least} or more all through “{span}”. Lower the threshold.", least=least, span=span)
    listed = tr(", ").join(str(one + 1) for one in cells[:20])
    said = (
        tr("**One cell** fires all through “{span}”: {cells}.", span=span, cells=listed)
        if len(cells) == 1
        else tr("**{n} cells** fire all through “{span}”: {cells}.", n=len(cells), span=span, cells=listed)
    )
    if not found:
        return f"{said} {tr('They fire together nowhere else in the held-out sentences.')}"
    lines = [[plain(one["words"]), plain(one["sentence"]), f"{100 * one['share']:.0f} %"] for one in found]
    return f"{said}\n\n" + as_markdown([tr("Words"), tr("in the sentence"), tr("cells that fire")], lines)
