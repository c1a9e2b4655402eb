"""Which words one answer is due to, by three methods; and the leak detector, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.matrix import Matrix, places, words_matrix
from ui.panels.look_examples import Looked
from ui.panels.look_frame import SIDES_SAID, left_out, look, show, with_tokens
from ui.panels.naming import plain

CODE = (
    "core/looking/saliency.py:saliency",
    "core/looking/saliency.py:integrated",
    "core/looking/saliency.py:_occluded",
)
CODE_OF_LEAKS = ("core/looking/influence.py:changes", "core/looking/influence.py:forbidden_moves")
METHODS = ("gradient × input", "integrated gradients", "occlusion")
BASELINES = {"average": "an average word everywhere", "blank": "a sentence of blanks", "zero": "nothing (zero)"}


def show_saliency(run: Run, step: int, looked: Looked) -> None:
    """One answer, and what each word has to do with it."""
    asked = looked.asked[0] if looked.asked else len(looked.words) - 1
    word, baseline = choices(run, looked, asked)
    options = {} if baseline == "average" else {"baseline": baseline}
    seen = look(run.id, step, looked.text, "saliency", word=word, **options)
    if seen is None:
        return
    answer = plain(str(seen.notes["answer"]))
    where = "for the whole sentence" if seen.notes["word"] is None else f"at “{plain(looked.words[word])}”"
    st.markdown(
        f"**Look for** words on which all three agree. The answer **{answer}** {where} has the score (logit) "
        f"{seen.notes['score']:.2f}; positive words speak for it, negative ones against."
    )
    show(saliency_matrix(seen), "saliency", with_tokens(seen), CODE, link="read")
    error, due = seen.notes["error"], seen.notes["score"] - seen.notes["from"]
    st.caption(
        f"Completeness of integrated gradients: they should add up to {due:.4f}, the score minus the score of "
        f"{BASELINES[baseline]}; they miss it by {error:.1e}. "
        + " ".join(f"*{name}*: {plain(said)}" for name, said in seen.notes["methods"].items())
    )
    left_out(seen)


def choices(run: Run, looked: Looked, asked: int) -> tuple[int, str]:
    """Whose answer, and what integrated gradients come from."""
    names = places(looked.words)
    left, right = st.columns(2)
    word = left.selectbox(
        "Answer at",
        range(len(names)),
        index=asked,
        format_func=lambda place: names[place],
        key=f"look-due-{len(names)}-{asked}",
        help="The word whose likeliest answer is traced back.",
    )
    known = [one for one in BASELINES if one != "blank" or run.experiment.data.is_text]
    baseline = right.selectbox(
        "Integrated gradients come from",
        known,
        format_func=BASELINES.__getitem__,
        key=f"look-baseline-{len(known)}",
        help="The sentence in which no word says anything yet.",
    )
    return int(word), str(baseline)


def saliency_matrix(seen: Picture) -> Matrix:
    """(3, T) what of the score is due to each word."""
    values = np.stack([seen.arrays[name] for name in METHODS]).astype(float)
    title = f"How much of the score of “{seen.notes['answer']}” is due to each word"
    most = float(abs(values).max()) or 1.0
    say = f"In units of the score (logits). Full colour: ±{most:.2g}."
    names = places(seen.tokens)
    return Matrix(values, METHODS, names, title, "method", "word", "", "change", most, joint="gives", say=say)


def show_leaks(seen: Picture, looked: Looked) -> None:
    """Change one word and see which states move; forbidden ones must not."""
    names = places(seen.tokens)
    moved, allowed = seen.arrays["moved"], seen.arrays["allowed"]
    st.markdown(
        "**Look for** anything in the grey half: there would be a leak. Each word is exchanged for another one in "
        "turn, the whole model runs again, and every state is compared with what it was."
    )
    changed = st.select_slider(
        "Word that is changed",
        range(len(names)),
        value=looked.cues[0] if looked.cues and looked.cues[0] < len(names) else 0,
        format_func=lambda place: names[place],
        key=f"look-changed-{len(names)}",
        help="Drag to change another word.",
    )
    st.markdown(moved_said(moved[:, changed], allowed[:, changed], names, changed))
    show(moved_matrix(seen, looked.asked), "leaks", with_tokens(seen), CODE_OF_LEAKS, link="words")
    st.caption(SIDES_SAID)
    left_out(seen)


def moved_matrix(seen: Picture, asked: Sequence[int] = ()) -> Matrix:
    """(T, S) how far the state of word t moves when word s is changed."""
    moved = seen.arrays["moved"]
    title = "Leak detector: how far each state moves when one word is changed"
    others = moved[~np.eye(len(moved), dtype=bool)]
    most = float(others.max(initial=0)) or float(moved.max()) or 1.0
    marked = [place for place in asked if place < len(moved)]
    say = f"Largest change of any number in a state. Full colour: {most:.2g} and more."
    return words_matrix(moved, seen.arrays["allowed"], seen.tokens, title, "moves by", most, marked, say)


def moved_said(
    moved: np.ndarray, allowed: np.ndarray, names: Sequence[str], changed: int, tolerance: float = 1e-6
) -> str:
    """Which states moved when one word was changed; Markdown."""
    here = np.flatnonzero(moved > tolerance)
    leaked = [names[one] for one in here if not allowed[one]]
    still = len(names) - len(here)
    said = f"Changing “{plain(names[changed])}” moved {len(here)} of {len(names)} states; {still} did not move at all."
    if leaked:
        return f"{said} :red[**A leak:**] {plain(', '.join(leaked))} must not see it."
    return f"{said} None of them is forbidden to see it."
