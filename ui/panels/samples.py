"""What a model of text writes while it learns: blanks that it fills, or how it goes on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels.watched import Watched

MASK = "[mask]"
SHOWN = 3  # moments beside one another: first, middle, latest


def filled(sample: dict[str, Any]) -> list[Word]:
    """Blanks marked by whether the guess is right, with its probability; the truth under wrong ones."""
    words = []
    for given, written, chance, truth in zip(
        sample["given"], sample["written"], sample["probabilities"], sample["truth"], strict=True
    ):
        if given != MASK:
            words.append(Word(given))
        elif written == truth:
            words.append(Word(written, "right", f"{chance:.0%} sure"))
        else:
            words.append(Word(written, "wrong", f"truth: {truth}"))
    return words


def continued(sample: dict[str, Any]) -> list[Word]:
    """The beginning that was given, then what the model wrote."""
    return [*(Word(word) for word in sample["given"]), *(Word(word, "new") for word in sample["written"])]


def sample_row(sample: dict[str, Any], colour: str) -> Row:
    words = filled(sample) if MASK in sample["given"] else continued(sample)
    return Row(f"after step {sample['step']:,}", words, colour)


def moments(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first sample, one halfway and the latest: enough to see it improve."""
    if len(samples) <= SHOWN:
        return samples
    return [samples[0], samples[len(samples) // 2], samples[-1]]


def show_samples(watched: Watched) -> None:
    """What this run wrote at three moments; nothing for games."""
    samples = watched.history.samples
    if not samples:
        return
    blanks = MASK in samples[0]["given"]
    st.markdown(f"**What it {'fills into blanks' if blanks else 'writes'}, early and late**")
    rows = [sample_row(one, watched.colour) for one in moments(samples)]
    show_sentences([Row(watched.name, []), *rows], key=f"samples-{watched.run.id}")
