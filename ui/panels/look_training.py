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

MOST_LINES = 6
MEASURES = {
    "entropy": "Spread (of even)",
    "distance": "Distance (words)",
    "left": "Weight to the left",
    "right": "… right",
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
    st.markdown("**Look for** the moment when one answer leaves the others behind, and for doubts before it.")
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
    where = "of the whole sentence" if "whole" in next(iter(seen.values())).notes else f"at “{looked.words[place]}”"
    truth = looked.whole or looked.truth.get(place, "")
    lines = shaded([f"{readable(name)} (the truth)" if name == truth else readable(name) for name in names], values)
    title = f"What the model says {where}, through training"
    say = "Answers that are not among the five likeliest at a moment have no point there."
    return moments(seen, lines, title, "probability", step, 0.0, 1.0, say)


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
    return Lines(x, tuple(lines), title, "step (snapshots)", down, False, low, high, ticks, say, at)


def show_habits(run: Run, step: int, looked: Looked) -> None:
    """One number of every head, snapshot by snapshot."""
    measure = st.segmented_control(
        "Number",
        list(MEASURES),
        format_func=MEASURES.__getitem__,
        default="entropy",
        required=True,
        key="look-habit",
        help="What is counted of each head.",
    )
    st.markdown("**Look for** heads that part from the others: that is when they take on a task.")
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
    title = f"{MEASURES[measure].strip('… ').capitalize()} of each head, through training"
    rest = len(names) - len(loud) - len(quiet)
    say = "In colour the heads that change most." + (f" {rest} that change least are left out." if rest else "")
    return moments(seen, [*loud, *quiet], title, MEASURES[measure].lower(), step, 0.0, None, say)


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
        "**Look for** lines that fall away from the others: in deep or long networks the gradient of the first layers "
        "vanishes; lines that shoot up explode, and clipping holds them back (Pascanu et al. 2013)."
    )
    measured = history(backend.store(), run.id).gradients
    if not measured:
        st.info("This run was trained before gradients were measured by layer. Train it again to see them.")
        return
    show_through(gradient_lines(measured, step), "gradients", CODE_OF_GRADIENTS)
    clipped = [one["kept"] for one in measured if one["kept"] < 1]
    st.caption(
        f"Norms before clipping, at {len(measured)} steps. "
        + (
            f"Clipping shortened the gradient at {len(clipped)} of them, to {100 * min(clipped):.0f} % at the most."
            if clipped
            else "Clipping never had to shorten it there."
        )
    )


def gradient_lines(measured: Sequence[dict[str, object]], step: int) -> Lines:
    """A line for each layer over the steps."""
    layers = list(measured[-1]["layers"])  # type: ignore[call-overload]
    norms = np.array([one["norms"] for one in measured], float)  # (M, L)
    steps = np.array([one["step"] for one in measured], float)
    title = "Length of the gradient in each layer, through training"
    say = "The share that clipping let through is the dashed line."
    kept = Line("kept by clipping (share)", CONTROL, np.array([one["kept"] for one in measured], float), dashed=True)
    lines = (*shaded(layers, list(norms.T)), kept)
    return Lines(steps, lines, title, "step", "norm of the gradient (logarithmic)", True, say=say, at=float(step))
