"""What a model of text writes while it learns: blanks that it fills, or how it goes on, beside the truth."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import streamlit as st

from core.parts.objective import OF_PAIRS
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels.amounts import percent
from ui.panels.watched import Watched
from ui.words import tr

MASK = "[mask]"
SPACES = {"␣": " ", "⏎": "¶ "}  # how readable tokens show white space, and how running text does


def running(token: str) -> Word:
    """A token of running text."""
    for sign, white in SPACES.items():
        token = token.replace(sign, white)
    return Word(token)


def filled(sample: dict[str, Any]) -> list[Word]:
    """The text with its blanks filled, each marked right or wrong, with the truth under wrong ones.

    `written`, `probabilities` and `truth` have one entry for each blank.
    """
    answers = iter(zip(sample["written"], sample["probabilities"], sample["truth"], strict=True))
    return [answered(*next(answers)) if token == MASK else running(token) for token in sample["given"]]


def judged(sample: dict[str, Any]) -> list[Word]:
    """Two sentences with their blanks filled, and the verdict on the pair at their end."""
    of_words = {part: sample[part][:-1] for part in ("written", "probabilities", "truth")}
    verdict = answered(*(sample[part][-1] for part in ("written", "probabilities", "truth")))
    return [*filled({**sample, **of_words}), verdict]


def answered(written: str, probability: float, truth: str) -> Word:
    if written == truth:
        return Word(written, "right", tr("{share} sure", share=percent(probability, 0)))
    return Word(written, "wrong", tr("truth: {truth}", truth=truth))


def continued(sample: dict[str, Any], part: str, backwards: bool) -> list[Word]:
    """The text that was given with what the model wrote (or the truth) after it, before it, or on both sides.

    `backwards` tells of a sample that was kept when samples didn't yet say how much stands before.
    """
    given = [running(token) for token in sample["given"]]
    written = [Word(running(token).text, "new") for token in sample[part]]
    before = sample.get("before", 0) or len(written) * backwards
    return written[:before] + given + written[before:]


def moments(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first sample, one halfway and the latest: enough to see it improve."""
    return samples if len(samples) <= 3 else [samples[0], samples[len(samples) // 2], samples[-1]]


def after(moment: dict[str, Any]) -> str:
    return tr("after step {step}", step=f"{moment['step']:,}")


def sample_rows(watched: Watched) -> list[Row]:
    """One row a moment; for text that is written on, the true text as the last row."""
    samples, experiment = watched.history.samples, watched.run.experiment
    if experiment.model.family == "encoder-decoder":
        return translation_rows(samples)
    if experiment.objective_name in OF_PAIRS:
        return [Row(after(one), judged(one), flow="spaced") for one in moments(samples)]
    spaced = experiment.data.settings.tokenizer in ("word", "wordpiece")
    flow = "spaced" if spaced and not any("␣" in token for token in samples[0]["given"]) else "joined"
    backwards = experiment.objective_name == "previous-word"
    blanks = MASK in samples[0]["given"]
    rows = [
        Row(after(one), filled(one) if blanks else continued(one, "written", backwards), flow=flow)
        for one in moments(samples)
    ]
    truth = [] if blanks else [Row(tr("the text itself"), continued(samples[-1], "truth", backwards), flow=flow)]
    return rows + truth


def translation_rows(samples: list[dict[str, Any]]) -> list[Row]:
    """The source, what was made of it at some moments, and the true translation."""
    source, truth = samples[-1]["given"], samples[-1]["truth"]
    rows = [Row(tr("source"), [Word(one) for one in source])]
    for one in moments(samples):
        placed = zip_longest(one["written"], one["probabilities"], truth)
        words = [answered(word, sure, true or tr("nothing")) for word, sure, true in placed if word is not None]
        rows.append(Row(after(one), words or [Word(tr("(nothing)"), "wrong")]))
    return [*rows, Row(tr("a true translation"), [Word(one) for one in truth])]


def show_samples(watched: Watched) -> None:
    """What this run wrote at three moments; nothing for games."""
    if not watched.history.samples:
        return
    with st.container(border=True):
        show_sentences([Row(heading(watched), [], watched.colour)], key=f"wrote-{watched.run.id}")
        show_sentences(sample_rows(watched), key=f"samples-{watched.run.id}")


def heading(watched: Watched) -> str:
    experiment = watched.run.experiment
    if experiment.model.family == "encoder-decoder":
        if experiment.data.task == "spans":
            return tr("{run}: how it writes the pieces", run=watched.name)
        return tr("{run}: how it translates a sentence that it never saw", run=watched.name)
    if experiment.objective_name in OF_PAIRS:
        return tr("{run}: how it judges a pair", run=watched.name)
    if MASK in watched.history.samples[0]["given"]:
        return tr("{run}: how it fills blanks", run=watched.name)
    return tr("{run}: how it writes on its own", run=watched.name)
