"""More of an encoder–decoder: what each written word depends on, heads off, and the states of both of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.influence import strongest
from ui.charts.matrix import Matrix, places, words_matrix
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked
from ui.panels.look_frame import look, show, with_tokens
from ui.panels.look_near import show_likeness
from ui.panels.look_probes import show_probes
from ui.panels.look_states import show_states
from ui.panels.naming import plain
from ui.words import later, tr

OF = {"source": later("Written ← source"), "written": later("Written ← written"), "encoder": later("Source ← source")}
PARTS = {"encoder": later("What reads (encoder)"), "decoder": later("What writes (decoder)")}
STACKS = {
    "encoder": later("encoder"),
    "encoder.forward": later("→ encoder"),
    "encoder.backward": later("← encoder"),
    "decoder": later("decoder"),
    "decoder_back": later("decoder back"),
    "decoder cross": later("decoder cross"),
    "decoder_back cross": later("decoder back cross"),
}
DEPENDS = {
    "source": later("How strongly each written word depends on each source word"),
    "written": later("How strongly each written word depends on the words before it in its decoder"),
    "encoder": later("How strongly each source word’s state depends on each source word"),
}
INFLUENCE, HANGS_ON = later("influence"), later("{row} hangs on {column}")
CODE = ("core/looking/translator.py:influence_of_pair", "core/looking/translator.py:_squares")
CODE_OF_ABLATION = ("core/looking/translator.py:ablation_of_pair", "core/looking/ablation.py:without")


def show_pair_influence(run: Run, step: int, looked: Looked) -> None:
    """How strongly what is written depends on each word, read or written."""
    seen = look(run.id, step, looked.text, "influence")
    if seen is None:
        return
    st.markdown(
        tr(
            "**Look for** the source words that a written word truly depends on, whatever attention shows: measured by "
            "derivatives of the decoder’s states."
        )
    )
    of = st.segmented_control(
        tr("States"),
        list(OF),
        format_func=lambda one: tr(OF[one]),
        default="source",
        required=True,
        key="look-pair-of",
        help=tr("Whose."),
    )
    show(pair_influence(seen, str(of)), "pair-influence", with_tokens(seen), CODE)
    largest = seen.notes["largest_forbidden"]
    if of == "written" and largest is not None:
        exactly = tr("0 (exactly)") if largest == 0 else f"{largest:.3g}"
        st.caption(tr("Largest value where the decoder must not look: {value}.", value=exactly))


def pair_influence(seen: Picture, of: str) -> Matrix:
    """Jacobian norms (U, S), (U, U) or (S, S)."""
    values, source = np.asarray(seen.arrays[of], float), seen.notes["source"]
    title = tr(DEPENDS[of])
    if of == "encoder":
        return words_matrix(values, np.ones_like(values, bool), source, title, INFLUENCE, strongest(values))
    rows = tuple(f"{word} {one + 1}" for one, word in enumerate(seen.notes["answers"]))
    columns = places(source if of == "source" else seen.notes["given"])
    most, hidden = float(values.max(initial=0)) or 1.0, None if of == "source" else ~seen.arrays["allowed"]
    across = later("source word") if of == "source" else later("word that the decoder is given")
    say = tr("Full colour: {most}.", most=f"{most:.2g}")
    return Matrix(
        values,
        rows,
        columns,
        title,
        later("word that is written"),
        across,
        INFLUENCE,
        "amount",
        most,
        hidden,
        HANGS_ON,
        say=say,
    )


def show_pair_ablation(run: Run, step: int, looked: Looked) -> None:
    """What is written without some heads."""
    first = look(run.id, step, looked.text, "ablation")
    if first is None:
        return
    st.markdown(tr("**Look for** heads without which a word is lost. Switch off as many as you like, in any part."))
    heads = [
        (stack, layer, head)
        for stack, (layers, count) in first.notes["stacks"].items()
        for layer in range(layers)
        for head in range(count)
    ]
    off = st.multiselect(
        tr("Heads that are switched off"),
        heads,
        format_func=lambda one: f"{tr(STACKS.get(one[0], one[0].replace('_', ' ')))} {one[1] + 1}.{one[2] + 1}",
        key=f"look-pair-off-{run.id}",
        placeholder=tr("Choose heads: part, layer.head"),
        help=tr("Their output is zero while the model writes."),
    )
    seen = look(run.id, step, looked.text, "ablation", heads=[list(one) for one in off]) if off else first
    if seen is not None:
        show(ablation_matrix(seen), "pair-ablation", with_tokens(seen), CODE_OF_ABLATION)
        st.markdown(ablation_table(seen))


def ablation_matrix(seen: Picture) -> Matrix:
    """(1, T) how sure the model is of each word that it writes with all heads."""
    values = np.asarray(seen.arrays["sure"], float)[None]
    title = tr("How sure the model is of each word that it writes, with all heads")
    word, unit, joint = later("written word"), later("probability"), later("{row} of {column}")
    return Matrix(values, (tr("sure"),), places(seen.tokens), title, "", word, unit, "amount", joint=joint)


def ablation_table(seen: Picture) -> str:
    """The translation and the score on held-out pairs, before and after; Markdown."""
    notes = seen.notes
    wrote = [plain(" ".join(notes["written"])), plain(" ".join(notes["without"]) or "–")]
    lines: list[list[Any]] = [[tr("writes"), *wrote]]
    right = tr("words right in {n} held-out pairs", n=notes["judged on"])
    lines.append([right, *(percent(one) for one in notes["accuracy"])])
    lines.append([tr("loss there (nats)"), *(f"{one:.3f}" for one in notes["loss"])])
    return as_markdown(["", tr("with all heads"), tr("without these")], lines)


def show_pair_states(picture: str, run: Run, step: int, looked: Looked) -> None:
    """Map, probes and likeness of the part that reads or of the part that writes."""
    part = str(
        st.segmented_control(
            tr("Part"),
            list(PARTS),
            format_func=lambda one: tr(PARTS[one]),
            default="encoder",
            required=True,
            key="look-pair-part",
            help=tr("Whose hidden states."),
        )
    )
    if picture == "map":
        show_states(run, step, looked, part)
    elif picture == "probes":
        show_probes(run, step, looked, part)
    else:
        show_likeness(run, step, looked, part=part)
