"""The logit lens: what each layer would answer if it were the last."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.picture import Picture
from ui.charts.heads import readable
from ui.charts.matrix import AT, Matrix, places
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, show, with_tokens
from ui.words import later, tr

CODE = ("core/looking/lens.py:lens", "core/looking/lens.py:read_by_layer")


def show_lens(seen: Picture, looked: Looked) -> None:
    """Layers down, words across; in each field what would be answered there."""
    st.markdown(
        tr(
            "**Look for** the layer from which on the answer stands. The model’s own read-out reads every layer’s "
            "state; nothing is trained for it (nostalgebraist 2020), so an early layer may know more than it can say "
            "here: a probe finds that."
        )
    )
    show(lens_matrix(seen, looked), "lens", with_tokens(seen), CODE, link="read")
    left_out(seen)


def lens_matrix(seen: Picture, looked: Looked) -> Matrix:
    """(L, T) how sure each layer is of the model's final answer, with its own answer in each field."""
    values = np.asarray(seen.arrays["sure"], float)
    whole = values.shape[1] != len(seen.tokens)
    columns = (tr("the whole sentence"),) if whole else places(seen.tokens)
    texts = tuple(tuple(readable(place[0][0]) for place in layer) for layer in seen.notes["said"])
    title = tr("Logit lens: what each layer would answer if it were the last")
    say = tr("Colour: how sure it is of the model’s final answer.")
    rows = tuple(tr(one) for one in seen.notes["layers"])
    layer, word, unit = later("layer"), later("word"), later("probability of the final answer")
    return Matrix(values, rows, columns, title, layer, word, unit, "amount", 1.0, joint=AT, say=say, texts=texts)
