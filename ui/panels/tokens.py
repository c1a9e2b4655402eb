"""How the same sentence falls apart under each tokenizer, all trained on the chosen text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import streamlit as st

from core.cutting import SIZES, Cut, cut, sizes_compared, train_all
from core.data.contract import TextError
from core.data.corpora import built_in
from core.hub import CheckpointError
from core.models.counts import vocabulary_cost
from core.runs.failures import StoreError
from core.shelf import tokenizer_of
from core.spec import Experiment
from core.text import SMALLEST, SPECIAL, UNKNOWN, Tokenizer
from ui import backend
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.code import show_code
from ui.panels.controls import explain, readable
from ui.words import tr

SENTENCE = "The cook tastes the soup unhurriedly. 我喜欢学习 🦊!"
LETTERS = 300_000  # of a text that are enough to learn pieces from
FEWER = 100_000  # to learn from four times
LONGEST = 200  # characters of a sentence
CODE = {
    "character": "core/text.py:_characters",
    "word": "core/text.py:_words",
    "byte": "core/text.py:_single_bytes",
    "bpe": "core/text.py:_byte_pairs",
    "wordpiece": "core/text.py:_word_pieces",
    "unigram": "core/unigram.py:learn_pieces",
}


def show_tokens(experiment: Experiment) -> None:
    """For text a closed box; opened, a sentence to type, its tokens as boxes, and the same in numbers."""
    if not experiment.data.is_text:
        return
    icon = ":material/content_cut:"
    with st.expander(tr("How text falls apart"), key="text-falls-apart", on_change="rerun", icon=icon) as opened:
        if not opened.open:
            return
        sentence = st.text_input(
            tr("A sentence to cut"),
            SENTENCE,
            max_chars=LONGEST,
            key="sentence-to-cut",
            help=tr("Any language; the tokenizers know only what stands in the text that they learned from."),
        )
        try:
            with st.spinner(tr("Training six tokenizers …")):
                _show_cuts(sentence, experiment)
                _show_sizes(experiment)
        except (TextError, StoreError, CheckpointError) as error:
            st.error(tr(str(error)), icon=":material/error:")
        words = tr("How each of them learns, and how they cut a text.")
        if st.toggle(tr("Show the code"), key="tokenizer-code", help=words):
            show_code(*CODE.values(), "core/text.py:Tokenizer")


@lru_cache(maxsize=2)
def tokenizers_of(reference: str, vocabulary: int) -> tuple[Tokenizer, ...]:
    """All kinds, trained on the beginning of a kept text by its name, or of the built-in one."""
    return train_all(_text(reference)[:LETTERS], vocabulary)


@lru_cache(maxsize=16)
def sizes_of(reference: str, kind: str) -> tuple[Cut, ...]:
    """A part of the text, cut with growing vocabularies."""
    return sizes_compared(kind, _text(reference)[:FEWER])


def _text(reference: str) -> str:
    return backend.store().read_text(reference) if reference else built_in()


def _show_cuts(sentence: str, experiment: Experiment) -> None:
    if not sentence.strip():
        st.info(tr("Type at least one word."), icon=":material/info:")
        return
    text, vocabulary = experiment.data.settings.text, experiment.data.settings.vocabulary
    cuts = [cut(tokenizer, sentence) for tokenizer in tokenizers_of(text, vocabulary)]
    if experiment.model.checkpoint:
        cuts.append(replace(cut(tokenizer_of(experiment.model.checkpoint), sentence), kind="checkpoint"))
    least = max(SMALLEST.values())
    if vocabulary < least:
        said = tr(
            "Each box is one token. All six have learned from this text, at most {most} tokens each (byte pairs "
            "{least} at least).",
            most=f"{vocabulary:,}",
            least=least,
        )
    else:
        said = tr(
            "Each box is one token. All six have learned from this text, at most {most} tokens each.",
            most=f"{vocabulary:,}",
        )
    explain(said)
    show_sentences([row(one) for one in cuts], key="cuts")
    st.markdown(table(cuts, experiment))
    explain(
        tr(
            "**Fertility**: tokens per word; each Chinese character and each run of signs counts as a word. "
            "**Unknown** (hatched): tokens that stand for something the tokenizer has never learned; what was there is "
            "lost. Unigram takes several such characters in a row as one token. "
            "**Parameters**: what the vocabulary costs this model, in its word vectors and its read-out."
        )
    )


def _show_sizes(experiment: Experiment) -> None:
    """What another vocabulary would cost, for the tokenizer that is chosen."""
    kind = experiment.data.settings.tokenizer
    if experiment.model.checkpoint:
        explain(tr("This model reads by the tokenizer of its checkpoint; the others are here to compare."))
        return
    cuts = sizes_of(experiment.data.settings.text, kind)
    st.markdown(
        tr(
            "**What the vocabulary costs**: {tokenizer}, on a part of the text that it hasn't learned from",
            tokenizer=readable(kind),
        )
    )
    st.markdown(sizes_table(cuts, experiment))
    if kind == "byte":
        explain(tr("There are 256 bytes, whatever vocabulary is allowed."))
    elif len(cuts) < len(SIZES):
        explain(tr("The text has no more tokens to learn than in the last line; a larger vocabulary changes nothing."))
    else:
        explain(tr("Small vocabularies are cheap but make long sequences; large ones the other way round."))


def row(one: Cut) -> Row:
    count = len(one.tokens)
    kind = readable(one.kind)
    said = tr("{kind}: 1 token", kind=kind) if count == 1 else tr("{kind}: {n} tokens", kind=kind, n=count)
    return Row(said, words_of_cut(one.tokens))


def words_of_cut(tokens: Sequence[str]) -> list[Word]:
    """A box for each token, hatched where it stands for something unknown."""
    return [Word(token, "hidden" if token == SPECIAL[UNKNOWN] else "") for token in tokens]


def table(cuts: list[Cut], experiment: Experiment) -> str:
    """The cuts in numbers, as Markdown; the learner's own words are not in it."""
    header = (tr("Tokenizer"), tr("Tokens"), tr("Fertility"), tr("Unknown"), tr("Vocabulary"), tr("Parameters"))
    return as_markdown(header, [(readable(one.kind), f"{len(one.tokens)}", *_numbers(one, experiment)) for one in cuts])


def sizes_table(cuts: tuple[Cut, ...], experiment: Experiment) -> str:
    header = (tr("Allowed"), tr("Tokens per word"), tr("Unknown"), tr("Vocabulary"), tr("Parameters"))
    return as_markdown(
        header, [(f"{size:,}", *_numbers(one, experiment)) for size, one in zip(SIZES, cuts, strict=False)]
    )


def _numbers(one: Cut, experiment: Experiment) -> tuple[str, str, str, str]:
    parameters = f"{vocabulary_cost(experiment, one.vocabulary):,}"
    return f"{one.fertility:.2f}", percent(one.unknown_rate, 1), f"{one.vocabulary:,}", parameters
