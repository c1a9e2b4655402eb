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

OVER = {"neighbours": "Its neighbours", "layers": "From layer to layer", "places": "The answer, place by place"}
TARGETS = {-1: "the previous word", 0: "the word itself", 1: "the next word"}
WORDS = {"random": "Random words", "own": "The data’s own"}
CODE = (
    "core/looking/probes.py:fit",
    "core/looking/probes.py:probe_offsets",
    "core/looking/asking.py:probes",
    "core/looking/hidden.py:untrained",
)


def show_probes(run: Run, step: int, looked: Looked, part: str = "") -> None:
    """Accuracies of linear probes; the probe of every layer is fitted in turn, with progress."""
    st.markdown(
        "**Look for** the side that a one-way model can't see: there its line lies at chance. The dashed lines are the "
        "controls: an untrained model’s states (Hewitt & Liang 2019), and always giving the commonest answer."
    )
    overs = {name: said for name, said in OVER.items() if name != "places" or not part}
    over = choice("Asked", overs, f"look-over{part}", "What the probe has to tell from a word’s state.")
    words = "own"
    if over != "places" and part != "decoder":  # a decoder is given the true translation, which can't be random
        words = str(
            st.segmented_control(
                "Words",
                list(WORDS),
                format_func=WORDS.__getitem__,
                default="random",
                required=True,
                key="look-probed",
                help="In random words no word tells its neighbours; in real sentences grammar does, to any model.",
            )
        )
    options = ({} if words == "own" else {"words": words}) | ({"part": part} if part else {})
    seen = layer_by_layer(run, step, looked, options)
    if seen is None:
        return
    drawn = lines_over(over, seen, OF_DIRECTION.get(run.experiment.model.direction, BOTH))
    if drawn is None:
        st.info("There is no one answer a sentence here, so there is nothing to look for place by place.")
        return
    show_through(drawn, "probes", CODE)
    st.caption(
        f"Ridge probes on {seen.notes['sentences']} sentences, judged on the last third of them. A probe shows what is "
        "there to be read, not what the model uses."
    )


def layer_by_layer(run: Run, step: int, looked: Looked, options: dict[str, str]) -> Picture | None:
    """The probes of all layers, one question a layer, so that whoever waits sees how far it is."""
    first = look(run.id, step, looked.text, "probes", layer=0, **options)
    if first is None:
        return None
    found, layers = [first], len(first.notes["layers"])
    waits = any(not KEPT.has(question(run.id, step, looked.text, "probes", layer=n, **options)) for n in range(layers))
    bar = st.progress(1 / layers, "Fitting probes, layer by layer …") if waits else None
    for number in range(1, layers):
        one = look(run.id, step, looked.text, "probes", layer=number, **options)
        if one is None:
            return None
        found.append(one)
        if bar:
            bar.progress((number + 1) / layers, f"Fitting probes, layer {number + 1} of {layers} …")
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
        "Layer", layers, value=layers[-1], key=f"look-layer-{len(layers)}-{over}", help="Whose states are probed."
    )
    row = layers.index(layer)
    if over == "places":
        T = seen.arrays["place"].shape[1]
        title = f"The sentence’s answer, told from one word’s state alone ({layer})"
        ticks, x, across = tuple(str(t + 1) for t in range(T)), np.arange(T), "place of the word"
        return _with_controls(seen, "place", row, title, across, x, ticks, colour)
    offsets = np.array(seen.notes["offsets"])
    title = f"Which word stands there? Told from one word’s state alone ({layer})"
    ticks = tuple("itself" if o == 0 else f"{o:+d}".replace("-", "−") for o in offsets)
    return _with_controls(seen, "accuracy", row, title, "words away: left, right", offsets, ticks, colour)


def _with_controls(
    seen: Picture, name: str, row: int, title: str, across: str, x: np.ndarray, ticks: tuple[str, ...], colour: str
) -> Lines:
    """The probe of a layer with both controls."""
    control = "untrained" if name == "accuracy" else f"{name} untrained"
    chance = "chance" if name == "accuracy" else f"{name} chance"
    lines = (
        Line("this model", colour, seen.arrays[name][row].astype(float)),
        Line("untrained", "#CC79A7", seen.arrays[control][row].astype(float), dashed=True),
        Line("commonest answer", CONTROL, seen.arrays[chance].astype(float), dashed=True),
    )
    return Lines(x, lines, title, across, "right on held-out sentences (share)", False, 0.0, 1.0, ticks)


def over_layers(seen: Picture, colour: str) -> Lines:
    """One target from layer to layer."""
    offsets, layers = seen.notes["offsets"], seen.notes["layers"]
    targets = [*(o for o in TARGETS if o in offsets), *(["label"] if "label" in seen.arrays else [])]
    target = st.segmented_control(
        "Told is",
        targets,
        format_func=lambda one: "the answer" if one == "label" else TARGETS[one],
        default=targets[0],
        required=True,
        key=f"look-target-{len(targets)}",
        help="What the probe has to tell from a word’s state.",
    )
    said = "the answer" if target == "label" else TARGETS[int(str(target))]
    if target == "label":
        values = [seen.arrays["label"][:, 0], seen.arrays["label untrained"][:, 0], seen.arrays["label chance"][0]]
    else:
        at = offsets.index(target)
        values = [seen.arrays["accuracy"][:, at], seen.arrays["untrained"][:, at], seen.arrays["chance"][at]]
    whole = [np.broadcast_to(np.asarray(one, float), len(layers)) for one in values]
    lines = (
        Line("this model", colour, whole[0]),
        Line("untrained", "#CC79A7", whole[1], dashed=True),
        Line("commonest answer", CONTROL, whole[2], dashed=True),
    )
    title = f"From layer to layer: how well {said} can be told from a word’s state"
    ticks = tuple(short(one) for one in layers)
    return Lines(np.arange(len(layers)), lines, title, "layer", "right (share)", False, 0.0, 1.0, ticks)
