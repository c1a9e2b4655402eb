"""Where fine-tuning starts, and what is to be learned: a pretrained model, a question, some labelled sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data.contract import IGNORE, Batch, TextError
from core.data.labels.own import apart, examples, file_of
from core.data.registry import OWN
from core.data.transfer.questions import Transfer
from core.fields import SpecError, written
from core.hub import CheckpointError
from core.parts.tune import BUILT_IN
from core.retelling import opened as retold
from core.runs.beginnings import runs_in
from core.runs.failures import StoreError
from core.spec import Experiment, from_json
from core.starts import Start
from ui import backend, state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels import choices
from ui.panels.amounts import percent
from ui.panels.naming import plain, said
from ui.panels.own_labels import choose_labels
from ui.panels.tune_starts import offered, opened, title_of
from ui.words import later, tr

SHOWN = 64  # held-out sentences that the examples go round
TARGETS = {
    "xor": (
        later("Far: mood crossed with number"),
        later("Two facts must be combined, and no single word tells: it must learn."),
    ),
    "mood": (
        later("Near: the mood"),
        later("Filling blanks has taught this already; only the names of the moods are new."),
    ),
    "topic": (
        later("Near: the topic"),
        later("Six topics, each told by four words of the sentence."),
    ),
    "slot": (
        later("Few labels: the hidden adverb"),
        later("A word is hidden, as in pretraining, and its mood is asked for."),
    ),
    "odd": (
        later("Word by word: the odd one out"),
        later("A tag for each noun and verb. Hard: see how far seeds lie apart."),
    ),
    "own-classes": (
        later("Your own: a class for each text"),
        later("A table (CSV or TSV) with texts and their classes."),
    ),
    "own-tags": (
        later("Your own: a tag for each word"),
        later("Words with their tags, one a line (CoNLL)."),
    ),
}
LEARNED = {
    "masked-word": later("It has filled blanks, reading both sides, and never saw a label."),
    "next-word": later("It has guessed the next word, and never saw a label."),
    "previous-word": later("It has guessed the word before, and never saw a label."),
    "two-way-lm": later("It has guessed the next word from each side, and never saw a label."),
}
OTHERWISE = later("It has learned by “{task}”, and never saw a label.")
LABELS = (16, 18, 64, 256, 512, 2048)
USUAL = {"slot": 16, "odd": 256, "topic": 18}  # the others: 512
MARKS = ("[CLS]", "[SEP]", "[PAD]")


@dataclass(frozen=True)
class Chosen:
    """The start and what all runs share; None, with everything said on the page, where these can't be raced."""

    start: Start | None = None
    base: Experiment | None = None
    classes: int = 0


