"""From a declared setting to the right widget: label, unit, range, choices and help all come from the field."""

from __future__ import annotations

from dataclasses import Field
from typing import Any

import streamlit as st

from core.fields import Setting

READABLE = {
    "transformer": "Transformer",
    "lstm": "LSTM",
    "left-to-right": "→ left to right",
    "right-to-left": "← right to left",
    "both": "⇄ both ways",
    "learned": "learned",
    "scalar": "scalar mix",
    "concat": "side by side (concat)",
    "mlp": "small MLP",
    "linear": "linear",
    "transform": "MLP with a norm (BERT)",
    "pooler": "first word, mapped (BERT)",
    "pooler-relu": "first word, mapped (DistilBERT)",
    "bpe": "BPE",
    "wordpiece": "WordPiece",
    "unigram": "Unigram",
    "checkpoint": "the checkpoint's own",
    "answer": "the game's answer",
    "classify": "class of the sentence",
    "tag": "tag of each word",
    "first": "the first word's",
    "last": "the last word's",
    "next-word": "next word",
    "previous-word": "previous word",
    "masked-word": "masked word",
    "two-way-lm": "two-way LM",
    "prefix-lm": "prefix LM",
    "permutation-lm": "permutation LM",
    "next-sentence": "next sentence",
    "sentence-order": "sentence order",
    "masked-and-next": "masked words and next sentence",
    "encoder-decoder": "encoder–decoder",
    "translate": "a translation",
    "span-corruption": "pieces that were cut out",
    "additive": "additive",
    "two-way": "two-way",
    "agreement": "two that agree",
    "synchronous": "from both ends",
    "mask-predict": "fill blanks",
    "unmasked": "no mask (cheats)",
    "alibi": "ALiBi",
    "pre": "before",
    "post": "after",
    "layer": "layer norm",
    "rms": "RMS norm",
    "gelu": "GELU",
    "gelu-tanh": "GELU (tanh)",
    "relu": "ReLU",
    "swiglu": "SwiGLU",
    "cuda": "GPU (CUDA)",
    "mps": "GPU (Apple)",
    "cpu": "CPU",
}
FEW_LETTERS = 54  # options that fit on a line or two stand side by side; longer lists open
NOTCHES = 20  # whole-number ranges up to here are sliders
FINE = frozenset({"learning_rate", "weight_decay", "l1", "l2"})  # between 0 and 1 too, but matter in powers of ten


def readable(value: Any) -> str:
    """A choice in a learner's words."""
    return READABLE.get(value, str(value))


def explain(words: str) -> None:
    """A sentence under a widget, in small letters that keep their contrast."""
    st.markdown(f":small[{words}]")


def control(one: Field[Any], about: Setting, value: Any, key: str, derived: Any = None) -> Any:
    """Draw the setting's widget at `value` and give back what the learner has chosen.

    `derived` is what an open setting (None) stands for just now: it is shown in the setting's place, and choosing it
    means None again. `key` must change when the widget is to forget what it showed.
    """
    label = f"{about.label} ({about.unit})" if about.unit not in ("", about.label.lower()) else about.label
    shown = derived if value is None else value
    given = {
        "label": label,
        "key": f"{key} {derived}" if derived is not None else key,
        "help": about.help,
    }
    if isinstance(shown, bool):
        return st.toggle(value=shown, **given)
    if about.choices:
        chosen = _choose(about.choices, shown, given)
    elif isinstance(shown, str):
        chosen = st.text_input(value=shown, **given)
    else:
        chosen = _number(one, about, shown, given)
    return None if derived is not None and (chosen == derived or chosen is None) else chosen


def _choose(choices: tuple[Any, ...], value: Any, given: dict[str, Any]) -> Any:
    if sum(len(readable(choice)) + 3 for choice in choices) <= FEW_LETTERS:
        return st.segmented_control(
            options=choices, default=value, format_func=readable, required=True, wrap=True, **given
        )
    return st.selectbox(
        options=choices, index=choices.index(value) if value in choices else 0, format_func=readable, **given
    )


def _number(one: Field[Any], about: Setting, value: float | None, given: dict[str, Any]) -> float | None:
    if value is None:  # nothing is set, and nothing stands in its place
        low, high = (None if limit is None else int(limit) for limit in (about.low, about.high))
        return st.number_input(value=None, min_value=low, max_value=high, step=1, placeholder="no limit", **given)
    kind = int if isinstance(value, int) and not isinstance(one.default, float) else float
    low, high = (None if limit is None else kind(limit) for limit in (about.low, about.high))
    value = kind(value if low is None else max(low, value))
    value = kind(value if high is None else min(high, value))
    within = {"min_value": low, "max_value": high, "value": value, **given}
    if kind is int:
        if low is not None and high is not None and high - low <= NOTCHES:
            return st.slider(step=1, **within)
        return st.number_input(step=1, **within)
    if low is not None and high is not None and low >= 0 and high <= 1 and one.name not in FINE:
        return round(float(st.slider(step=0.01, **within)), 6)
    return st.number_input(step=_step(float(value), one.name in FINE), format="%g", **within)


def _step(value: float, fine: bool) -> float:
    """A step that moves a number of this size visibly: its leading digit by one."""
    if value == 0:
        return 0.001 if fine else 0.1
    return float(f"1e{int(f'{abs(value):e}'.split('e')[1])}")
