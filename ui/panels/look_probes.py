"""Probes: what a straight line through hidden states can tell, beside chance and the untrained model."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.layers import short
from ui.charts.lines import CONTROL, Line, Lines
from ui.charts.palette import BOTH, OF_DIRECTION
from ui.panels.look_examples import Looked
from ui.panels.look_frame import choice, look
from ui.panels.look_training import show_through
from ui.seen import KEPT, question
from ui.words import later, tr

OVER = {
    "neighbours": later("Its neighbours"),
    "layers": later("From layer to layer"),
    "places": later("The answer, place by place"),
}
TARGETS = {-1: later("the previous word"), 0: later("the word itself"), 1: later("the next word")}
WORDS = {"random": later("Random words"), "own": later("The data’s own")}
CODE = (
    "core/looking/probes.py:fit",
    "core/looking/probes.py:probe_offsets",
    "core/looking/asking.py:probes",
    "core/looking/hidden.py:untrained",
)


def show_probes(run: Run, step: int, looked: Looked, part: str = "") -> None:
    """Accuracies of linear probes; the probe of every layer is fitted in turn, with progress."""
    st.markdown(
        tr(
            "**Look for** the side that a one-way model can't see: there its line lies at chance. The dashed lines are "
            "the controls: an untrained model’s states (Hewitt & Liang 2019), and always giving the commonest answer."
        )
    )
    overs = {name: said for name, said in OVER.items() if name != "places" or not part}
    over = choice(tr("Asked"), overs, f"look-over{part}", tr("What the probe has to tell from a word’s state."))
    words = "own"
    if over != "places" and part != "decoder":  # a decoder is given the true translation, which can't be random
        words = str(
            st.segmented_control(
                tr("Words"),
                list(WORDS),
                format_func=lambda one: tr(WORDS[one]),
                default="random",
                required=True,
                key="look-probed",
                help=tr("In random words no word tells its neighbours; in real sentences grammar does, to any model."),
            )
        )
    options = ({} if words == "own" else {"words": words}) | ({"part": part} if part else {})
    seen = layer_by_layer(run, step, looked, options)
    if seen is None:
        return
    drawn = lines_over(over, seen, OF_DIRECTION.get(run.experiment.model.direction, BOTH))
    if drawn is None:
        st.info(tr("There is no one answer a sentence here, so there is nothing to look for place by place."))
        return
    show_through(drawn, "probes", CODE)
    st.caption(
        tr(
            "Ridge probes on {n} sentences, judged on the last third of them. A probe shows what is there to be read, "
            "not what the model uses.",
            n=seen.notes["sentences"],
        )
    )


def layer_by_layer(run: Run, step: int, looked: Looked, options: dict[str, str]) -> Picture | None:
    """The probes of all layers, one question a layer, so that whoever waits sees how far it is."""
    first = look(run.id, step, looked.text, "probes", layer=0, **options)
    if first is None:
        return None
    found, layers = [first], len(first.notes["layers"])
    waits = any(not KEPT.has(question(run.id, step, looked.text, "probes", layer=n, **options)) for n in range(layers))
    bar = st.progress(1 / layers, tr("Fitting probes, layer by layer …")) if waits else None
    for number in range(1, layers):
        one = look(run.id, step, looked.text, "probes", layer=number, **options)
        if one is None:
            return None
        found.append(one)
        if bar:
            words = tr("Fitting probes, layer {layer} of {layers} …", layer=number + 1, layers=layers)
            bar.progress((number + 1) / layers, words)
    if bar:
        bar.empty()
    stacked = {
        name: array if "chance" in name else np.concatenate([one.arrays[name] for one in found])
        for name, array in first.arrays.items()
    }
    return Picture(first.tokens, stacked, first.axes, first.notes)


def lines_over(over: str, seen: Picture, colour: str) -> Lines | None:
    """The probes of one layer over offsets or places, or those of one target over layers."""
    layers = seen.notes["layers"]
    if over == "layers":
        return over_layers(seen, colour)
    if over == "places" and "place" not in seen.arrays:
        return None
    layer = st.select_slider(
        tr("Layer"),
        layers,
        value=layers[-1],
        format_func=tr,
        key=f"look-layer-{len(layers)}-{over}",
        help=tr("Whose states are probed."),
    )
    row = layers.index(layer)
    if over == "places":
        T = seen.arrays["place"].shape[1]
        title = tr("The sentence’s answer, told from one word’s state alone ({layer})", layer=tr(layer))
        ticks, x, across = tuple(str(t + 1) for t in range(T)), np.arange(T), later("place of the word")
        return _with_controls(seen, "place", row, title, across, x, ticks, colour)
    offsets = np.array(seen.notes["offsets"])
    title = tr("Which word stands there? Told from one word’s state alone ({layer})", layer=tr(layer))
    ticks = tuple(tr("itself") if o == 0 else f"{o:+d}".replace("-", "−") for o in offsets)
    return _with_controls(seen, "accuracy", row, title, later("words away: left, right"), offsets, ticks, colour)


def _with_controls(
    seen: Picture, name: str, row: int, title: str, across: str, x: np.ndarray, ticks: tuple[str, ...], colour: str
) -> Lines:
    """The probe of a layer with both controls."""
    control = "untrained" if name == "accuracy" else f"{name} untrained"
    chance = "chance" if name == "accuracy" else f"{name} chance"
    lines = beside_controls(seen.arrays[name][row], seen.arrays[control][row], seen.arrays[chance], colour)
    down = later("right on held-out sentences (share)")
    return Lines(x, lines, title, across, down, False, 0.0, 1.0, ticks)


def beside_controls(found: np.ndarray, untrained: np.ndarray, chance: np.ndarray, colour: str) -> tuple[Line, ...]:
    """What the probe tells of this model, of an untrained one, and what anyone could guess."""
    lines = (
        (later("this model"), colour, found, False),
        (later("untrained"), "#CC79A7", untrained, True),
        (later("commonest answer"), CONTROL, chance, True),
    )
    return tuple(Line(name, shade, values.astype(float), dashed, tr(name)) for name, shade, values, dashed in lines)


def over_layers(seen: Picture, colour: str) -> Lines:
    """One target from layer to layer."""
    offsets, layers = seen.notes["offsets"], seen.notes["layers"]
    targets = [*(o for o in TARGETS if o in offsets), *(["label"] if "label" in seen.arrays else [])]
    target = st.segmented_control(
        tr("Told is"),
        targets,
        format_func=told,
        default=targets[0],
        required=True,
        key=f"look-target-{len(targets)}",
        help=tr("What the probe has to tell from a word’s state."),
    )
    if target == "label":
        values = [seen.arrays["label"][:, 0], seen.arrays["label untrained"][:, 0], seen.arrays["label chance"][0]]
    else:
        at = offsets.index(target)
        values = [seen.arrays["accuracy"][:, at], seen.arrays["untrained"][:, at], seen.arrays["chance"][at]]
    whole = [np.broadcast_to(np.asarray(one, float), len(layers)) for one in values]
    lines = beside_controls(*whole, colour)
    title = tr("From layer to layer: how well {what} can be told from a word’s state", what=told(target))
    ticks = tuple(short(one) for one in layers)
    return Lines(np.arange(len(layers)), lines, title, later("layer"), later("right (share)"), False, 0.0, 1.0, ticks)


def told(target: object) -> str:
    """What a probe tells of a word."""
    return tr("the answer") if target == "label" else tr(TARGETS[int(str(target))])
