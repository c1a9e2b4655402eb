"""What kind of head each is, by scores with their formulas; and what the model says without some of its heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.looking.heads import CLEAR, KINDS, OVER_EVEN
from core.picture import Picture
from core.spec import ModelSpec
from ui import state
from ui.charts.layers import short
from ui.charts.matrix import COMMA, Matrix
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.look_attention import head_name
from ui.panels.look_examples import Looked
from ui.panels.look_frame import show, with_tokens
from ui.panels.naming import plain
from ui.words import later, tr

MEASURES = {
    "entropy": (
        later("spread (of even)"),
        later("mean over t of −Σ A[t, s] log A[t, s] / log(words that t may see)"),
    ),
    "distance": (later("distance (words)"), later("mean over t of Σ A[t, s] · |t − s|")),
    "left": (later("weight to the left"), later("mean over t of Σ A[t, s] over s < t")),
    "right": (later("weight to the right"), later("mean over t of Σ A[t, s] over s > t")),
}
LAYER, HEAD = later("layer"), later("attention head")
CODE_OF_KINDS = (
    "core/looking/heads.py:kinds_of",
    "core/looking/heads.py:Kind",
    "core/looking/attention.py:entropies",
)
CODE_OF_ABLATION = (
    "core/looking/ablation.py:ablation",
    "core/looking/ablation.py:without",
    "core/looking/ablation.py:_silence",
)
ONE_WORD = (later("delimiter"), later("occlusion"))  # names that are too short to be found in the engine


def show_kinds(seen: Picture) -> None:
    """One number for each head, and which kinds are clear in this sentence."""
    options = {**{name: kind.label for name, kind in KINDS.items()}, **{name: one[0] for name, one in MEASURES.items()}}
    measure = st.selectbox(
        tr("Number"),
        list(options),
        format_func=lambda one: tr(options[one]),
        key="look-measure",
        help=tr("What is counted of each head; its formula stands below."),
    )
    st.markdown(found_said(seen))
    matrix, formula = kind_matrix(seen, measure), tr(formula_of(measure))
    hint = tr("{number}: {formula}", number=tr(options[measure]), formula=formula)
    picked = show(matrix, "kinds", with_tokens(seen), CODE_OF_KINDS, clicks=True, hint=hint)
    if picked:
        state.remember("look head", picked)
        st.caption(tr("{head} is now the one under **Every head**.", head=head_name(seen, *picked)))
    st.caption(
        tr(
            "Formula: {formula}. A head is called one of a kind if it scores at least {clear} and {times} times what "
            "an even spread would (after Clark et al. 2019). In one sentence some kinds have nothing to tell by: no "
            "word twice, no delimiter.",
            formula=plain(formula),
            clear=f"{CLEAR:g}",
            times=f"{OVER_EVEN:g}",
        )
    )


def formula_of(measure: str) -> str:
    return KINDS[measure].formula if measure in KINDS else MEASURES[measure][1]


def kind_matrix(seen: Picture, measure: str) -> Matrix:
    """Layers × heads of one number."""
    layers, heads = seen.arrays["entropy"].shape
    label = KINDS[measure].label if measure in KINDS else MEASURES[measure][0]
    values = seen.arrays["scores"][list(KINDS).index(measure)] if measure in KINDS else seen.arrays[measure]
    most = max(1.0, float(np.nanmax(values, initial=0)))
    title = tr("Every head by one number: {number}", number=tr(label))
    chosen = [row for row in range(layers) if np.nanmax(values[row], initial=0) >= CLEAR and measure in KINDS]
    matrix = Matrix(values, layer_rows(seen), head_columns(heads), title, LAYER, HEAD, label, "amount", most)
    return replace(matrix, joint=COMMA, marked=tuple(chosen))


def head_columns(heads: int) -> tuple[str, ...]:
    return tuple(tr("head {n}", n=one + 1) for one in range(heads))


def layer_rows(seen: Picture) -> tuple[str, ...]:
    return tuple(short(one) for one in seen.notes["layers"])


def found_said(seen: Picture) -> str:
    """The heads whose kind is clear here; Markdown."""
    names, found = list(KINDS), []
    for layer, head in np.argwhere(seen.arrays["kind"] >= 0).tolist():
        kind = int(seen.arrays["kind"][layer, head])
        score = percent(float(seen.arrays["scores"][kind, layer, head]), 0)
        name, label = head_name(seen, layer, head), tr(KINDS[names[kind]].label)
        found.append(tr("{head} reads the **{kind}** ({share})", head=name, kind=label, share=score))
    if not found:
        return tr(
            "**Look for** a head with a clear habit. In this sentence none has one: their weight depends on the words."
        )
    said = tr("Clear habits in this sentence: {heads}.", heads=tr("; ").join(found[:6]))
    return f"{said} {tr('And {n} more.', n=len(found) - 6)}" if len(found) > 6 else said


def show_ablation(seen: Picture, looked: Looked, model: ModelSpec, key: str) -> None:
    """How much each head matters, and what is said without those that are switched off."""
    layers = layers_of(model)
    st.markdown(
        tr(
            "**Look for** the head without which the answer falls. Click a field to switch that head off, and again "
            "to switch it on; its output is then zero. This is evidence that its attention alone can't give."
        )
    )
    off = [tuple(one) for one in seen.notes["heads"]]
    if "alone" in seen.arrays:
        matrix = alone_matrix(seen, layers)
        picked = show(
            matrix,
            "ablation",
            with_tokens(seen),
            CODE_OF_ABLATION,
            clicks=True,
            chosen=tuple(off),
            hint=off_said(off, layers),
        )
        if picked:
            turn(key, off, picked)
    else:
        choose_off(model.sizes.heads or 1, layers, off, key)
    if off:
        st.markdown(before_and_after(seen, looked))
        words = tr("All heads on again"), tr("Switch all on.")
        st.button(words[0], key=f"{key}-on", on_click=state.remember, args=(key, []), help=words[1])


def choose_off(heads: int, layers: Sequence[str], off: Sequence[tuple[int, int]], key: str) -> None:
    """Heads by name, in a model too large to switch off each of them in turn."""
    named = {
        (layer, head): tr("layer {layer}, head {head}", layer=name, head=head + 1)
        for layer, name in enumerate(layers)
        for head in range(heads)
    }
    label, help = tr("Heads that are switched off"), tr("Any number.")
    chosen = st.multiselect(
        label,
        list(named),
        list(off),
        named.__getitem__,
        key=f"{key}-named",
        placeholder=tr("Choose options"),
        help=help,
    )
    if sorted(chosen) != sorted(off):
        state.remember(key, [list(one) for one in chosen])
        st.rerun(scope="fragment")


def turn(key: str, off: Sequence[tuple[int, int]], head: tuple[int, int]) -> None:
    """Switch one head off, or on again, and look anew."""
    state.remember(key, sorted([list(one) for one in {*off} ^ {head}]))
    st.rerun(scope="fragment")


def layers_of(model: ModelSpec) -> tuple[str, ...]:
    """The names of the layers of a Transformer's stacks: "1", "2", or "→ 1" … "← 2" where two are joined late."""
    numbers = range(1, (model.sizes.layers or 0) + 1)
    return tuple(f"{way}{one}" for way in (("→ ", "← ") if model.late else ("",)) for one in numbers)


