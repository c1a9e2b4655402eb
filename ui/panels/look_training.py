"""One sentence through all of training: what is said of it, what its heads do, and the gradient of each layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.picture import Picture
from core.runs.history import history
from core.runs.store import Run
from ui import backend
from ui.canvas.lines import show_lines
from ui.charts.heads import readable
from ui.charts.lines import CONTROL, Line, Lines, shaded
from ui.panels.look_attention import head_name
from ui.panels.look_examples import Looked
from ui.panels.look_frame import look, more
from ui.panels.naming import plain
from ui.words import later, tr

MOST_LINES = 6
MEASURES = {
    "entropy": later("Spread (of even)"),
    "distance": later("Distance (words)"),
    "left": later("Weight to the left"),
    "right": later("… right"),
}
DOWN = {
    "entropy": later("spread (of even)"),
    "distance": later("distance (words)"),
    "left": later("weight to the left"),
    "right": later("… right"),
}
HABITS = {
    "entropy": later("Spread (of even) of each head, through training"),
    "distance": later("Distance (words) of each head, through training"),
    "left": later("Weight to the left of each head, through training"),
    "right": later("Right of each head, through training"),
}
CODE_OF_ANSWERS = ("core/looking/answers.py:predictions", "core/looking/answers.py:likeliest")
CODE_OF_HEADS = ("core/looking/attention.py:attention", "core/looking/attention.py:entropies")
CODE_OF_GRADIENTS = ("core/looking/gradients.py:GradientWatch", "core/looking/gradients.py:layer_of")


def show_through(drawn: Lines, name: str, references: Sequence[str]) -> None:
    """Lines with everything that belongs to them."""
    show_lines(drawn, key=f"lines-{name}")
    arrays = {"x": drawn.x, **{one.name: one.values for one in drawn.lines}}
    more(name, drawn.header(), drawn.rows, arrays, references, lambda: drawn.table(plain))


def show_answers(run: Run, step: int, looked: Looked) -> None:
    """The probabilities of the answers, snapshot by snapshot."""
    st.markdown(tr("**Look for** the moment when one answer leaves the others behind, and for doubts before it."))
    seen = at_every_moment(run, looked, "lens")
    if seen:
        show_through(answer_lines(seen, step, looked), "answers", CODE_OF_ANSWERS)


def answer_lines(seen: dict[int, Picture], step: int, looked: Looked) -> Lines:
    """A line for each answer that is among the likeliest at some moment; those that are not told are NaN."""
    place = looked.asked[0] if looked.asked else len(looked.words) - 1
    said = [one.notes["whole"] if "whole" in one.notes else one.notes["prediction"][place] for one in seen.values()]
    best: dict[str, float] = {}
    for moment in said:
        for word, chance in moment:
            best[word] = max(best.get(word, 0.0), chance)
    names = sorted(best, key=lambda word: -best[word])[:MOST_LINES]
    values = [np.array([dict(moment).get(name, np.nan) for moment in said]) for name in names]
    truth = looked.whole or looked.truth.get(place, "")
    told = [f"{readable(name)} (the truth)" if name == truth else readable(name) for name in names]
    shown = [tr("{answer} (the truth)", answer=readable(one)) if one == truth else readable(one) for one in names]
    title = (
        tr("What the model says of the whole sentence, through training")
        if "whole" in next(iter(seen.values())).notes
        else tr("What the model says at “{word}”, through training", word=looked.words[place])
    )
    say = tr("Answers that are not among the five likeliest at a moment have no point there.")
    return moments(seen, shaded(told, values, shown), title, later("probability"), step, 0.0, 1.0, say)


def moments(
    seen: dict[int, Picture],
    lines: Sequence[Line],
    title: str,
    down: str,
    step: int,
    low: float | None,
    high: float | None,
    say: str,
) -> Lines:
    """Lines over snapshots, which stand at equal distances, because the first ones are close together in steps."""
    steps = list(seen)
    ticks = tuple(f"{one:,}" for one in steps)
    at = float(steps.index(step)) if step in steps else None
    x = np.arange(len(steps))
    return Lines(x, tuple(lines), title, later("step (snapshots)"), down, False, low, high, ticks, say, at)


def show_habits(run: Run, step: int, looked: Looked) -> None:
    """One number of every head, snapshot by snapshot."""
    measure = st.segmented_control(
        tr("Number"),
        list(MEASURES),
        format_func=lambda one: tr(MEASURES[one]),
        default="entropy",
        required=True,
        key="look-habit",
        help=tr("What is counted of each head."),
    )
    st.markdown(tr("**Look for** heads that part from the others: that is when they take on a task."))
    if seen := at_every_moment(run, looked, "attention"):
        show_through(habit_lines(seen, str(measure), step), "habits", CODE_OF_HEADS)


def habit_lines(seen: dict[int, Picture], measure: str, step: int) -> Lines:
    """A line for each head, the heads that change most first; the others are drawn quietly."""
    values = np.stack([one.arrays[measure] for one in seen.values()])  # (M, L, H)
    last = list(seen.values())[-1]
    names = [head_name(last, layer, head) for layer in range(values.shape[1]) for head in range(values.shape[2])]
    flat = values.reshape(len(values), -1).T  # (L·H, M)
    order = np.argsort(-np.ptp(flat, axis=1))
    loud = shaded([names[one] for one in order[:MOST_LINES]], [flat[one] for one in order[:MOST_LINES]])
    quiet = [Line(names[one], CONTROL, flat[one], dashed=True) for one in order[MOST_LINES : 3 * MOST_LINES]]
    rest = len(names) - len(loud) - len(quiet)
    say = tr("In colour the heads that change most.")
    if rest:
        say = f"{say} {tr('{n} that change least are left out.', n=rest)}"
    return moments(seen, [*loud, *quiet], tr(HABITS[measure]), DOWN[measure], step, 0.0, None, say)


def at_every_moment(run: Run, looked: Looked, what: str) -> dict[int, Picture]:
    """The same look at every snapshot; {} with a message where one fails."""
    found: dict[int, Picture] = {}
    for step in backend.store().snapshots(run.id):
        seen = look(run.id, step, looked.text, what)
        if seen is None:
            return {}
        found[step] = seen
    return found


def show_gradients(run: Run, step: int) -> None:
    """The gradient of each layer, as it was while the model learned."""
    st.markdown(
        tr(
            "**Look for** lines that fall away from the others: in deep or long networks the gradient of the first "
            "layers vanishes; lines that shoot up explode, and clipping holds them back (Pascanu et al. 2013)."
        )
    )
    measured = history(backend.store(), run.id).gradients
    if not measured:
        st.info(tr("This run was trained before gradients were measured by layer. Train it again to see them."))
        return
    show_through(gradient_lines(measured, step), "gradients", CODE_OF_GRADIENTS)
    clipped = [one["kept"] for one in measured if one["kept"] < 1]
    norms = tr("Norms before clipping, at {n} steps.", n=len(measured))
    shortened = (
        tr(
            "Clipping shortened the gradient at {n} of them, to {share} % at the most.",
            n=len(clipped),
            share=f"{100 * min(clipped):.0f}",
        )
        if clipped
        else tr("Clipping never had to shorten it there.")
    )
    st.caption(f"{norms} {shortened}")


def gradient_lines(measured: Sequence[dict[str, object]], step: int) -> Lines:
    """A line for each layer over the steps."""
    layers = list(measured[-1]["layers"])  # type: ignore[call-overload]
    norms = np.array([one["norms"] for one in measured], float)  # (M, L)
    steps = np.array([one["step"] for one in measured], float)
    title = tr("Length of the gradient in each layer, through training")
    say = tr("The share that clipping let through is the dashed line.")
    name, shares = later("kept by clipping (share)"), np.array([one["kept"] for one in measured], float)
    kept = Line(name, CONTROL, shares, dashed=True, said=tr(name))
    lines = (*shaded(layers, list(norms.T), [tr(one) for one in layers]), kept)
    across, down = later("step"), later("norm of the gradient (logarithmic)")
    return Lines(steps, lines, title, across, down, True, say=say, at=float(step))
