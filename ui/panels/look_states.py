"""Hidden states as a map: where each layer puts the words, in two or three directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.data.contract import IGNORE
from core.looking.pca import aligned
from core.picture import Picture
from core.runs.store import Run
from ui import backend
from ui.canvas.cloud import show_cloud
from ui.charts.cloud import REST, Cloud, Group, grouped, in_spreads, of_direction, ranked
from ui.panels.look_examples import Looked
from ui.panels.look_frame import left_out, look, more, with_tokens
from ui.words import later, tr

BY = {
    "answer": later("Answer"),
    "word": later("Word"),
    "place": later("Place"),
    "direction": later("Direction"),
    "right": later("Right or wrong"),
}
BY_SAID = {
    "answer": later("answer"),
    "word": later("word"),
    "place": later("place"),
    "direction": later("direction"),
    "right": later("right or wrong"),
}
OF = {"asked": later("Words that are asked about"), "every": later("Every word")}
DIMENSIONS = {2: later("Flat"), 3: later("In space")}
CODE = (
    "core/looking/pca.py:pca",
    "core/looking/pca.py:turn",
    "core/looking/states.py:states",
    "core/looking/hidden.py:layers_of",
    "core/models/tap.py:tapped",
)


def show_states(run: Run, step: int, looked: Looked, part: str = "") -> None:
    """One map a layer, turned as the last snapshot's: dragging through training shows true movement.

    `part` of an encoder–decoder: "encoder" or "decoder".
    """
    st.markdown(
        tr(
            "**Look for** dots of one colour that draw together, apart from the others: that layer knows the answer. "
            "Each dot is a word of a sentence that the model never trained on; crosses are the words of the sentence "
            "above. Where two directions meet, the layers stand before and after it."
        )
    )
    by, options = choices(part)
    seen = look(run.id, step, looked.text, "states", **options)
    last = seen and look(run.id, backend.store().snapshots(run.id)[-1], looked.text, "states", **options)
    if not seen or not last:
        return
    seen = aligned(seen, last)
    cloud = cloud_of(seen, looked, by)
    show_cloud(cloud, key="cloud-states")
    more("states", cloud.header(), cloud.lines, with_tokens(seen), CODE, cloud.table)
    left_out(seen)
    st.caption(
        tr(
            "A few directions of many: principal components hold as much of the spread as any so many directions can. "
            "What looks mixed here may still be apart in the others: a probe finds that."
        )
    )


def choices(part: str) -> tuple[str, dict[str, Any]]:
    """What the colour tells, and which words are drawn in how many directions."""
    colours = {"": BY, "encoder": _some("word", "place", "direction"), "decoder": _some("answer", "word", "place")}[
        part
    ]
    options: dict[str, Any] = {"part": part} if part else {}
    columns = iter(st.columns(2 if part else 3))
    with next(columns):
        by = _choose(tr("Colour by"), colours, f"look-colour{part}", tr("What the colour of a dot tells."))
    if not part:
        help = tr("Those that the model is asked about, or all words of the sentences.")
        with next(columns):
            options |= {"of": "every"} if _choose(tr("Words"), OF, "look-of", help) == "every" else {}
    help = tr("Two principal components, or three.")
    with next(columns):
        options |= {"dimensions": 3} if _choose(tr("Directions"), DIMENSIONS, "look-dimensions", help) == 3 else {}
    return str(by), options


def _some(*names: str) -> dict[str, str]:
    return {name: BY[name] for name in names}


def _choose(label: str, options: dict[Any, str], key: str, help: str) -> Any:
    return st.selectbox(
        label, list(options), format_func=lambda one: tr(options[one]), key=key, persist_state="session", help=help
    )


def cloud_of(seen: Picture, looked: Looked, by: str) -> Cloud:
    """The states of one snapshot as points, coloured by one of BY."""
    points, own = in_spreads(seen.arrays["points"], seen.arrays["own"])
    whole = seen.tokens[: len(looked.words)] == looked.words[: len(seen.tokens)]  # else they are a decoder's words
    asked, cues = (
        tuple(one for one in some if whole and one < len(seen.tokens)) for some in (looked.asked, looked.cues)
    )
    layers = tuple(seen.notes["layers"])
    sides = seen.notes.get("directions") or [layer.rsplit(" ", 1)[0] for layer in layers]
    return Cloud(
        points,
        own,
        seen.arrays["explained"],
        layers,
        groups_by(seen, by),
        tuple(seen.notes["sentences"]),
        seen.tokens,
        asked,
        cues,
        by=BY_SAID[by],
        tints=tuple(of_direction(sides)) if by == "direction" else (),
    )


def groups_by(seen: Picture, by: str) -> tuple[Group, ...]:
    """Points of one colour."""
    label = seen.arrays["label"]
    nothing = _named(later("not asked about"), REST, "ring", label == IGNORE)
    rest = (nothing,) if nothing.members.any() else ()
    if by == "word":
        names, numbers = np.unique(seen.notes["words"], return_inverse=True)
        return grouped(numbers, names.tolist(), later("other words"))
    if by == "place":
        return ranked(seen.arrays["place"] + 1, later("word {n}"))
    if by == "direction":
        return (_named(later("what this layer has read"), REST, "dot", np.ones(len(label), bool)),)
    if by == "right":
        right = np.where(label == IGNORE, IGNORE, seen.arrays["answer"] == label)
        pairs = ((0, later("wrong"), "#CC79A7", "cross"), (1, later("right"), "#44AA99", "dot"))
        found = [_named(name, colour, sign, right == one) for one, name, colour, sign in pairs]
        return (*(one for one in found if one.members.any()), *rest)
    return (*grouped(label, seen.notes["classes"], later("other answers"), without=IGNORE), *rest)


def _named(name: str, colour: str, sign: str, members: np.ndarray) -> Group:
    return Group(name, colour, sign, members, tr(name))
