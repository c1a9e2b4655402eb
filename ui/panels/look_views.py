"""The views of Look inside: each opens with one picture, and offers the others of its subject."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.picture import LOOKS, WRITING, Picture
from core.runs.store import Run
from ui import state
from ui.panels.look_attention import caveat, show_heads, show_word
from ui.panels.look_cells import show_cells
from ui.panels.look_examples import Looked
from ui.panels.look_frame import choice, look
from ui.panels.look_heads import show_ablation, show_kinds
from ui.panels.look_influence import look_at_influence, show_influence
from ui.panels.look_lens import show_lens
from ui.panels.look_near import show_likeness, show_neighbours, show_settling
from ui.panels.look_probes import show_probes
from ui.panels.look_saliency import show_leaks, show_saliency
from ui.panels.look_states import show_states
from ui.panels.look_through import show_flow, show_rollout
from ui.panels.look_training import show_answers, show_gradients, show_habits
from ui.panels.look_two import show_two
from ui.panels.look_writing import show_writing
from ui.words import later, tr

OF_ATTENTION = {
    "heads": later("Every head"),
    "word": later("One word, all heads"),
    "kinds": later("Kinds of heads"),
    "ablation": later("Switch heads off"),
    "rollout": later("Rollout"),
    "flow": later("Flow"),
}
OF_STATES = {
    "map": later("Map"),
    "neighbours": later("Nearest words"),
    "probes": later("Probes"),
    "lens": later("Logit lens"),
    "likeness": later("Likeness of layers"),
    "cells": later("Gates and cells"),
}
OF_INFLUENCE = {
    "influence": later("Who sees whom"),
    "leaks": later("Leak detector"),
    "saliency": later("What an answer is due to"),
}

OF_TRAINING = {
    "answers": later("What it says"),
    "habits": later("Habits of heads"),
    "settling": later("Which layers settle"),
    "gradients": later("Gradients by layer"),
}


def attention(run: Run, step: int, looked: Looked) -> None:
    """What the heads do, one by one and together."""
    if not has_attention(run):
        without_attention()
        return
    picture = choice(tr("Picture"), OF_ATTENTION, "look-attention", tr("Ways to look at the same weights."))
    if picture in ("rollout", "flow"):
        options = {"word": looked.asked[0]} if picture == "flow" and looked.asked else {}
        if seen := look(run.id, step, looked.text, picture, **options):
            (show_rollout if picture == "rollout" else show_flow)(seen, looked)
    elif picture == "ablation":
        key = f"heads off {run.id}"
        if seen := look(run.id, step, looked.text, "ablation", heads=state.recall(key, [])):
            show_ablation(seen, looked, run.experiment.model, key)
    elif seen := look(run.id, step, looked.text, "attention", **window(looked)):
        show_kinds(seen) if picture == "kinds" else (show_heads if picture == "heads" else show_word)(seen, looked)
    if picture != "ablation":
        caveat()


def window(looked: Looked) -> dict[str, int]:
    """Which part of a long sentence is shown: {} where it fits."""
    longest = LOOKS["attention"].longest
    beyond = len(looked.words) - longest
    if beyond <= 0:
        return {}
    first = st.slider(
        tr("Words shown: {some} of {all}, from word", some=longest, all=len(looked.words)),
        1,
        beyond + 1,
        key=f"look-first-{len(looked.words)}",
        help=tr("All heads read the whole sentence; the pictures show a part of it."),
    )
    return {"first": int(first) - 1} if first > 1 else {}


def states(run: Run, step: int, looked: Looked) -> None:
    """Where the layers put the words, and what can be read there."""
    pictures = {one: said for one, said in OF_STATES.items() if one != "cells" or run.experiment.model.family == "lstm"}
    picture = choice(tr("Picture"), pictures, "look-states", tr("Ways to look at the same states."))
    if picture == "lens":
        if seen := look(run.id, step, looked.text, "lens"):
            show_lens(seen, looked)
        return
    show: dict[str, Callable[[Run, int, Looked], None]] = {
        "map": show_states,
        "neighbours": show_neighbours,
        "probes": show_probes,
        "likeness": show_likeness,
        "cells": show_cells,
    }
    show[picture](run, step, looked)


def influence(run: Run, step: int, looked: Looked) -> None:
    """Which words reach which, and which an answer is due to."""
    picture = choice(tr("Picture"), OF_INFLUENCE, "look-influence", tr("Ways to measure what hangs on what."))
    if picture == "saliency":
        show_saliency(run, step, looked)
    elif seen := look_at_influence(run, step, looked):
        (show_influence if picture == "influence" else show_leaks)(seen, looked)


def training(run: Run, step: int, looked: Looked) -> None:
    """What became of the same sentence from snapshot to snapshot."""
    options = {one: said for one, said in OF_TRAINING.items() if one != "habits" or has_attention(run)}
    picture = choice(tr("Picture"), options, "look-training", tr("What is followed through training."))
    if picture == "gradients":
        show_gradients(run, step)
    elif picture == "settling":
        show_settling(run, looked)
    else:
        (show_habits if picture == "habits" else show_answers)(run, step, looked)


def writing(run: Run, step: int, looked: Looked) -> None:
    if seen := look(run.id, step, looked.text, WRITING):
        show_writing(seen)


def answers(run: Run, step: int, looked: Looked) -> Picture | None:
    """A quick look that tells what the model answers: the one that the view shows anyway, where it does."""
    if has_attention(run) and state.widget("look-view", opens_with(run)) == "attention":
        return look(run.id, step, looked.text, "attention")
    return look(run.id, step, looked.text, "lens")


def opens_with(run: Run) -> str:
    """The view that a page begins with."""
    return "attention" if has_attention(run) else "states"


def has_attention(run: Run) -> bool:
    return run.experiment.model.family == "transformer"


def without_attention() -> None:
    """What to look at in an LSTM instead."""
    st.info(
        tr(
            "An LSTM has no attention: it reads word by word and carries everything in its memory. What that memory "
            "holds is under **Hidden states**; which words have reached it, and how strongly, under **Influence**."
        ),
        icon=":material/memory:",
    )


SHOW: dict[str, Callable[[Run, int, Looked], None]] = {
    "attention": attention,
    "states": states,
    "influence": influence,
    "training": training,
    "two": show_two,
    WRITING: writing,
}
