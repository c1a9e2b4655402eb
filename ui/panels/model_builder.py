"""Choose the model: family, direction, how directions meet, and how large."""

from __future__ import annotations

import streamlit as st

from core.spec import ADDITIVE_JOINS, LATE_JOINS, ModelSpec
from ui import state
from ui.panels import choices
from ui.panels.checkpoint import choose_start
from ui.panels.controls import explain, readable
from ui.panels.writer_builder import choose_writer, open_writer
from ui.words import later, tr

FAMILY_WORDS = {
    "transformer": later("Each word gathers from all words that it may see, at once, by **attention**."),
    "lstm": later("A **memory** moves through the sentence word by word and decides what to keep and what to forget."),
    "encoder-decoder": later(
        "An **encoder** reads a whole sentence, a **decoder** writes another, looking at what was read."
    ),
}
DIRECTION_WORDS = {
    "left-to-right": later("A word's state may depend on :blue[**what stands before it**] only. So works GPT."),
    "right-to-left": later("A word's state may depend on :red[**what stands after it**] only: a text read backwards."),
    "both": later(
        "A word's state may depend on :green[**both sides**]. So work BERT and ELMo, which join them differently."
    ),
}
JOIN_WORDS = {
    "concat": later("the two states stand side by side, twice as wide"),
    "sum": later("the two states are added"),
    "mean": later("the two states are averaged"),
    "scalar": later("α · forward + (1 − α) · backward, with one learned number α"),
    "product": later("the two states are multiplied, number by number"),
    "max": later("the larger of the two numbers, place by place"),
    "gated": later("a learned gate chooses, number by number, which side to believe"),
    "learned": later("a small learned layer mixes both states: tanh(W [forward; backward])"),
}
POSITION_WORDS = {
    "learned": later("A learned vector for each place is added to the word (BERT, GPT-2)."),
    "sinusoidal": later("Fixed waves of falling frequency are added to the word (the first Transformer)."),
    "rotary": later(
        "Queries and keys are turned by their place, so that only the distance between words counts (Llama)."
    ),
    "alibi": later(
        "Nothing is added; far words count less, in each head at its own rate (ALiBi). Two-way, it knows how far "
        "a word stands but not on which side."
    ),
    "none": later("No word knows its place. One-way, the mask itself still tells the order."),
}
ACTIVATION_WORDS = {
    "gelu": later("A smooth version of “keep what is positive” (BERT)."),
    "gelu-tanh": later("GELU by a quicker formula (GPT-2)."),
    "relu": later("Keep what is positive, drop the rest (the first Transformer)."),
    "swiglu": later("Two maps: one, squashed by SiLU, gates the other (Llama)."),
}
DEEP_WORDS = {
    "transformer": later("One stack, and in every layer each word sees both sides (BERT)."),
    "lstm": later("In every layer two passes, one each way; the next layer reads both."),
}


def choose_model() -> None:
    """Draw the model's widgets; what is chosen is kept by `choices`."""
    if choose_start():
        return
    family = choices.ask("model", "family")
    explain(tr(FAMILY_WORDS[family]))
    join, direction = "deep", "left-to-right"
    if family == "encoder-decoder":
        choose_writer()
    else:
        direction = choices.ask("model", "direction")
        explain(tr(DIRECTION_WORDS[direction]))
        join = _choose_join(family) if direction == "both" else "deep"
    choices.ask("model", "size")
    explain(_sizes_words())
    with st.expander(tr("Open every size"), key="open-sizes", on_change="rerun", icon=":material/tune:") as opened:
        if opened.open:
            _open_sizes(family, direction, join)


def _choose_join(family: str) -> str:
    """Deep or late; and if late, how."""
    deep = choices.get("model", "join") == "deep"
    meet = st.segmented_control(
        tr("Where the directions meet"),
        ("deep", "late"),
        default="deep" if deep else "late",
        required=True,
        key=choices.key("model", "meet"),
        format_func=readable,
        help=tr("Deep: in every layer. Late: two one-way models that meet once, on top."),
    )
    if meet == "deep":
        if not deep:
            state.remember("late join", choices.get("model", "join"))
            choices.change("model", "join", "deep")
    elif deep:
        choices.change("model", "join", state.recall("late join", "concat"))
    join = "deep" if meet == "deep" else choices.ask("model", "join", only=LATE_JOINS)
    explain(join_words(family, join, choices.get("model", "read_out")))
    return join


def join_words(family: str, join: str, read_out: str) -> str:
    """What the chosen join does, and what it can't."""
    if join == "deep":
        return tr(DEEP_WORDS[family])
    how = tr("Two one-way models read on their own and meet on top (ELMo): {how}.", how=tr(JOIN_WORDS[join]))
    if join in ADDITIVE_JOINS and read_out == "linear":
        limit = tr("With a linear read-out each side only *adds* its vote: no exclusive-or.")
        return tr("{sentence} {next}", sentence=how, next=limit)
    return how


def dial() -> ModelSpec:
    """The model with the size dial alone: what open sizes follow where they are not set."""
    given = {name: choices.get("model", name) for name in ("family", "direction", "join", "size", "cells")}
    return ModelSpec(**given)


def _sizes_words() -> str:
    attends, sizes = dial().built_of == "transformer", dial().sizes
    width, layers, heads, hidden = (
        choices.get("model", name) or getattr(sizes, name) for name in ("width", "layers", "heads", "feed_forward")
    )
    said = [tr("width {n}", n=width), tr("{n} layers", n=layers) if layers > 1 else tr("1 layer")]
    said += [tr("{n} heads", n=heads), tr("feed-forward {n}", n=hidden)] if attends else []
    return " · ".join(said)


def _open_sizes(family: str, direction: str, join: str) -> None:
    sizes, late = dial().sizes, direction == "both" and join != "deep"
    attends = dial().built_of == "transformer"
    if family == "encoder-decoder":
        open_writer()
    names = ["width", "layers", *(["heads", "feed_forward"] if attends else [])]
    for first, second in zip(names[::2], names[1::2], strict=True):
        left, right = st.columns(2)
        with left:
            choices.ask("model", first, derived=getattr(sizes, first))
        with right:
            choices.ask("model", second, derived=getattr(sizes, second))
    choices.ask("model", "dropout")
    choices.ask("model", "read_out")
    if attends:
        _open_layers(sizes.heads)
    else:
        choices.ask("model", "forget_bias")
    if late or choices.get("model", "tied"):
        choices.ask("model", "tied")
    now = readable(choices.get("model", "size"))
    explain(tr("Sizes that you don't set follow the dial (now {size}).", size=now))


def _open_layers(heads: int) -> None:
    """What a Transformer's layers are made of."""
    positions = choices.ask("model", "positions")
    explain(tr(POSITION_WORDS[positions]))
    for first, second in (("norm", "norm_place"), ("key_heads", "window")):
        left, right = st.columns(2)
        with left:
            choices.ask("model", first, derived=heads if first == "key_heads" else None)
        with right:
            choices.ask("model", second)
    activation = choices.ask("model", "activation")
    explain(tr(ACTIVATION_WORDS[activation]))
    left, right = st.columns(2)
    with left:
        choices.ask("model", "embedding_norm")
        choices.ask("model", "norm_epsilon")
    with right:
        choices.ask("model", "tied_words")
        choices.ask("model", "token_types")
