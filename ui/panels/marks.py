"""What a model says of labelled sentences while it learns, beside the truth, and which classes it mistakes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.naming import plain
from ui.panels.samples import moments
from ui.panels.watched import Watched
from ui.words import tr

FITS = 24  # words of a sentence that are shown


def show_marks(watched: Watched) -> None:
    """Held-out sentences with what this run said of them at three moments, and its table of mistakes; else nothing."""
    marks = watched.history.marks
    if not marks:
        return
    with st.container(border=True):
        heading = tr("{run}: what it says of sentences", run=watched.name)
        show_sentences([Row(heading, [], watched.colour)], key=f"marks-{watched.run.id}")
        st.caption(tr("Held-out sentences. Under a word ✓ what it says rightly, ✗ what it says wrongly and the truth."))
        show_sentences(mark_rows(marks), key=f"marked-{watched.run.id}")
        if marks[-1]["table"]:
            show_mistakes(marks[-1], watched.run.id)


def mark_rows(marks: list[dict[str, Any]]) -> list[Row]:
    """The sentence with most to say at three moments, then the others at the last."""
    last = marks[-1]
    shown = last["sentences"]
    most = max(range(len(shown)), key=lambda n: sum(tag != "O" for tag in shown[n]["truth"]))
    rows = [_row(tr("step {step}", step=f"{one['step']:,}"), one["sentences"][most]) for one in moments(marks)]
    others = [one for n, one in enumerate(shown) if n != most]
    label = tr("step {step}, others", step=f"{last['step']:,}")
    return rows + [_row("" if n else label, one) for n, one in enumerate(others)]


def _row(label: str, sentence: dict[str, Any]) -> Row:
    answers = list(zip(sentence["truth"], sentence["said"], sentence["sure"], strict=True))
    if not sentence["places"]:
        words = [Word(word) for word in sentence["words"][:FITS]]
        return Row(label, [*words, _said("⇒ " + answers[0][1], *answers[0])])
    under = dict(zip(sentence["places"], answers, strict=True))
    return Row(label, [_tagged(word, under.get(t)) for t, word in enumerate(sentence["words"][:FITS])])


def _tagged(word: str, answer: tuple[str, str, float] | None) -> Word:
    """A word with its tag; where outside of every name is right, there is nothing to say."""
    if answer is None or answer[:2] == ("O", "O"):
        return Word(word)
    return _said(word, *answer)


def _said(text: str, truth: str, said: str, sure: float) -> Word:
    whole = text == f"⇒ {said}"  # of the sentence, not of a word
    if truth == said:
        return Word(text, "right", "✓ " + (tr("{share} sure", share=percent(sure, 0)) if whole else said))
    if whole:
        return Word(text, "wrong", tr("✗ truth: {truth}", truth=truth))
    return Word(text, "wrong", tr("✗ {said}, truth: {truth}", said=said, truth=truth))


def show_mistakes(mark: dict[str, Any], key: str) -> None:
    """The table of mistakes: a row for each true class, a column for what was said."""
    title, icon = tr("Which classes it mistakes"), ":material/grid_on:"
    with st.expander(title, key=f"mistakes-{key}", on_change="rerun", icon=icon) as opened:
        if opened.open:
            st.caption(
                tr("Held-out answers: a row for each true class, a column for what was said. Right ones are bold.")
            )
            st.markdown(mistakes_table(mark))


def mistakes_table(mark: dict[str, Any]) -> str:
    """The table of mistakes as Markdown, with how many of each true class are right."""
    names = [plain(name) for name in mark["classes"]]
    rows = []
    for i, (name, counts) in enumerate(zip(names, mark["table"], strict=True)):
        cells = [f"**{count:,}**" if i == j else f"{count:,}" if count else "·" for j, count in enumerate(counts)]
        rows.append((name, *cells, percent(counts[i] / sum(counts)) if sum(counts) else "–"))
    return as_markdown((tr("truth ↓ said →"), *names, tr("right")), rows)
