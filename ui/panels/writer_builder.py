"""Choose an encoder–decoder: what it is built of, how it reads, how it writes; and what it may see while it writes."""

from __future__ import annotations

import streamlit as st

from core.data.writing import in_sight
from core.spec import Experiment
from ui.charts.writing import TITLES, writing_option
from ui.panels import choices
from ui.panels.controls import explain
from ui.words import later, tr

CELL_WORDS = {
    "transformer": later("Both read by **attention**, and the decoder looks at the source by attention, too."),
    "lstm": later(
        "Both are a **memory** that moves word by word; after each word the decoder looks back at the source."
    ),
}
WAY_WORDS = {
    "left-to-right": later(
        "The first word is written first: each word knows :blue[**those before it**]. So work most translators."
    ),
    "right-to-left": later("The last word is written first: each word knows :red[**those after it**]."),
    "both": later("The sentence is written :green[**from both sides**], in one of these ways:"),
}
WRITING_WORDS = {
    "agreement": later(
        "Two decoders, one for each direction. Each writes a sentence; the one that both find likeliest wins."
    ),
    "synchronous": later(
        "One decoder begins at both ends at once. Either end also listens, a little, to what the other has "
        "written by then, and they meet in the middle."
    ),
    "mask-predict": later(
        "All words start as blanks and are filled at once; the least sure are blanked and filled again."
    ),
    "unmasked": later(
        "A decoder without a mask, given the true sentence: **it can see its answer**. Try it to see how a "
        "perfect loss goes with useless sentences."
    ),
}
READ_WORDS = {
    "left-to-right": later("Each source word knows those before it."),
    "right-to-left": later("Each source word knows those after it."),
    "both": later("Each source word knows the whole sentence."),
}
CROSSING_WORDS = {
    "plain": later("Each written word looks at one encoder’s states."),
    "two-way": later(
        "Each written word asks twice: one query looks at a backward encoder, another at a forward one; both "
        "answers are joined. Against an encoder that reads both ways anyway it adds nothing in principle: compare."
    ),
}
SCORING_WORDS = {
    "additive": later("How well a state fits a word: v · tanh(W state + U word) (Bahdanau)."),
    "multiplicative": later("How well a state fits a word: state · W word (Luong)."),
}
MOST_WORDS = 7  # of either sentence in the picture


def choose_writer() -> None:
    """Cells, direction, and where both: in which way."""
    cells = choices.ask("model", "cells")
    explain(tr(CELL_WORDS[cells]))
    direction = choices.ask("model", "direction")
    explain(tr(WAY_WORDS[direction]))
    if direction == "both":
        explain(tr(WRITING_WORDS[choices.ask("model", "writing")]))


def open_writer() -> None:
    """How it reads, and how the decoder looks at what was read."""
    explain(tr(READ_WORDS[choices.ask("model", "reads")]))
    explain(tr(CROSSING_WORDS[choices.ask("model", "crossing")]))
    if choices.get("model", "cells") == "lstm":
        explain(tr(SCORING_WORDS[choices.ask("model", "scoring")]))


def show_writing(experiment: Experiment, source: list[str], target: list[str]) -> None:
    """What each decoder is given of an example pair while it writes each word."""
    source, target = source[:MOST_WORDS], target[:MOST_WORDS]
    st.markdown(tr("**What it may see while it writes each word**"))
    for name, mask in in_sight(experiment.model.writes, len(target)).items():
        option = writing_option(mask, source, target, name)
        height = 190 + 24 * len(target)
        alt = tr("{picture}, over an example pair", picture=tr(TITLES[name]))
        st.echarts_chart(option, key=f"writing {name}", height=height, alt=alt)


def functions_of_writer(experiment: Experiment) -> list[str]:
    """Where the code of an encoder–decoder is."""
    model, task = experiment.model, experiment.data.task
    lstm, both = model.cells == "lstm", model.writes == "synchronous"
    found = ["core/models/seq2seq.py:Seq2Seq", "core/models/seq2seq.py:Encoder"]
    found.append("core/models/cross.py:" + ("Alignment" if lstm else "CrossAttention"))
    found.append("core/models/decoder.py:" + ("LSTMDecoder" if lstm else "DecoderBlock"))
    found += ["core/models/decoder.py:MutualAttention"] if both else []
    found += ["core/data/writing.py:taught", "core/objectives.py:translate"]
    if experiment.data.is_text:
        return [*found, "core/data/corpora.py:TextSource"]
    if task == "spans":
        return [*found, "core/data/spans.py:SpanSource", "core/data/spans.py:cut_out"]
    if not experiment.data.is_made:
        return [*found, "core/data/pairs/own.py:PairSource", "core/data/pairs/columns.py:read_pairs"]
    return [*found, f"core/data/pairs/{task}.py:{type(experiment.data.settings).__name__}"]
