"""From a declared setting to the right widget: label, unit, range, choices and help all come from the field."""

from __future__ import annotations

from dataclasses import Field
from typing import Any

import streamlit as st

from core.fields import Setting
from ui.words import later, tr

READABLE = {
    "transformer": later("Transformer"),
    "lstm": later("LSTM"),
    "left-to-right": later("→ left to right"),
    "right-to-left": later("← right to left"),
    "both": later("⇄ both ways"),
    "learned": later("learned"),
    "scalar": later("scalar mix"),
    "concat": later("side by side (concat)"),
    "mlp": later("small MLP"),
    "linear": later("linear"),
    "transform": later("MLP with a norm (BERT)"),
    "pooler": later("first word, mapped (BERT)"),
    "pooler-relu": later("first word, mapped (DistilBERT)"),
    "bpe": later("BPE"),
    "wordpiece": later("WordPiece"),
    "unigram": later("Unigram"),
    "checkpoint": later("the checkpoint's own"),
    "answer": later("the game's answer"),
    "classify": later("class of the sentence"),
    "tag": later("tag of each word"),
    "first": later("the first word's"),
    "last": later("the last word's"),
    "next-word": later("next word"),
    "previous-word": later("previous word"),
    "masked-word": later("masked word"),
    "two-way-lm": later("two-way LM"),
    "prefix-lm": later("prefix LM"),
    "permutation-lm": later("permutation LM"),
    "next-sentence": later("next sentence"),
    "sentence-order": later("sentence order"),
    "masked-and-next": later("masked words and next sentence"),
    "encoder-decoder": later("encoder–decoder"),
    "translate": later("a translation"),
    "span-corruption": later("pieces that were cut out"),
    "additive": later("additive"),
    "two-way": later("two-way"),
    "agreement": later("two that agree"),
    "synchronous": later("from both ends"),
    "mask-predict": later("fill blanks"),
    "unmasked": later("no mask (cheats)"),
    "alibi": later("ALiBi"),
    "pre": later("before"),
    "post": later("after"),
    "layer": later("layer norm"),
    "rms": later("RMS norm"),
    "gelu": later("GELU"),
    "gelu-tanh": later("GELU (tanh)"),
    "relu": later("ReLU"),
    "swiglu": later("SwiGLU"),
    "cuda": later("GPU (CUDA)"),
    "mps": later("GPU (Apple)"),
    "cpu": later("CPU"),
    "deep": later("deep"),
    "late": later("late"),
    "sum": later("sum"),
    "mean": later("mean"),
    "product": later("product"),
    "max": later("max"),
    "gated": later("gated"),
    "tiny": later("tiny"),
    "small": later("small"),
    "medium": later("medium"),
    "large": later("large"),
    "sinusoidal": later("sinusoidal"),
    "rotary": later("rotary"),
    "none": later("none"),
    "plain": later("plain"),
    "multiplicative": later("multiplicative"),
    "repaired": later("repaired"),
    "likeliest legal": later("likeliest legal"),
    "cosine": later("cosine"),
    "constant": later("constant"),
    "auto": later("auto"),
    "bottom": later("bottom"),
    "everything": later("everything"),
    "all": later("all"),
    "attention": later("attention"),
    "contrast": later("contrast"),
    "squared": later("squared"),
    "to pretrained": later("to pretrained"),
    "to fine-tuned": later("to fine-tuned"),
    "pinyin": later("pinyin"),
    "characters": later("characters"),
    "character": later("character"),
    "word": later("word"),
    "byte": later("byte"),
    "mood": later("mood"),
    "topic": later("topic"),
    "xor": later("xor"),
    "odd": later("odd"),
    "slot": later("slot"),
}
UNITS = (  # of the settings, as `control` says them
    later("steps"),
    later("words"),
    later("sequences"),
    later("facts"),
    later("pairs"),
    later("brackets"),
    later("lines"),
    later("tokens"),
    later("parts"),
    later("evaluations"),
    later("sentences"),
)
FEW_LETTERS = 54  # options that fit on a line or two stand side by side; longer lists open
NOTCHES = 20  # whole-number ranges up to here are sliders
FINE = frozenset(  # between 0 and 1 too, but matter in powers of ten
    {"learning_rate", "weight_decay", "l1", "l2", "norm_epsilon"}
)


def readable(value: Any) -> str:
    """A choice in a learner's words and language; what a learner named stays as it is."""
    return tr(READABLE[value]) if value in READABLE else str(value)


def explain(words: str) -> None:
    """A sentence under a widget, in small letters that keep their contrast."""
    st.markdown(f":small[{words}]")


def control(one: Field[Any], about: Setting, value: Any, key: str, derived: Any = None) -> Any:
    """Draw the setting's widget at `value` and give back what the learner has chosen.

    `derived` is what an open setting (None) stands for just now: it is shown in the setting's place, and choosing it
    means None again. `key` must change when the widget is to forget what it showed.
    """
    label = tr(about.label)
    if about.unit not in ("", about.label.lower()):
        label = tr("{label} ({unit})", label=label, unit=tr(about.unit))
    shown = derived if value is None else value
    given = {
        "label": label,
        "key": f"{key} {derived}" if derived is not None else key,
        "help": tr(about.help),
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
    if sum(len(READABLE.get(choice, str(choice))) + 3 for choice in choices) <= FEW_LETTERS:  # alike in all languages
        return st.segmented_control(
            options=choices, default=value, format_func=readable, required=True, wrap=True, **given
        )
    return st.selectbox(
        options=choices, index=choices.index(value) if value in choices else 0, format_func=readable, **given
    )


def _number(one: Field[Any], about: Setting, value: float | None, given: dict[str, Any]) -> float | None:
    if value is None:  # nothing is set, and nothing stands in its place
        low, high = (None if limit is None else int(limit) for limit in (about.low, about.high))
        return st.number_input(value=None, min_value=low, max_value=high, step=1, placeholder=tr("no limit"), **given)
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
