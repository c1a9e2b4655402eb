"""How the same sentence falls apart under each tokenizer, all trained on the chosen text."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from core.cutting import Cut, cut, train_all
from core.data.contract import TextError
from core.data.corpora import built_in
from core.runs.failures import StoreError
from core.text import Tokenizer
from ui import backend
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels import choices
from ui.panels.amounts import percent
from ui.panels.controls import explain, readable
from ui.panels.model_builder import dial

SENTENCE = "The cook tastes the soup unhurriedly. 我喜欢学习 🦊!"
LETTERS = 1_000_000  # of a text that are enough to learn pieces from
LONGEST = 200  # characters of a sentence


def show_tokens(reference: str, vocabulary: int) -> None:
    """A closed box; opened, a sentence to type, its tokens as boxes, and the same in numbers."""
    icon = ":material/content_cut:"
    with st.expander("How text falls apart", key="text-falls-apart", on_change="rerun", icon=icon) as opened:
        if not opened.open:
            return
        sentence = st.text_input("A sentence to cut", SENTENCE, max_chars=LONGEST, key="sentence-to-cut")
        try:
            with st.spinner("Training six tokenizers …"):
                trained = tokenizers_of(reference, vocabulary)
        except (TextError, StoreError) as error:
            st.error(str(error), icon=":material/error:")
            return
        if not sentence.strip():
            st.info("Type at least one word.", icon=":material/info:")
            return
        _show_cuts([cut(tokenizer, sentence) for tokenizer in trained])


@lru_cache(maxsize=4)
def tokenizers_of(reference: str, vocabulary: int) -> tuple[Tokenizer, ...]:
    """All kinds, trained on the beginning of a kept text by its name, or of the built-in one."""
    text = backend.store().read_text(reference) if reference else built_in()
    return train_all(text[:LETTERS], vocabulary)


def _show_cuts(cuts: list[Cut]) -> None:
    width = choices.get("model", "width") or dial().sizes.width
    explain("Each box is one token. All six learned from the text above, with the vocabulary that is set here.")
    show_sentences([row(one) for one in cuts], key="cuts")
    st.markdown(table(cuts, width))
    explain(
        "**Fertility**: tokens per word; each Chinese character and each run of signs counts as a word. "
        "**Unknown**: tokens that stand for something the tokenizer has never learned; what was there is lost. "
        f"**Parameters**: what this vocabulary costs a model of width {width}, in its embedding and its read-out. "
        "Small vocabularies are cheap but make long sequences; large ones the other way round."
    )


def row(one: Cut) -> Row:
    count = len(one.tokens)
    return Row(f"{readable(one.kind)}: {count} token{'' if count == 1 else 's'}", [Word(token) for token in one.tokens])


def table(cuts: list[Cut], width: int) -> str:
    """The cuts in numbers, as Markdown; the learner's own words are not in it."""
    lines = ["| Tokenizer | Tokens | Fertility | Unknown | Vocabulary | Parameters |", "|:--|--:|--:|--:|--:|--:|"]
    for one in cuts:
        numbers = f"{len(one.tokens)} | {one.fertility:.2f} | {percent(one.unknown_rate, 0)}"
        lines.append(f"| {readable(one.kind)} | {numbers} | {one.vocabulary:,} | {one.parameters(width):,} |")
    return "\n".join(lines)