def alone_matrix(seen: Picture, rows: Sequence[str]) -> Matrix:
    """(L, H) how far all answers of the sentence move without each head."""
    values = seen.arrays["alone"]
    title = tr("What each head alone does to the answers: how far they move when it is switched off")
    most = max(float(values.max(initial=0)), 1e-3)
    say = tr("Mean Kullback–Leibler divergence over the words, in nats. Full colour: {most}.", most=f"{most:.2g}")
    columns, unit = head_columns(values.shape[1]), later("moved (nats)")
    return Matrix(values, tuple(rows), columns, title, LAYER, HEAD, unit, "amount", most, joint=COMMA, say=say)


def off_said(off: Sequence[tuple[int, int]], layers: Sequence[str]) -> str:
    if not off:
        return tr("All heads are on. Click one to switch it off.")
    named = (tr("layer {layer} head {head}", layer=layers[layer], head=head + 1) for layer, head in off)
    return tr("Switched off: {heads}.", heads=tr(", ").join(named))


def before_and_after(seen: Picture, looked: Looked) -> str:
    """What is said with and without the heads, at the words that are asked about; Markdown."""
    lines = []
    without = seen.notes["without"]
    if "whole" in seen.notes:
        lines.append([tr("the whole sentence"), _top([seen.notes["whole"]], 0), _top([without["whole"]], 0)])
    for place in looked.asked[:6]:
        name = f"{plain(looked.words[place])} ({place + 1})"
        lines.append([name, _top(seen.notes["prediction"], place), _top(without["prediction"], place)])
    accuracy, loss = seen.notes["accuracy"], seen.notes["loss"]
    judged = tr("right in {n} held-out sentences", n=seen.notes["judged on"])
    lines.append([judged, *(percent(one) for one in accuracy)])
    lines.append([tr("loss there (nats)"), *(f"{one:.3f}" for one in loss)])
    return as_markdown([tr("At"), tr("with all heads"), tr("without these")], lines)


def _top(predictions: Sequence[Sequence[Sequence[object]]], place: int) -> str:
    word, chance = predictions[place][0]
    return f"{plain(str(word))} {percent(float(str(chance)))}"