def choose() -> Chosen:
    """Draw both choices side by side."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(tr("1 · Where it starts"))
        name = choose_start()
        start = opened(name)
        if isinstance(start, str):
            st.error(plain(start), icon=":material/error:")
        else:
            tell_start(start)
    with right:
        st.subheader(tr("2 · What it is to learn"))
        target = choose_target()
        if isinstance(start, str):
            return Chosen()
        try:
            data, labels, classes = choose_own(target) if target in OWN else choose_question(target)
            return Chosen(start, base_of(name, start, data, labels), classes)
        except SpecError as error:
            st.error(plain(tr(error.reason)), icon=":material/error:")
        except (TextError, StoreError, CheckpointError) as error:
            if target not in OWN:  # there it is said beside the file
                st.error(plain(tr(str(error))), icon=":material/error:")
    return Chosen(start)


def choose_start() -> str:
    """A starting point by its name; a link may bring one (?start=)."""
    names, linked = list(offered()), state.param("start") or ""
    if linked and linked not in names:
        names.append(linked)
    chosen = st.selectbox(
        tr("Starting point"),
        names,
        index=names.index(linked) if linked else 0,
        format_func=title_of,
        key="tune-start",
        help=tr(
            "A model that was trained on text without labels: the built-in one, one of your finished runs, or a "
            "checkpoint that you have fetched on the Build page."
        ),
    )
    return str(chosen)


def tell_start(start: Start) -> None:
    """What the model is and what it has learned."""
    model, learned = start.experiment.model, start.experiment.objective_name
    told = tr(LEARNED.get(learned, OTHERWISE), task=said(learned))
    size = tr(
        "{layers} layers of width {width}; it knows {count} words.",
        layers=model.sizes.layers,
        width=model.sizes.width,
        count=f"{len(start.words):,}",
    )
    below = tr("Every strategy below starts from these very weights.")
    st.markdown(tr("{first} {then}", first=tr("{first} {then}", first=told, then=size), then=below))


def choose_target() -> str:
    """Which task; a link may name it (?question=)."""
    linked = state.param("question")
    target = st.selectbox(
        tr("Task"),
        list(TARGETS),
        index=list(TARGETS).index(linked) if linked in TARGETS else 0,
        format_func=lambda one: tr(TARGETS[one][0]),
        key="tune-target",
        persist_state="session",
        help=tr("Near: pretraining has all but taught it. Far: it has to be learned. Your own: a file with labels."),
    )
    st.caption(tr(TARGETS[target][1]))
    return str(target)


def base_of(name: str, start: Start, data: Mapping[str, Any], labels: int | None) -> Experiment:
    """What all runs share. Raises SpecError, TextError or CheckpointError where the start can’t learn it."""
    values: dict[str, Any] = {"data": dict(data), "tune": {"strategy": "full", "start": name, "labels": labels}}
    if name != BUILT_IN:
        values["model"] = written(start.model)
    experiment = from_json(values)
    store = backend.store()
    retold(experiment, runs_in(store), store.read_text)  # says at once what doesn't fit
    return experiment


def choose_question(target: str) -> tuple[dict[str, Any], int | None, int]:
    """A question about the built-in language: an example, its limit, how many labels."""
    settings = Transfer(question=target)
    show_example(settings)
    usual = USUAL.get(target, 512)
    labels = st.select_slider(
        tr("Labelled sentences"),
        sorted({*LABELS, usual}),
        value=usual,
        key=f"tune-labels-{target}",
        persist_state="session",
        help=tr("Labels are dear: somebody has to write each. The fewer there are, the more the start matters."),
    )
    if labels < len(settings.classes):
        reason = tr(
            "There are {n} classes, more than labelled sentences. Take more sentences.", n=len(settings.classes)
        )
        raise SpecError("tune.labels", labels, reason, {"tune.labels": usual})
    return {"task": "transfer", "question": target}, int(labels), len(settings.classes)


def show_example(settings: Transfer) -> None:
    """One sentence with its answer, and the most that anybody can know."""
    at = state.recall("tune example", 0) % SHOWN
    row = settings.held_out(SHOWN).rows(slice(at, at + 1))
    show_sentences([Row(tr(settings.about.asks), words_of(settings, row))], key="tune-example")
    words = tr("Draw another sentence of this task.")
    st.button(tr("Another sentence"), icon=":material/casino:", type="tertiary", help=words, on_click=_another)
    st.caption(
        tr(
            "At most {ceiling} can be right, computed from the language. Every second content word is never shown with "
            "a label; the **shifted** test asks about those.",
            ceiling=percent(settings.ceilings().both),
        )
    )


def words_of(settings: Any, row: Batch) -> list[Word]:
    """A labelled sentence: what is asked with its answer, and the evidence in colour."""
    found = []
    for t, token in enumerate(row.tokens[0]):
        word = settings.words[token]
        label = int(row.labels[0, t])
        if word in MARKS or (word == "[MASK]" and label == IGNORE):
            continue
        asked = label != IGNORE and (settings.question != "odd" or label > 0)
        cue = row.cues is not None and bool(row.cues[0, t])
        found.append(Word(word, "asked" if asked else "cue" if cue else "", settings.classes[label] if asked else ""))
    if row.answers is not None:
        found.append(Word(settings.classes[row.answers[0]], "asked", tr("the answer")))
    return found


def _another() -> None:
    state.remember("tune example", state.recall("tune example", 0) + 1)


def choose_own(task: str) -> tuple[dict[str, Any], int | None, int]:
    """A file of one's own, the same as on the Build page. Raises TextError where nothing can be learned from it."""
    choices.choose_task(task)
    choose_labels(task)
    data = {**choices.current().get("data", {}), "task": task}
    settings = from_json({"data": data}).data.settings
    found = examples(file_of(settings, backend.store().read_text), settings)
    n = len(apart(found.labels, settings.test_share)[0])
    labels = st.slider(
        tr("Labelled sentences"),
        min(n, max(2, len(found.counts))),
        n,
        n,
        key=f"tune-labels-{task}-{n}",
        help=tr(
            "How many of your sentences it may learn from; those that are held out for the test are not among them."
        ),
    )
    return data, None if labels == n else int(labels), len(found.counts)


def ceiling_of_task(base: Experiment) -> float | None:
    """The most that can be right, 0…1; None where nobody knows."""
    known = base.data.settings.ceilings()
    return None if known is None else float(known.both)


def chance_of(base: Experiment) -> float:
    """How often a blind guess is right."""
    return 1 / len(base.data.settings.classes) if base.data.is_made else 0.0
