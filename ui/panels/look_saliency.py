"""Which words one answer is due to, by three methods; and the leak detector, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui.charts.matrix import Matrix, places, words_matrix
from ui.panels.look_attention import GIVES
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, look, show, sides_said, with_tokens
from ui.panels.naming import plain
from ui.words import later, tr

CODE = (
    "core/looking/saliency.py:saliency",
    "core/looking/saliency.py:integrated",
    "core/looking/saliency.py:_occluded",
)
CODE_OF_LEAKS = ("core/looking/influence.py:changes", "core/looking/influence.py:forbidden_moves")
METHODS = ("gradient × input", "integrated gradients", "occlusion")
BASELINES = {
    "average": later("an average word everywhere"),
    "blank": later("a sentence of blanks"),
    "zero": later("nothing (zero)"),
}


def show_saliency(run: Run, step: int, looked: Looked) -> None:
    """One answer, and what each word has to do with it."""
    asked = looked.asked[0] if looked.asked else len(looked.words) - 1
    word, baseline = choices(run, looked, asked)
    options = {} if baseline == "average" else {"baseline": baseline}
    seen = look(run.id, step, looked.text, "saliency", word=word, **options)
    if seen is None:
        return
    answer = plain(str(seen.notes["answer"]))
    st.markdown(score_said(answer, seen, plain(looked.words[word])))
    show(saliency_matrix(seen), "saliency", with_tokens(seen), CODE, link="read")
    due = seen.notes["score"] - seen.notes["from"]
    complete = tr(
        "Completeness of integrated gradients: they should add up to {due}, the score minus the score of {baseline}; "
        "they miss it by {error}.",
        due=f"{due:.4f}",
        baseline=tr(BASELINES[baseline]),
        error=f"{seen.notes['error']:.1e}",
    )
    methods = (
        tr("{name}: {value}", name=f"*{tr(name)}*", value=plain(tr(said)))
        for name, said in seen.notes["methods"].items()
    )
    st.caption(" ".join((complete, *methods)))
    left_out(seen)


def score_said(answer: str, seen: Picture, word: str) -> str:
    """How much speaks for the answer, and what to look for; Markdown."""
    score = f"{seen.notes['score']:.2f}"
    if seen.notes["word"] is None:
        return tr(
            "**Look for** words on which all three agree. The answer **{answer}** for the whole sentence has the score "
            "(logit) {score}; positive words speak for it, negative ones against.",
            answer=answer,
            score=score,
        )
    return tr(
        "**Look for** words on which all three agree. The answer **{answer}** at “{word}” has the score (logit) "
        "{score}; positive words speak for it, negative ones against.",
        answer=answer,
        word=word,
        score=score,
    )


def choices(run: Run, looked: Looked, asked: int) -> tuple[int, str]:
    """Whose answer, and what integrated gradients come from."""
    names = places(looked.words)
    left, right = st.columns(2)
    word = left.selectbox(
        tr("Answer at"),
        range(len(names)),
        index=asked,
        format_func=lambda place: names[place],
        key=f"look-due-{len(names)}-{asked}",
        help=tr("The word whose likeliest answer is traced back."),
    )
    known = [one for one in BASELINES if one != "blank" or run.experiment.data.is_text]
    baseline = right.selectbox(
        tr("Integrated gradients come from"),
        known,
        format_func=lambda one: tr(BASELINES[one]),
        key=f"look-baseline-{len(known)}",
        help=tr("The sentence in which no word says anything yet."),
    )
    return int(word), str(baseline)


def saliency_matrix(seen: Picture) -> Matrix:
    """(3, T) what of the score is due to each word."""
    values = np.stack([seen.arrays[name] for name in METHODS]).astype(float)
    title = tr("How much of the score of “{answer}” is due to each word", answer=seen.notes["answer"])
    most = float(abs(values).max()) or 1.0
    say = tr("In units of the score (logits). Full colour: ±{most}.", most=f"{most:.2g}")
    rows, names = tuple(tr(one) for one in METHODS), places(seen.tokens)
    method, word = later("method"), later("word")
    return Matrix(values, rows, names, title, method, word, "", "change", most, joint=GIVES, say=say)


def show_leaks(seen: Picture, looked: Looked) -> None:
    """Change one word and see which states move; forbidden ones must not."""
    names = places(seen.tokens)
    moved, allowed = seen.arrays["moved"], seen.arrays["allowed"]
    st.markdown(
        tr(
            "**Look for** anything in the grey half: there would be a leak. Each word is exchanged for another one in "
            "turn, the whole model runs again, and every state is compared with what it was."
        )
    )
    changed = st.select_slider(
        tr("Word that is changed"),
        range(len(names)),
        value=looked.cues[0] if looked.cues and looked.cues[0] < len(names) else 0,
        format_func=lambda place: names[place],
        key=f"look-changed-{len(names)}",
        help=tr("Drag to change another word."),
    )
    st.markdown(moved_said(moved[:, changed], allowed[:, changed], names, changed))
    show(moved_matrix(seen, looked.asked), "leaks", with_tokens(seen), CODE_OF_LEAKS, link="words")
    st.caption(sides_said())
    left_out(seen)


def moved_matrix(seen: Picture, asked: Sequence[int] = ()) -> Matrix:
    """(T, S) how far the state of word t moves when word s is changed."""
    moved = seen.arrays["moved"]
    title = tr("Leak detector: how far each state moves when one word is changed")
    others = moved[~np.eye(len(moved), dtype=bool)]
    most = float(others.max(initial=0)) or float(moved.max()) or 1.0
    marked = [place for place in asked if place < len(moved)]
    say = tr("Largest change of any number in a state. Full colour: {most} and more.", most=f"{most:.2g}")
    return words_matrix(moved, seen.arrays["allowed"], seen.tokens, title, later("moves by"), most, marked, say)


def moved_said(
    moved: np.ndarray, allowed: np.ndarray, names: Sequence[str], changed: int, tolerance: float = 1e-6
) -> str:
    """Which states moved when one word was changed; Markdown."""
    here = np.flatnonzero(moved > tolerance)
    leaked = [names[one] for one in here if not allowed[one]]
    still = len(names) - len(here)
    said = tr(
        "Changing “{word}” moved {moved} of {all} states; {still} did not move at all.",
        word=plain(names[changed]),
        moved=len(here),
        all=len(names),
        still=still,
    )
    if leaked:
        return f"{said} {tr(':red[**A leak:**] {names} must not see it.', names=plain(tr(', ').join(leaked)))}"
    return f"{said} {tr('None of them is forbidden to see it.')}"
