"""Which other words' states lie near, and how alike whole layers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui import backend
from ui.charts.heads import readable
from ui.charts.layers import short
from ui.charts.matrix import COMMA, Matrix, places
from ui.charts.tables import as_markdown
from ui.panels.look_examples import Looked
from ui.panels.look_frame import look, show, with_tokens
from ui.panels.naming import plain
from ui.words import later, tr

CODE_OF_NEAR = ("core/looking/similarity.py:nearest", "core/looking/asking.py:neighbours")
CODE_OF_LIKENESS = (
    "core/looking/similarity.py:cka",
    "core/looking/similarity.py:effective_rank",
    "core/looking/asking.py:likeness",
)
LAYER = later("layer")
SHOWN = 5


def show_neighbours(run: Run, step: int, looked: Looked) -> None:
    """The nearest words of one word in context, by layer."""
    names = places(looked.words)
    asked = looked.asked[0] if looked.asked else len(names) - 1
    word = st.select_slider(
        tr("Word"),
        range(len(names)),
        value=asked,
        format_func=lambda place: names[place],
        key=f"look-near-{len(names)}-{asked}",
        help=tr("Whose neighbours are looked for, in sentences that the model never trained on."),
    )
    st.markdown(
        tr("**Look for** what the neighbours share: at first the same word, further up the same meaning or answer.")
    )
    if (seen := look(run.id, step, looked.text, "neighbours", word=int(word))) is None:
        return
    show(near_matrix(seen, names[int(word)]), "neighbours", with_tokens(seen), CODE_OF_NEAR)
    layers = seen.notes["layers"]
    found = zip(seen.notes["found"][-1][:SHOWN], seen.arrays["cosine"][-1], strict=False)
    st.markdown(
        as_markdown(
            [tr("Nearest at “{layer}”", layer=plain(tr(layers[-1]))), tr("cosine")],
            [[plain(one), f"{near:.3f}"] for one, near in found],
        )
    )


def near_matrix(seen: Picture, name: str) -> Matrix:
    """(L, K) cosines with the nearest words, those words in the fields."""
    values = seen.arrays["cosine"]
    columns = tuple(f"{one + 1}." for one in range(values.shape[1]))
    texts = tuple(tuple(readable(word) for word in row) for row in seen.notes["words"])
    title = tr("The words whose state is nearest to that of “{word}”, layer by layer", word=name)
    rows = tuple(tr(one) for one in seen.notes["layers"])
    across, unit = later("nearest first"), later("cosine")
    return Matrix(values, rows, columns, title, LAYER, across, unit, "amount", 1.0, joint=COMMA, texts=texts)


def show_likeness(run: Run, step: int, looked: Looked, other: tuple[str, int] | None = None, **options: Any) -> None:
    """CKA of every layer with every layer, of one model or of two."""
    st.markdown(
        tr(
            "**Look for** blocks: layers inside a block hold much the same. 1 means the same up to a rotation and one "
            "scale (linear CKA, Kornblith et al. 2019)."
        )
    )
    options |= {} if other is None else {"other": list(other)}
    if seen := look(run.id, step, looked.text, "likeness", **options):
        show(likeness_matrix(seen, other is not None), "likeness", with_tokens(seen), CODE_OF_LIKENESS)
        ranks = tr(", ").join(
            f"{plain(tr(name))} {rank:.1f}"
            for name, rank in zip(seen.notes["layers"], seen.arrays["rank"], strict=True)
        )
        words = f"{seen.notes['words']:,}"
        st.caption(tr("Measured on {n} words. Directions in use (effective rank): {ranks}.", n=words, ranks=ranks))


def likeness_matrix(seen: Picture, two: bool = False) -> Matrix:
    """(L, M) of A's layers and B's."""
    rows, columns = (tuple(short(one) for one in seen.notes[name]) for name in ("layers", "other layers"))
    title = tr("How alike the layers of A are to those of B" if two else "How alike the layers are to one another")
    down, across = (later("layer of A"), later("layer of B")) if two else (LAYER, LAYER)
    joint = later("{row} and {column}")
    return Matrix(seen.arrays["cka"], rows, columns, title, down, across, "CKA", "amount", 1.0, joint=joint)


def show_settling(run: Run, looked: Looked) -> None:
    """How alike every layer is, at each snapshot, to itself at the end."""
    st.markdown(
        tr(
            "**Look for** which layers settle first. Each field compares a layer with itself at the last snapshot "
            "(linear CKA, Kornblith et al. 2019)."
        )
    )
    steps = backend.store().snapshots(run.id)
    rows: list[list[float]] = []
    names: tuple[str, ...] = ()
    for step in steps:
        seen = look(run.id, step, looked.text, "likeness", other=[run.id, steps[-1]])
        if seen is None:
            return
        names = tuple(short(one) for one in seen.notes["layers"])
        rows.append(seen.arrays["cka"].diagonal().tolist())
    show(
        settling_matrix(rows, names, steps),
        "settling",
        {"cka": np.array(rows).T, "step": np.array(steps)},
        CODE_OF_LIKENESS,
    )


def settling_matrix(rows: list[list[float]], names: tuple[str, ...], steps: list[int]) -> Matrix:
    """(L, M): a column for each snapshot."""
    title = tr("How alike each layer is to what it becomes in the end")
    columns, joint = tuple(f"{one:,}" for one in steps), later("{row} at step {column}")
    return Matrix(np.array(rows).T, names, columns, title, LAYER, later("step"), "CKA", "amount", 1.0, joint=joint)
